"""The adjoint of one operation: structural ones here, library functions by the formulas of their
rules."""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad import support
from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.broadcasting import fills, reads_shape, unbroadcast, with_leading
from srcgrad.ad.builder import Builder
from srcgrad.ad.choose import REAL_ONLY, Chosen, choose, squared_call
from srcgrad.ad.context import Context
from srcgrad.ad.formulas import inline, is_pass_through, lazy_body
from srcgrad.ad.leaves import OWN, Leaf, Tree, bar
from srcgrad.ad.lists import list_for_zeros
from srcgrad.ad.masks import Masks
from srcgrad.ad.numbers import fitting, part_kind
from srcgrad.ad.operands import Operands
from srcgrad.ad.steps import Step
from srcgrad.ad.unique import changed_sites, is_unique
from srcgrad.analysis.complexes import Numbers
from srcgrad.analysis.indexing import selection
from srcgrad.ir.classes import replace
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import Primitive

ACCUMULATE = canonical_name(support.accumulate)


class PrimitiveAdjoints:
    """Adds the contributions of one statement to the adjoints of its operands."""

    def __init__(
        self, context: Context, build: Builder, adjoints: Adjoints, operands: Operands
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.operands = operands
        self.masks = Masks(context, build, operands)
        self.changed = changed_sites(context.aliases)

    def kind(self, stmt: Assign, atom: Atom) -> Kind:
        return self.context.kinds.before(stmt, atom)

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str], step: Step) -> None:
        """Adjoint of a statement with one target, whose adjoint is `tree`."""
        fn = stmt.fn
        assert isinstance(fn, str)
        if fn in ("copy", OWN):
            self.give(stmt, stmt.args[0], varied, tree)
        elif fn in ("tuple", "list"):
            for key, atom in enumerate(stmt.args):
                self.component(stmt, atom, varied, self.adjoints.held(stmt.target), key)
        elif fn == "dict":
            for key_atom, atom in zip(stmt.args[::2], stmt.args[1::2], strict=True):
                if isinstance(key_atom, Const):
                    part = self.adjoints.held(stmt.target)
                    self.component(stmt, atom, varied, part, key_atom.value)
                else:
                    self.context.refuse(
                        stmt, "a dict display with a computed key", "use a literal key"
                    )
        elif fn == "operator.getitem":
            self.getitem(stmt)
        elif fn.startswith("attr.") and self.field_key(stmt) is not None:
            base, kind = stmt.args[0], self.kind(stmt, stmt.args[0])
            assert isinstance(base, Var)
            field = self.field_key(stmt)
            self.adjoints.add((base.name, field), kind.item(field), tree)
        else:
            self.primitive(stmt, tree, varied, step)

    def field_key(self, stmt: Assign) -> object:
        """Key of the field that an attribute of a named tuple or dataclass reads."""
        return self.kind(stmt, stmt.args[0]).field_key(str(stmt.fn)[5:])

    def give(self, stmt: Assign, atom: Atom, varied: frozenset[str], tree: Tree) -> None:
        if isinstance(atom, Var) and atom.name in varied:
            self.adjoints.add((atom.name,), self.kind(stmt, atom), tree)

    def component(
        self, stmt: Assign, atom: Atom, varied: frozenset[str], tree: Tree, key: object
    ) -> None:
        if not isinstance(atom, Var) or atom.name not in varied:
            return
        kind = self.kind(stmt, atom)
        if isinstance(tree, dict):
            part = tree.get(key)
        else:
            made = part_kind(self.build, kind, tree.atom)
            part = Leaf(self.build.emit("operator.getitem", (tree.atom, Const(key)), kind=made))
            if kind.tag == "list" and stmt.target in self.adjoints.hollow:
                part = list_for_zeros(self.build, part, kind)
        if part is not None:
            self.adjoints.add((atom.name,), kind, part)

    def unpack(self, stmt: Assign, trees: dict[str, Tree]) -> None:
        """`a, b = t`: each target is an item of a container, or a row of an array."""
        (source,) = stmt.args
        assert isinstance(source, Var)
        kind = self.kind(stmt, source)
        for position, name in enumerate(stmt.targets):
            if name in trees:
                self.select(stmt, source, kind, Const(position), Var(name))

    def after(self, stmt: Assign, name: str) -> Kind:
        return self.context.kinds.after(stmt, name)

    def getitem(self, stmt: Assign) -> None:
        base, index = stmt.args
        assert isinstance(base, Var)
        if self.kind(stmt, index).items == ():  # `x[()]`: all of it
            self.adjoints.add((base.name,), self.kind(stmt, base), self.adjoints.held(stmt.target))
            return
        place = self.operands.expand(index)
        self.select(stmt, base, self.kind(stmt, base), place, Var(stmt.target), index)

    def select(
        self,
        stmt: Assign,
        base: Var,
        kind: Kind,
        place: Atom,
        target_value: Var,
        index: Atom | None = None,
    ) -> None:
        """Adjoint of reading `base[place]`: added at that place of the base's adjoint."""
        if kind.is_container and kind.items is not None and base.name not in self.adjoints.dynamic:
            assert isinstance(place, Const)
            key = place.value
            if isinstance(key, int) and key < 0:
                key += len(kind.items)
            part = self.adjoints.held(target_value.name)
            self.adjoints.add((base.name, key), kind.item(key), part)
            return
        if kind.is_container and index is not None and self.kind(stmt, index).tag == "slice":
            self.context.refuse(
                stmt, f"a slice of the {kind.tag} `{base.name.split('@')[0]}`", "read its items"
            )
            return
        is_new = not self.adjoints.present(base.name)
        how = selection(
            kind, self.kind(stmt, index) if index is not None else Kind("scalar", "pi", ())
        )
        if how == "mask" and index is not None and base.name in self.masks.single:
            self.masks.take(base.name, index)
        leaf = self.adjoints.memory(base.name, kind, base)
        tree = self.adjoints.held(target_value.name)
        value = self.adjoints.filled(tree, self.after(stmt, target_value.name), target_value)
        if kind.is_container:
            self.build.note_item(bar((base.name,)), self.after(stmt, target_value.name))
        else:
            value = replace(value, atom=fitting(self.build, kind, leaf.atom, value.atom))
        target = Var(bar((base.name,)))
        unique = how == "repeats" and index is not None and self.is_unique(index)
        loose = not kind.is_array and not self.adjoints.is_numeric(value.atom)
        loose |= kind.is_container and self.build.numbers(value.atom) is Numbers.COMPLEX
        if kind.is_container and not self.after(stmt, target_value.name).is_scalar:
            loose = True  # an item that is an array may be known by other names: it is replaced
        if loose or how == "unknown" or how == "repeats" and not unique:
            fn = "numpy.add.at" if how == "repeats" and kind.is_array else ACCUMULATE
            self.build.forget({target.name})
            self.build.code.append(
                Assign((), fn, (leaf.atom, place, value.atom), unit=self.build.unit)
            )
            return
        self.build.store(
            target.name, place, value.atom, "set" if is_new and kind.is_array else "add"
        )

    def is_unique(self, index: Atom) -> bool:
        """True if an index names no element twice."""
        return is_unique(index, self.made_once, self.kind)

    def made_once(self, name: str) -> Assign | None:
        """The statement that made what a name stands for, if nothing has changed it since."""
        made = self.operands.single(name)
        if made is None or made.fn in ("tuple", "copy"):
            return made
        site = self.context.aliases.made.get(made)
        return made if site is not None and site.number not in self.changed else None

    # library functions
    def primitive(self, stmt: Assign, tree: Tree, varied: frozenset[str], step: Step) -> None:
        found = squared_call(stmt, self.context.kinds)
        chosen = choose(*found, stmt, self.context.complexes) if found is not None else Chosen(None)
        formulas = chosen.formulas
        if found is None or formulas is None:
            self.refuse_call(stmt, chosen.refused)
            return
        prim, call = found
        call = replace(call, checked=chosen.checked) if chosen.checked else call
        if call.checked:
            self.check_unread(call, formulas)
        self.refuse_missing(stmt, prim, call, formulas, varied)
        wanted = [
            (param, formulas[param])
            for param, atom in call.args.items()
            if param in formulas and isinstance(atom, Var) and atom.name in varied
        ]
        reads_form = not isinstance(tree, Leaf) or tree.lazy  # of the result, for what is missing
        self.refuse_lists(stmt, prim, call)
        result = self.result_operand(stmt, prim, call, wanted, step, reads_form)
        leaf = self.adjoints.filled(tree, self.after(stmt, stmt.target), result)
        flows = sum(is_pass_through(formula) for _, formula in wanted)
        given = Leaf(leaf.atom, leaf.owned and flows == 1, leaf.lazy)
        values = []
        # what is shared must not be in a variable that the first contribution changes
        self.build.unshare(bar((a.name,)) for p, _ in wanted if isinstance(a := call.args[p], Var))
        for param, formula in wanted:
            atom = call.args[param]
            values.append((atom, self.operand(stmt, prim, call, atom, formula, given, result)))
        values = [
            (atom, self.masks.masked(stmt, prim, formulas[param], atom, value))
            for (param, _), (atom, value) in zip(wanted, values, strict=True)
        ]
        self.masks.note(stmt, call)
        for atom, value in values:  # all are computed before the first adjoint changes
            assert isinstance(atom, Var)
            now = self.adjoints.held(stmt.target)
            if value.atom == given.atom and isinstance(now, Leaf):
                value = Leaf(now.atom, value.owned, value.lazy)
            self.adjoints.add((atom.name,), self.kind(stmt, atom), value)

    def refuse_missing(
        self,
        stmt: Assign,
        prim: Primitive,
        call: Call,
        formulas: Mapping[str, Formula],
        varied: frozenset[str],
    ) -> None:
        for param, atom in call.args.items():
            known = param in formulas or param in prim.silent
            if isinstance(atom, Var) and atom.name in varied and not known:
                name = shown_name(stmt)
                message = f"the argument `{param}` of {name} is differentiated, and has no rule"
                remedy = "pass it a value that no differentiated argument reaches"
                self.context.refuse(stmt, message, remedy)

    def refuse_lists(self, stmt: Assign, prim: Primitive, call: Call) -> None:
        """A formula of numbers means another thing for a list: `2 * xs` is twice as long."""
        for name in call.args if prim.elementwise else ():
            if self.kind(stmt, call.args[name]).is_container:
                message = f"{shown_name(stmt)} of a {self.kind(stmt, call.args[name]).tag}"
                self.context.refuse(stmt, message, "make it an array first: `np.array(...)`")

    def result_operand(
        self,
        stmt: Assign,
        prim: Primitive,
        call: Call,
        wanted: list[tuple[str, Formula]],
        step: Step,
        lazy: bool,
    ) -> Atom:
        """The result as formulas (and the shape of a lazy adjoint) read it.

        It is kept apart where the target is an operand as well.
        """
        target = Var(stmt.target)
        reads = frozenset().union(*(formula.reads for _, formula in wanted))
        if "y" not in reads and not lazy:
            return target
        if self.operands.is_made_of_kept(stmt):
            return self.operands.expand(target)
        step.reads_result = True
        whole = self.after(stmt, stmt.target)
        given = [call.args[p] for p, _ in wanted] if prim.elementwise else []
        summed = [a for a in given if a == target and reads_shape(self.kind(stmt, a), whole)]
        names = {a.name for p, a in call.args.items() if p in reads and isinstance(a, Var)}
        if not summed and not any(stmt.target in self.operands.names_under(n) for n in names):
            return target
        step.reads_old = True
        kept = self.build.fresh()
        self.build.kinds[kept] = whole
        step.keep.append(Assign((kept,), "copy", (target,), unit=self.build.unit))
        return Var(kept)

    def operand(
        self,
        stmt: Assign,
        prim: Primitive,
        call: Call,
        atom: Atom,
        formula: Formula,
        leaf: Leaf,
        result: Atom,
    ) -> Leaf:
        """The contribution to one operand, in the operand's shape."""
        assert isinstance(atom, Var)
        kind = self.kind(stmt, atom)
        if not prim.elementwise:
            return self.inlined(call, formula, self.adjoints.expand(leaf, result), result, kind)
        whole = self.after(stmt, stmt.target)
        value = self.inlined(call, formula, leaf, result, kind, False)
        if leaf.lazy:
            made = self.build.kind(value.atom)
            if made.is_array and fills(made, whole):
                value = Leaf(value.atom, value.owned)
            elif made.is_scalar:
                value = Leaf(value.atom, lazy=True)
            else:
                wide = self.adjoints.expand(leaf, result)
                value = self.inlined(call, formula, wide, result, kind, False)
        if value.lazy and not fills(kind, whole):
            value = self.adjoints.expand(value, result)
        return self.narrowed(atom, value, whole, kind)

    def narrowed(self, atom: Var, leaf: Leaf, whole: Kind, kind: Kind) -> Leaf:
        """An elementwise contribution with broadcasting undone."""
        if leaf.lazy:
            return leaf
        summed = unbroadcast(self.build, leaf.atom, whole, atom, kind)
        owned = leaf.owned or self.build.is_fresh(leaf.atom) or self.build.is_fresh(summed)
        return leaf if summed == leaf.atom else Leaf(summed, owned)

    def contribute(self, atom: Atom, leaf: Leaf, whole: Kind) -> None:
        """Add the adjoint of a stored place to that of the value stored."""
        assert isinstance(atom, Var)
        kind = self.build.primal_kind(atom.name)
        if not leaf.lazy and kind.rank and whole.shape is not None and kind.rank > len(whole.shape):
            value, whole = with_leading(self.build, leaf.atom, whole, kind.rank)
            leaf = Leaf(value, leaf.owned)
        self.adjoints.add((atom.name,), kind, self.narrowed(atom, leaf, whole, kind))

    def inlined(
        self, call: Call, formula: Formula, leaf: Leaf, result: Atom, kind: Kind, own: bool = True
    ) -> Leaf:
        """The formula's value for this call, as an adjoint; if `own`, of the operand's shape."""
        values: dict[str, Atom] = {"d": leaf.atom, "g": leaf.atom, "y": result}
        for name, default in call.defaults.items():
            if name in formula.reads and name not in call.args:
                values[name] = Const(default)
        for name, atom in call.args.items():
            if name.split("[")[0] in formula.reads or name in formula.reads:
                values[name] = self.checked(call, name, self.operands.expand(atom))
        lazy = lazy_body(formula, values)
        if lazy is not None and kind.is_scalar:
            formula, lazy = lazy, None
        if lazy is not None and kind.is_array:
            atom = inline(lazy, values, self.build)
            made = self.build.kind(atom)
            if made.is_scalar or made.is_array and made.shape is not None:
                return Leaf(atom, lazy=True)
        atom = inline(formula, values, self.build)
        if isinstance(atom, Var) and atom.name in self.build.defs:
            made = self.build.kinds[atom.name]
            if made.tag == "unknown" and own and not kind.is_container and not leaf.lazy:
                self.build.kinds[atom.name] = part_kind(self.build, kind, atom)
        owned = leaf.owned if atom == leaf.atom else self.build.is_fresh(atom)
        return Leaf(atom, owned and not leaf.lazy, leaf.lazy and atom == leaf.atom)

    def checked(self, call: Call, name: str, value: Atom) -> Atom:
        """An operand as a formula reads it: the run may have to find it real."""
        if name not in call.checked:
            return value
        return self.build.emit(REAL_ONLY, (value,), kind=call.kind(name))

    def check_unread(self, call: Call, formulas: Mapping[str, Formula]) -> None:
        """Check the operands that no formula reads, on which they depend all the same."""
        read = frozenset().union(*(formula.reads for formula in formulas.values()))
        for name in sorted(call.checked - read):
            value = self.operands.expand(call.args[name])
            self.build.code.append(Assign((), REAL_ONLY, (value,), unit=self.build.unit))

    def refuse_call(self, stmt: Assign, complex_operands: bool = False) -> None:
        known = self.context.kinds.problems.get(stmt)
        name = shown_name(stmt)
        if complex_operands:
            message = f"{name} of complex numbers is not differentiated yet"
            known = (message, "compute with real and imaginary parts")
        remedy = "rewrite it with supported functions, or keep differentiated values out of it"
        known = known or (f"{name} has no derivative rule for this call", remedy)
        self.context.refuse(stmt, *known)


def shown_name(stmt: Assign) -> str:
    """A callee as the user knows it."""
    fn = stmt.fn if isinstance(stmt.fn, str) else stmt.fn.name
    if fn == "with.enter":
        return "what this context manager gives"
    if fn == "call":
        callee = stmt.args[0]
        return f"`{callee.name}`" if isinstance(callee, Var) else "the called value"
    for prefix in ("method.", "attr."):
        if fn.startswith(prefix):
            return f"`.{fn.removeprefix(prefix)}`"
    return f"`{fn}`"
