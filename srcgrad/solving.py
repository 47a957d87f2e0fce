"""Derivatives of calls of solvers, from the equation that their value satisfies.

x = brentq(f, a, b, args=(p,))      # f(x, p) == 0
p_bar, = scalar_root_adjoint(x_bar, x, f, f_weighted_grad, (p,))

`f_weighted(w, x, p)` is `w` times `f(x, p)`, so its gradient by what varies is any product with
Jacobians of `f`. Forward mode takes the tangent function `f_jvp`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

from srcgrad import support, support_solvers
from srcgrad.errors import Problem
from srcgrad.frontend.requests import Nested, Requests
from srcgrad.ir.core import (
    Assign,
    Atom,
    Const,
    Exit,
    Function,
    Global,
    Param,
    Solved,
    Stmt,
    UserFunction,
    Var,
)
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.solvers import NUMBER, SOLVERS, Solver

CHECKED = canonical_name(support.cotangent)
OWN = canonical_name(support.own)
_IVP = "scipy.integrate.solve_ivp"
_VECTOR = Kind("array", "f8", (Dim("unknowns"),))


@dataclass
class Code:
    """Statements being made, and the functions that they name."""

    stmts: list[Stmt] = field(default_factory=list)
    globals: dict[str, Global] = field(default_factory=dict)

    def emit(self, stem: str, fn: Any, *args: Atom) -> Var:
        name = f"{stem}@b{len(self.stmts)}"
        self.stmts.append(Assign((name,), self.named(fn), args))
        return Var(name)

    def named(self, fn: Any) -> Any:
        """A callee; a function of the program has to be known under its name."""
        if isinstance(fn, UserFunction):
            self.globals[fn.name] = Global(fn.name, "function", "", fn)
        return canonical_name(fn) if callable(fn) else fn

    def function(self, fn: UserFunction) -> Var:
        """A function as an operand."""
        return Var(self.named(fn).name)

    def tuple(self, items: Any) -> Var:
        return self.emit("items", "tuple", *items)

    def item(self, whole: Atom, k: int, stem: str = "item") -> Var:
        return self.emit(stem, "operator.getitem", whole, Const(k))


@dataclass
class Solving:
    """Writes the derivatives of one function that is a call of a solver, `fn`.

    `requests` and `kinds` are those of the program, to which functions are added. `active`:
    parameters of `fn` that are differentiated. `given`: the function that the solver is given.
    """

    fn: Function
    active: tuple[str, ...]
    given: Function
    requests: Requests
    kinds: MutableMapping[str, Mapping[str, Kind]]
    taken: frozenset[str]
    known: Mapping[str, Kind] = field(default_factory=dict)  # kinds of the parameters
    code: Code = field(default_factory=Code)

    @property
    def rule(self) -> Solved:
        assert isinstance(self.fn.rule, Solved)
        return self.fn.rule

    @property
    def how(self) -> Solver:
        return SOLVERS[self.rule.name]

    @property
    def varying(self) -> list[str]:
        """Arguments of the given function that are differentiated, by the names in `fn`."""
        return [name for name in self.rule.args if name in self.active]

    def problems(self) -> list[Problem]:
        """Arguments of the solver itself that have no derivative."""
        fine = {*self.how.inputs, *self.how.start}
        named = {a.name: n for n, a in self.rule.operands.items() if isinstance(a, Var)}
        bad = [named[p] for p in self.active if p in named and named[p] not in fine]
        remedy = "pass it a value that no differentiated argument reaches"
        message = "the argument `{}` of {} is differentiated, and has no rule"
        where = self.fn.file, self.fn.line, 0
        return [Problem(*where, message.format(n, self.how.name), remedy) for n in bad]

    # --- functions made of the given one

    def lift(self, name: str, params: tuple[Param, ...], code: Code, value: Atom) -> UserFunction:
        body = (*code.stmts, Exit("return", value))
        known = {**self.given.globals, **code.globals}
        call = ", ".join(p.name for p in self.given.params)
        doc = f"`{name}`, made of `{self.given.name}({call})`."
        fn = replace(self.given, name=name, params=params, body=body, globals=known, units={})
        return self.requests.lift(replace(fn, doc=doc), self.taken)

    def inner(self, fn: UserFunction) -> Function:
        return self.requests.lifted.get(fn.key, self.given)

    def derivative(self, fn: UserFunction, mode: Any, wrt: tuple[str, ...], one: bool) -> Any:
        """A derivative of a lifted function."""
        of = self.inner(fn)
        made = self.requests.add(Nested(of, mode, wrt, one, False), self.taken)
        value = NUMBER if self.how.scalar else _VECTOR
        known = [NUMBER, value] if self.how.equation == "rates" else [value]
        if len(of.params) > len(self.given.params):
            known.insert(0, value)  # weights
        kinds: dict[str, Kind] = {}
        if self.how.name not in ("scipy.optimize.newton", "scipy.optimize.fixed_point"):
            kinds = {p.name: kind for p, kind in zip(of.params, known, strict=False)}
        for name, param in zip(
            self.rule.args, self.given.params[len(self.how.leading) :], strict=True
        ):
            kind = self.known.get(name, UNKNOWN)
            if kind.is_scalar or kind.is_array:
                kinds[param.name] = replace(kind, value=None)
        self.kinds[made.key] = kinds
        return made

    def residual(self) -> UserFunction:
        """The function that is zero at the value."""
        given, params = self.rule.fn, self.given.params
        if self.how.equation in ("zero", "rates"):
            return given
        code = Code()
        names = tuple(Var(p.name) for p in params)
        if self.how.equation == "fixed":
            value = code.emit("r", "operator.sub", code.emit("v", given, *names), names[0])
            return self.lift(f"{given.name}_residual", params, code, value)
        least = given
        if self.how.equation == "squares":
            inner = Code()
            value = inner.emit("v", "numpy.asarray", inner.emit("v", given, *names))
            total = inner.emit("s", "numpy.sum", inner.emit("q", "operator.mul", value, value))
            least = self.lift(f"{given.name}_squares", params, inner, total)
        slope = self.derivative(least, "grad", (params[0].name,), True)
        return self.lift(f"{given.name}_slope", params, code, code.emit("r", slope, *names))

    def weighted(self, fn: UserFunction) -> UserFunction:
        """The sum of a function's values, times weights that come first."""
        params, code = self.given.params, Code()
        w, number = "w", 1
        while w in {p.name for p in params} | set(self.given.globals):
            number += 1
            w = f"w_{number}"
        value: Var = code.emit("v", fn, *(Var(p.name) for p in params))
        if not self.how.scalar:
            value = code.emit("v", "numpy.asarray", value)
        value = code.emit("p", "operator.mul", Var(w), value)
        if not self.how.scalar:
            value = code.emit("s", "numpy.sum", value)
        return self.lift(f"{fn.name}_weighted", (Param(w), *params), code, value)

    def wrt(self, along: bool) -> tuple[str, ...]:
        """Parameters of the given function: its last leading one, and the arguments that vary."""
        count = len(self.how.leading)
        names = [p.name for p in self.given.params]
        rest = [names[count + k] for k, n in enumerate(self.rule.args) if n in self.active]
        return (names[count - 1], *rest) if along else tuple(rest)

    # --- reverse mode

    def pair(self, names: tuple[str, str], seed: str) -> tuple[Function, Function]:
        """The functions of the two names: the value and what it leaves, and the cotangents."""
        params = tuple(p.name for p in self.fn.params)
        values = tuple(map(Var, params))
        *body, last = self.fn.body
        assert isinstance(last, Exit) and last.value is not None
        kept = Assign(("kept@b",), "tuple", (last.value, *values))
        both = Assign(("result@b",), "tuple", (last.value, Var("kept@b")))
        call = f"`{self.how.name.rpartition('.')[2]}` of `{self.given.name}`"
        whole = replace(self.fn, units={}, rule=None)
        first = replace(
            whole,
            name=names[0],
            body=(*body, kept, both, Exit("return", Var("result@b"))),
            doc=f"Value of {call}, and what its backward half needs.",
        )
        code = self.code
        code.stmts.append(Assign(("out%value", *params), "copy", (Var("residuals%"),)))
        found = self.cotangents(Var(seed), Var("out%value"))
        pairs = [(found[name], Var(name)) for name in self.active if name in found]
        bars = [code.emit(x.name, CHECKED, bar, x) for bar, x in pairs]
        result = bars[0] if len(bars) == 1 else code.tuple(bars)
        shown = ", ".join(self.active)
        return first, replace(
            whole,
            name=names[1],
            params=(Param("residuals%"), Param(seed)),
            body=(*code.stmts, Exit("return", result)),
            globals={**whole.globals, **code.globals},
            doc=f"Cotangents of {shown} in {call}, from that of its value.",
        )

    def cotangents(self, g: Var, y: Var) -> dict[str, Atom]:
        """The cotangent of each parameter that is differentiated."""
        code, rule = self.code, self.rule
        found: dict[str, Atom] = {}
        args = [Var(n) for n in rule.args]
        inputs = {a.name: n for n, a in rule.operands.items() if isinstance(a, Var)}
        for name in self.active:
            if inputs.get(name) in self.how.start:
                found[name] = code.emit(name, "operator.mul", Var(name), Const(0.0))
        ways = {"rates": self.rates_adjoint, "integral": self.integral_adjoint}
        return found | ways.get(self.how.equation, self.root_adjoint)(g, y, args)

    def root_adjoint(self, g: Var, y: Var, args: list[Var]) -> dict[str, Atom]:
        if not self.varying:
            return {}
        code, residual = self.code, self.residual()
        slopes = self.derivative(self.weighted(residual), "grad", self.wrt(True), False)
        helper = "scalar_root_adjoint" if self.how.scalar else "root_adjoint"
        called = getattr(support_solvers, helper)
        bars = code.emit(
            "bars", called, g, y, code.function(residual), code.function(slopes), *args
        )
        return {name: code.item(bars, k, name) for k, name in enumerate(self.varying)}

    def integral_adjoint(self, g: Var, y: Var, args: list[Var]) -> dict[str, Atom]:
        code, ends = self.code, self.rule.operands
        found: dict[str, Atom] = {}
        for end, sign in (("a", "operator.neg"), ("b", "operator.pos")):
            atom = ends[end]
            if isinstance(atom, Var) and atom.name in self.active:
                there = code.emit("there", self.rule.fn, atom, *args)
                bar = code.emit("bar", "operator.mul", g, there)
                found[atom.name] = code.emit("bar", sign, bar)
        points = ends.get("points", Const(None))
        for name, param in zip(self.varying, self.wrt(False), strict=True):
            slope = self.derivative(self.rule.fn, "grad", (param,), True)
            found[name] = code.emit(
                "bar",
                support_solvers.quad_adjoint,
                *(g, Var(name), ends["a"], ends["b"], points, code.function(slope), *args),
            )
        return found

    def rates_adjoint(self, g: Var, y: Var, args: list[Var]) -> dict[str, Atom]:
        code, given = self.code, self.rule.operands
        slopes = self.derivative(self.weighted(self.rule.fn), "grad", self.wrt(True), False)
        rates = code.function(self.rule.fn), code.function(slopes), *args
        called: Any = support_solvers.odeint_adjoint
        first, operands = ["y0", "t"], [given["t"], given["y0"]] if "t" in given else []
        if self.how.name == _IVP:
            called, first = support_solvers.ivp_adjoint, ["y0", "t0", "t1", "t_eval"]
            operands = [given["t0"], given["y0"], given.get("t_eval", Const(None))]
            operands.append(given.get("method", Const("RK45")))
        bars = code.emit("bars", called, g, y, *operands, *rates)
        order = [*(getattr(given.get(n), "name", None) for n in first), *self.varying]
        return {
            name: code.item(bars, k, name)
            for k, name in enumerate(order)
            if name is not None and name in self.active
        }

    # --- forward mode

    def tangent(self, name: str, params: tuple[Param, ...], dots: Mapping[str, str]) -> Function:
        """The function of value and tangent. `dots`: names of the tangents, by parameter."""
        *body, last = self.fn.body
        assert isinstance(last, Exit) and last.value is not None
        code, y = self.code, last.value
        ways = {"rates": self.rates_tangent, "integral": self.integral_tangent}
        y_dot = ways.get(self.how.equation, self.root_tangent)(y, dots)
        result = code.tuple([y, y_dot])
        return replace(
            self.fn,
            name=name,
            params=params,
            body=(*body, *code.stmts, Exit("return", result)),
            globals={**self.fn.globals, **code.globals},
            rule=None,
            units={},
        )

    def passed(self, dots: Mapping[str, str]) -> list[Atom]:
        """How many arguments the given function has, these, and tangents."""
        args = self.rule.args
        return [Const(len(args)), *map(Var, args), *(Var(dots[n]) for n in self.varying)]

    def root_tangent(self, y: Atom, dots: Mapping[str, str]) -> Atom:
        code = self.code
        if not self.varying:
            return code.emit("still", "operator.mul", y, Const(0.0))
        residual = self.residual()
        pushed = [
            self.derivative(residual, "jvp", wrt, False)
            for wrt in (self.wrt(True)[:1], self.wrt(False))
        ]
        helper = "scalar_root_tangent" if self.how.scalar else "root_tangent"
        functions = map(code.function, (residual, *pushed))
        called = getattr(support_solvers, helper)
        return code.emit("moved", called, y, *functions, *self.passed(dots))

    def integral_tangent(self, y: Atom, dots: Mapping[str, str]) -> Atom:
        code, ends = self.code, self.rule.operands
        found: Atom = Const(0.0)
        values = tuple(map(Var, self.rule.args))
        for end, op in (("a", "operator.sub"), ("b", "operator.add")):
            atom = ends[end]
            if isinstance(atom, Var) and atom.name in self.active:
                there = code.emit("there", self.rule.fn, atom, *values)
                part = code.emit("part", "operator.mul", there, Var(dots[atom.name]))
                found = code.emit("part", op, found, part)
        if self.varying:
            push = self.derivative(self.rule.fn, "jvp", self.wrt(False), False)
            given = ends["a"], ends["b"], ends.get("points", Const(None)), code.function(push)
            _, *rest = self.passed(dots)
            part = code.emit("part", support_solvers.quad_tangent, *given, *rest)
            found = code.emit("part", "operator.add", found, part)
        return found

    def rates_tangent(self, y: Atom, dots: Mapping[str, str]) -> Atom:
        code, given = self.code, self.rule.operands
        push = self.derivative(self.rule.fn, "jvp", self.wrt(True), False)

        def dot(name: str) -> Atom:
            atom = given.get(name)
            known = isinstance(atom, Var) and atom.name in dots
            return Var(dots[atom.name]) if known and isinstance(atom, Var) else Const(None)

        rates = code.function(self.rule.fn), code.function(push), *self.passed(dots)
        if self.how.name == _IVP:
            ends = given["t0"], given["t1"], given["y0"], given.get("t_eval", Const(None))
            more = *ends, given.get("method", Const("RK45")), *map(dot, ("t0", "t1", "y0"))
            return code.emit("moved", support_solvers.ivp_tangent, y, *more, dot("t_eval"), *rates)
        more = given["t"], given["y0"], dot("t"), dot("y0")
        return code.emit("moved", support_solvers.odeint_tangent, y, *more, *rates)
