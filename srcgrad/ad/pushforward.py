"""The tangent of one operation, from the tangents of its operands.

    y = f(x, z)                 y_dot = x_dot * df/dx + z_dot * df/dz

Elementwise rules serve as they are, in either mode. Other functions are declared linear, or have
formulas of their own; what has only a pullback is transposed, see `transpose.py`.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from srcgrad.ad.builder import Builder
from srcgrad.ad.choose import REAL_ONLY, choose
from srcgrad.ad.context import Context
from srcgrad.ad.formulas import inline
from srcgrad.ad.leaves import ADD
from srcgrad.ad.operands import Operands
from srcgrad.ad.primitives import shown_name
from srcgrad.ad.tangents import RESULT, Tangents
from srcgrad.ad.transpose import Transpose
from srcgrad.analysis.complexes import GIVES_REALS, Numbers, of_kind
from srcgrad.analysis.flow import UNIONS, known_call
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.quote import Formula
from srcgrad.rules.registry import Primitive
from srcgrad.rules.statistics import WITHOUT_NAN
from srcgrad.rules.tangents import Tangent, tangent_for

# In formulas of functions that are not analytic: the tangent of a complex operand is another one.
CONJUGATING = frozenset({"conj", "conjugate", "real", "imag", "abs", "sign", "angle"})
Formulas = Mapping[str, Formula]


@dataclass(frozen=True, slots=True)
class Site:
    """A call of a primitive, with what is declared of it."""

    stmt: Assign
    prim: Primitive
    call: Call
    declared: Tangent
    formulas: Formulas


class Pushforward:
    """Writes tangents of library functions and operators."""

    def __init__(
        self,
        context: Context,
        build: Builder,
        operands: Operands,
        tangents: Tangents,
        transpose: Transpose,
    ) -> None:
        self.context = context
        self.build = build
        self.operands = operands
        self.tangents = tangents
        self.transpose = transpose

    def primitive(self, stmt: Assign) -> Atom | None:
        """The tangent of the result; None if there is no rule, which is noted."""
        found = known_call(stmt, self.context.kinds)
        if found is None:
            self.refuse(stmt)
            return None
        prim, call = found
        if stmt.fn in UNIONS and any(self.tangents.has(stmt, atom) for atom in stmt.args):
            self.refuse(stmt)  # perhaps of dicts, whose items carry tangents
            return None
        numbers = {p: self.tangents.numbers(stmt, atom) for p, atom in call.args.items()}
        is_complex = Numbers.COMPLEX in numbers.values()
        declared = tangent_for(prim.name, call, is_complex) or Tangent("formulas")
        chosen = choose(prim, call, stmt, self.context.complexes)
        if chosen.formulas is None:
            self.refuse(stmt, chosen.refused)
            return None
        self.refuse_lists(stmt, prim, call)
        active = [p for p, atom in call.args.items() if self.tangents.has(stmt, atom)]
        active = self.counted(stmt, prim, chosen.formulas, active)
        if not active:
            return self.tangents.zero(Var(RESULT), call.result)
        checked = chosen.checked
        if declared.real:
            checked |= {p for p, told in numbers.items() if told is Numbers.UNTOLD}
        call = replace(call, checked=checked)
        self.check_unread(call, chosen.formulas)
        site = Site(stmt, prim, call, declared, chosen.formulas)
        if prim.elementwise and not declared.params and not self.conjugates(site):
            return self.elementwise(site, active)
        return self.terms(site, active)

    def terms(self, site: Site, active: list[str]) -> Atom | None:
        """The sum of what the operands give, each in the way declared for it."""
        declared = site.declared
        together = declared.params if declared.how == "linear" else frozenset()
        joint = [p for p in active if p in together]
        terms = [self.applied(site, set(together))] if joint else []
        for param in active:
            if param in together:
                continue
            term = self.single(site, param)
            if term is None:
                self.refuse_forward(site.stmt)
                return None
            terms.append(term)
        return self.total(terms, site.call.result)

    def single(self, site: Site, param: str) -> Atom | None:
        """What one operand gives to the tangent of the result."""
        declared = site.declared
        if param in declared.formulas:
            return self.term(site, param, declared.formulas[param])
        if param in declared.params and declared.how == "multilinear":
            return self.applied(site, {param})
        if param in declared.params and declared.how == "weighted":
            return self.weighed(site, param)
        return self.transpose.term(site, param, self)

    def weighed(self, site: Site, param: str) -> Atom:
        """The sum of the tangents of elements, each times what the pullback of 1 gives it."""
        call, formula = site.call, site.formulas[param]
        one: Atom = Const(1.0)
        values = self.values(call, formula, one)
        if not call.result.is_scalar:
            one = self.build.emit("numpy.ones_like", (Var(RESULT),), kind=call.result)
            values["g"] = values["d"] = one
        weights = inline(formula, values, self.build)
        given = self.tangents.of(site.stmt, call.args[param])
        kind = self.tangents.kind_like(call.kind(param))
        if site.prim.name in WITHOUT_NAN:  # there, the tangent may be no number
            left_out = self.build.emit("numpy.isnan", (self.operands.expand(call.args[param]),))
            given = self.build.emit("numpy.where", (left_out, Const(0.0), given), kind=kind)
        product = self.build.emit("operator.mul", (given, weights), kind=kind)
        kwargs = self.reduced(site)
        like = self.tangents.kind_like(call.result)
        value = self.build.emit("numpy.sum", (product,), kwargs, kind=like)
        if self.tangents.numbers(site.stmt, call.args[param]) is Numbers.COMPLEX:
            gives_real = site.prim.name in GIVES_REALS or of_kind(call.result) is Numbers.REAL
            value = self.build.emit("numpy.real", (value,), kind=like) if gives_real else value
        return value

    def reduced(self, site: Site) -> list[tuple[str, Atom]]:
        """Which axes a reduction sums over, and whether it keeps them."""
        call, axes = site.call, site.declared.axes
        kwargs = [
            (name, self.operands.expand(call.args[name]))
            for name in ("axis", "keepdims")
            if call.given(name) and call.args[name] not in (Const(None), Const(False))
        ]
        default = call.defaults.get("axis")
        if axes is not None:
            both = self.build.emit("tuple", [Const(axis) for axis in axes])
            kwargs.insert(0, ("axis", both))
        elif not call.given("axis") and default is not None:
            kwargs.insert(0, ("axis", Const(default)))
        return kwargs

    def counted(
        self, stmt: Assign, prim: Primitive, formulas: Collection[str], active: list[str]
    ) -> list[str]:
        """Operands with a formula; others that are differentiated are refused."""
        for param in active:
            if param not in formulas and param not in prim.silent and not prim.is_zero:
                message = f"the argument `{param}` of {shown_name(stmt)} is differentiated, and "
                remedy = "pass it a value that no differentiated argument reaches"
                self.context.refuse(stmt, message + "has no rule", remedy)
        return [param for param in active if param in formulas]

    def refuse_lists(self, stmt: Assign, prim: Primitive, call: Call) -> None:
        """A formula of numbers means another thing for a list: `2 * xs` is twice as long."""
        for name in call.args if prim.elementwise else ():
            tag = self.context.kinds.before(stmt, call.args[name]).tag
            if tag in ("list", "tuple", "dict"):
                message = f"{shown_name(stmt)} of a {tag}"
                self.context.refuse(stmt, message, "make it an array first: `np.array(...)`")

    def conjugates(self, site: Site) -> bool:
        """True for functions of complex numbers that are not analytic."""
        found = [self.tangents.numbers(site.stmt, atom) for atom in site.call.args.values()]
        if max(found, default=Numbers.REAL) is not Numbers.COMPLEX:
            return False
        return any(_named(formula) & CONJUGATING for formula in site.formulas.values())

    # forms
    def elementwise(self, site: Site, active: list[str]) -> Atom:
        terms = []
        read: set[str] = set()
        for param in active:
            formula = site.formulas[param]
            read |= formula.reads | {param}
            terms.append(self.term(site, param, formula))
        value = self.total(terms, site.call.result)
        return value if self.spans(site.call, read) else self.filled(value, site.call.result)

    def term(self, site: Site, param: str, formula: Formula) -> Atom:
        """What one operand gives to the tangent of the result."""
        given = self.tangents.of(site.stmt, site.call.args[param])
        return inline(formula, self.values(site.call, formula, given), self.build)

    def values(self, call: Call, formula: Formula, given: Atom) -> dict[str, Atom]:
        """What the names of a formula stand for in this call."""
        self.build.kinds[RESULT] = call.result
        values: dict[str, Atom] = {"d": given, "g": given, "y": Var(RESULT)}
        for name, default in call.defaults.items():
            if name in formula.reads and name not in call.args:
                values[name] = Const(default)
        for name, atom in call.args.items():
            if name.split("[")[0] in formula.reads or name in formula.reads:
                values[name] = self.checked(call, name, self.operands.expand(atom))
        return values

    def checked(self, call: Call, name: str, value: Atom) -> Atom:
        """An operand as a formula reads it: the run may have to find it real."""
        if name not in call.checked:
            return value
        return self.build.emit(REAL_ONLY, (value,), kind=call.kind(name))

    def check_unread(self, call: Call, formulas: Formulas) -> None:
        """Check the operands that no formula reads, on which they depend all the same."""
        read = frozenset().union(*(formula.reads for formula in formulas.values()))
        for name in sorted(call.checked - read):
            value = self.operands.expand(call.args[name])
            self.build.code.append(Assign((), REAL_ONLY, (value,), unit=self.build.unit))

    def spans(self, call: Call, read: set[str]) -> bool:
        """True if a value made of these operands has the shape of the result."""
        if "y" in read:
            return True
        return all(p in read or call.kind(p).is_scalar for p in call.args)

    def filled(self, value: Atom, kind: Kind) -> Atom:
        self.build.kinds[RESULT] = kind
        return self.tangents.full(value, kind, Var(RESULT))

    def total(self, terms: list[Atom], kind: Kind) -> Atom:
        """The sum of terms of the tangent of a value of this kind; of tuples, item by item."""
        value = terms[0]
        for term in terms[1:]:
            if term == value and not kind.is_container:  # of `x * x`
                value = self.build.emit("operator.mul", (Const(2), value))
                continue
            value = self.build.emit(ADD if kind.is_container else "operator.add", (value, term))
        return value

    # declared tangents
    def applied(self, site: Site, params: set[str]) -> Atom:
        """The function itself, with tangents for some of its arguments."""
        stmt, prim, call, declared = site.stmt, site.prim, site.call, site.declared
        new: dict[str, Atom] = {}
        for param, atom in call.args.items():
            if param in params:
                new[param] = self.tangents.of(stmt, atom)
            elif param in declared.dropped and not self.tangents.has(stmt, atom):
                new[param] = Const(0)
            else:
                new[param] = self.operands.expand(atom)
        args = tuple(new[name] for name, _ in zip(positional(prim), stmt.args, strict=False))
        named = [(key, prim.also.get(key, key)) for key, _ in stmt.kwargs]
        kwargs = tuple(
            (key, new[p]) for key, p in named if new[p] != Const(0) or p not in declared.dropped
        )
        kind = self.tangents.kind_like(call.result)
        assert isinstance(stmt.fn, str)
        return self.build.emit(stmt.fn, args, kwargs, kind=kind)

    # refusals
    def refuse(self, stmt: Assign, complex_operands: bool = False) -> None:
        known = self.context.kinds.problems.get(stmt)
        name = shown_name(stmt)
        if complex_operands:
            message = f"{name} of complex numbers is not differentiated yet"
            known = (message, "compute with real and imaginary parts")
        if known is None:
            message = f"{name} has no derivative rule for this call"
            remedy = "rewrite it with supported functions, or keep differentiated values out of it"
            known = (message, remedy)
        self.context.refuse(stmt, *known)

    def refuse_forward(self, stmt: Assign) -> None:
        """There is a rule for reverse mode, of which no tangent can be made."""
        message = f"{shown_name(stmt)} has no rule for forward mode in this call"
        self.context.refuse(stmt, message, "use reverse mode: `grad`, `vjp`")


def positional(prim: Primitive) -> Iterator[str]:
    """Names that arguments without a keyword are bound to, in order."""
    for name in prim.params:
        if name.startswith("*"):
            yield from (f"{name[1:]}[{i}]" for i in itertools.count())
        if name not in prim.keyword_only:
            yield name


def _named(formula: Formula) -> set[str]:
    """Attributes and names in a formula."""
    nodes = list(ast.walk(formula.body))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return found | {node.id for node in nodes if isinstance(node, ast.Name)}
