"""Tangents of structural statements: displays, items, stores, lists; the rest goes to the rules."""

from __future__ import annotations

from srcgrad import support_tangents
from srcgrad.ad.builder import Builder
from srcgrad.ad.choose import REAL_ONLY
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import OWN
from srcgrad.ad.operands import Operands
from srcgrad.ad.presence import base_of
from srcgrad.ad.pushforward import Pushforward
from srcgrad.ad.tangents import Tangents, dot
from srcgrad.analysis.complexes import Numbers
from srcgrad.ir.core import Assign, Atom, Const, Store, Var
from srcgrad.ir.walk import is_list_step
from srcgrad.rules.naming import canonical_name

WITH_ITEM = canonical_name(support_tangents.with_item)
SEQUENCES = ("list", "tuple")


class TangentSteps:
    """Writes the tangent of one simple statement."""

    def __init__(
        self,
        context: Context,
        build: Builder,
        operands: Operands,
        tangents: Tangents,
        push: Pushforward,
    ) -> None:
        self.context = context
        self.build = build
        self.operands = operands
        self.tangents = tangents
        self.push = push

    def tangent(self, stmt: Assign | Store) -> None:
        if isinstance(stmt, Store):
            self.store(stmt)
        elif is_list_step(stmt):
            self.build.stem = "item%dot"
            self.list_step(stmt)
        elif len(stmt.targets) > 1:
            self.unpack(stmt)
        elif stmt.targets:
            self.build.stem = dot(stmt.target.split("@")[0])
            value = self.value(stmt)
            if value is not None:
                self.tangents.bind_result(stmt, value)

    def check_flat(self, stmt: Assign) -> None:
        """Nothing flows through the sign of a number, if that is real."""
        operand = stmt.args[0]
        if not isinstance(operand, Var) or operand.name not in self.tangents.present:
            return
        numbers = self.context.complexes.before(stmt, operand)
        if numbers is Numbers.COMPLEX:
            self.push.refuse(stmt, complex_operands=True)
        elif numbers is Numbers.UNTOLD:
            self.build.code.append(Assign((), REAL_ONLY, (operand,), unit=self.build.unit))

    def value(self, stmt: Assign) -> Atom | None:
        """The tangent of the result of an operation."""
        fn = stmt.fn
        assert isinstance(fn, str)
        kind = self.tangents.kind_like(self.context.kinds.after(stmt, stmt.target))
        if fn in ("copy", OWN):
            given = self.tangents.of(stmt, stmt.args[0])
            return given if fn == "copy" else self.build.emit(fn, (given,), kind=kind)
        if fn in SEQUENCES:
            items = [self.tangents.of(stmt, atom) for atom in stmt.args]
            return self.build.emit(fn, items, kind=kind)
        if fn == "dict":
            args: list[Atom] = []
            for key, atom in zip(stmt.args[::2], stmt.args[1::2], strict=True):
                args += [self.operands.expand(key), self.tangents.of(stmt, atom)]
            return self.build.emit(fn, args, kind=kind)
        if fn == "operator.getitem" or fn.startswith("attr.") and self.is_field(stmt):
            base = self.tangents.of(stmt, stmt.args[0])
            rest = [self.operands.expand(atom) for atom in stmt.args[1:]]
            held = self.context.kinds.before(stmt, stmt.args[0])
            if fn != "operator.getitem" and held.tag == "tuple":  # by place: it may be a plain one
                fn, rest = "operator.getitem", [Const(held.field_key(fn[5:]))]
            return self.build.emit(fn, (base, *rest), kind=kind)
        if fn in ("operator.add", "operator.mul") and self.is_sequence(stmt):
            return self.sequence(stmt)
        return self.push.primitive(stmt)

    def is_field(self, stmt: Assign) -> bool:
        """True for an attribute that is a field of a named tuple or dataclass."""
        kind = self.context.kinds.before(stmt, stmt.args[0])
        return kind.field_key(str(stmt.fn)[5:]) is not None

    def is_sequence(self, stmt: Assign) -> bool:
        kinds = [self.context.kinds.before(stmt, atom).tag for atom in stmt.args]
        return any(tag in SEQUENCES for tag in kinds)

    def sequence(self, stmt: Assign) -> Atom | None:
        """`xs + ys`, `xs * n`: the same of the tangents."""
        kinds = [self.context.kinds.before(stmt, atom) for atom in stmt.args]
        if stmt.fn == "operator.add" and kinds[0].tag != kinds[1].tag:
            message = "a list or tuple is added to what may be one, or an array"
            self.context.refuse(stmt, message, "make it an array first: `np.array(...)`")
            return None
        args = [
            self.tangents.of(stmt, atom) if kind.tag in SEQUENCES else self.operands.expand(atom)
            for atom, kind in zip(stmt.args, kinds, strict=True)
        ]
        assert isinstance(stmt.fn, str)
        return self.build.emit(
            stmt.fn,
            args,
            kind=self.tangents.kind_like(next(k for k in kinds if k.tag in SEQUENCES)),
        )

    def unpack(self, stmt: Assign) -> None:
        """`a, b = t`"""
        (source,) = stmt.args
        given = self.tangents.of(stmt, source)
        targets = tuple(dot(name) for name in stmt.targets)
        for name in stmt.targets:
            kind = self.context.kinds.after(stmt, name)
            self.build.forget({dot(name)})
            self.build.kinds[dot(name)] = self.tangents.kind_like(kind)
        self.build.code.append(Assign(targets, stmt.fn, (given,), unit=self.build.unit))

    # memory
    def store(self, stmt: Store) -> None:
        """`y[i] = e`, `y[i] += e`"""
        name = stmt.base.name
        self.build.stem = dot(name.split("@")[0])
        if name not in self.tangents.present:
            self.tangents.start(name, self.context.kinds.before(stmt, stmt.base))
        index = self.operands.expand(stmt.index, {name} | self.context.rewritten)
        if stmt.op != "set" and not self.tangents.has(stmt, stmt.value):
            return
        base = self.context.kinds.before(stmt, stmt.base)
        value: Atom = Const(0.0)
        if base.is_container or self.tangents.has(stmt, stmt.value):
            value = self.tangents.of(stmt, stmt.value)
        self.tangents.known(name, base)
        if base.tag == "tuple":  # its items are in step again
            given = (Var(dot(name)), index, value)
            self.tangents.bind(name, self.build.emit(WITH_ITEM, given, kind=base), base)
            return
        self.build.store(dot(name), index, value, stmt.op)

    # lists
    def list_step(self, stmt: Assign) -> None:
        """`xs.append(v)`, `v = xs.pop()` and the like: the same of the tangents."""
        base = base_of(stmt)
        kind = self.context.kinds.before(stmt, base)
        if kind.tag not in ("list", "unknown", "dict"):
            name = str(stmt.fn).rpartition(".")[2]
            self.context.refuse(stmt, f"`.{name}` of a {kind.tag}", "use a list")
            return
        if base.name not in self.tangents.present:
            self.tangents.start(base.name, kind)
        given: list[Atom] = [self.tangents.known(base.name, kind)]
        rest = list(stmt.args[1:])
        if stmt.fn in ("method.append", "method.extend", "method.insert"):
            *rest, value = rest
            given += [self.operands.expand(atom) for atom in rest]
            given.append(self.tangents.of(stmt, value))
        else:
            given += [self.operands.expand(atom) for atom in rest]
        targets = tuple(dot(name) for name in stmt.targets)
        for target, name in zip(targets, stmt.targets, strict=True):
            self.build.kinds[target] = self.tangents.kind_like(self.context.kinds.after(stmt, name))
        self.build.escape(given)
        self.build.forget({*targets, dot(base.name)})
        self.build.code.append(Assign(targets, stmt.fn, tuple(given), unit=self.build.unit))
