"""Calls of SciPy's solvers, which take a function: `brentq(lambda x: x**2 - a, 0.0, 2.0)`.

The function becomes one of its own, of what it is called with and of all that it reads, and the
call of the solver another one, which carries the rule for its derivative:

    def lambda_brentq(a, b, a_2): return brentq(lambda_of, a, b, args=(a_2,))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from srcgrad import support_solvers
from srcgrad.frontend.calls import ON_ATOMS, Kwargs, definition
from srcgrad.frontend.context import Context
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.known import items_of
from srcgrad.frontend.lifting import Lifted, lifted
from srcgrad.frontend.nested import called_name, parameters_of, written_out
from srcgrad.frontend.objects import Record, set_attribute
from srcgrad.frontend.statics import Sequence, Unknown, User, is_static, shown, static_of
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
from srcgrad.rules.registry import TABLE, BindError, bind
from srcgrad.rules.solvers import SOLVERS, Solver

_IVP = "scipy.integrate.solve_ivp"
_ODEINT = "scipy.integrate.odeint"
_QUAD = "scipy.integrate.quad"
_OTHERS = ("jac", "hess", "fprime", "fprime2")  # functions that only help to find the value


class OptimizeResult:
    """What a solver returns: an object, of which some attributes are known."""


class OdeResult:
    """The same of a differential equation."""


def _solve(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs, how: Solver) -> Op | Atom:
    """The call of a solver."""
    try:
        given = bind(TABLE[how.name], args, dict(kwargs))
    except BindError as error:
        return ctx.problem(ctx.node, str(error), "leave it out")
    fn = given.pop(how.fn)
    extra = _extra(ctx, given.pop("args", Const(())))
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        message = f"{how.name} of a function that is known at run time only"
        return ctx.problem(ctx.node, message, "write a `def`, a `lambda` or the name of a function")
    if extra is None:
        message = f"`args` of {how.name} is known at run time only"
        return ctx.problem(ctx.node, message, "write the tuple in the call")
    others = {n: given.pop(n) for n in _OTHERS if is_static(ctx, given.get(n))}
    for name, atom in given.items():
        if is_static(ctx, atom):
            message = f"`{name}` of {how.name} is a function or an object"
            return ctx.problem(ctx.node, message, "leave it out")
    reason = _refused(how, given)
    if reason:
        return ctx.problem(ctx.node, *reason)
    leading = how.leading
    if how.name == _ODEINT and given.pop("tfirst", Const(False)) == Const(False):
        leading = ("y", "t")
    names = [*leading, *_names(ctx, fn, leading, len(extra))]
    values: dict[str, Atom] = {name: Const(0.0) for name in how.leading}
    values |= dict(zip(names[len(leading) :], extra, strict=True))
    stem = called_name(static_of(ctx, fn), ctx)
    found = lifted(ctx, stem, written_out(ctx, fn), names, values, set(leading), "out")
    more = {}
    for name, other in others.items():
        assert isinstance(other, Var)
        stem = called_name(static_of(ctx, other), ctx)
        more[name] = lifted(ctx, stem, written_out(ctx, other), names, values, set(leading), "out")
    if found is None or None in more.values():
        return Const(None)
    known = {name: one for name, one in more.items() if one is not None}
    for name, one in known.items():
        if unread := sorted(set(one.captured) - set(found.captured)):
            message = (
                f"`{name}` of {how.name} reads `{shown(unread[0])}`, which the function does not"
            )
            return ctx.problem(ctx.node, message, "pass it in `args`")
    return _Call(ctx, how, fn, leading == how.leading, found, given, values, known).made()


def _refused(how: Solver, given: dict[str, Atom]) -> tuple[str, str] | None:
    """Why a call is not differentiated, and what to do."""
    if how.equation in ("minimum", "squares"):
        for name in ("bounds", "constraints", "bracket"):
            plain = given.get(name) in (None, Const(None), Const(()))
            if not plain and name != "bracket":
                message = f"`{name}` of {how.name}: the derivative of a bounded minimum"
                return message, "minimise without, by a change of variables"
    for name in (*_OTHERS, "hessp", "callback", "full_output"):
        value = given.get(name)
        plain = isinstance(value, Const) and (not value.value or type(value.value) is str)
        if value is not None and not plain:
            return f"`{name}` of {how.name} is not supported here", "leave it out"
    tfirst = given.get("tfirst", Const(False))
    if not isinstance(tfirst, Const):
        return f"`tfirst` of {how.name} is known at run time only", "write True or False"
    return None


def _names(ctx: Context, fn: Var, leading: tuple[str, ...], count: int) -> list[str]:
    """Names for the further arguments of the function: its own, where they serve."""
    known = parameters_of(ctx, static_of(ctx, fn)) or []
    own = known[len(leading) :][:count]
    if len(own) == count and not set(own) & set(leading):
        return own
    return [f"arg{k + 1}" for k in range(count)]


def _extra(ctx: Context, given: Atom) -> tuple[Atom, ...] | None:
    """The further arguments of the function; None where the text does not show them."""
    if given in (Const(()), Const(None)):
        return ()
    held = static_of(ctx, given)
    return tuple(held.items) if isinstance(held, Sequence) else items_of(ctx, given, "t")


@dataclass
class _Call:
    """The call on its way to a function that carries the rule for it."""

    ctx: Context
    how: Solver
    fn: Var  # as the call gives it
    ordered: bool  # it takes what it is called with in the order of `how.leading`
    lifted: Lifted
    given: dict[str, Atom]  # to the solver
    values: dict[str, Atom]  # to the function
    others: dict[str, Lifted]  # further functions, which are called as that one is
    helpers: dict[str, UserFunction] = field(default_factory=dict)  # made of these
    body: list[Stmt] = field(default_factory=list)
    params: dict[str, Atom] = field(default_factory=dict)  # of the new function: their values

    def made(self) -> Op | Atom:
        ctx, how = self.ctx, self.how
        if "t_span" in self.given:
            self.split("t_span", "t0", "t1")
        fn = self.function()
        own = [n for n in self.lifted.own if n not in how.leading]
        passed = [(self.lifted.names[n], self.values[n]) for n in own]
        passed += [
            (name, Var(variable))
            for name, variable in zip(self.lifted.captured_names, self.lifted.captured, strict=True)
        ]
        operands = {n: self.parameter(n, atom) for n, atom in self.given.items()}
        values = [self.parameter(n, atom) for n, atom in passed]
        args = tuple(value.name for value in values if isinstance(value, Var))
        self.helpers = {n: self.helper(other, fn) for n, other in self.others.items()}
        self.solve(fn, operands, args)
        rule = Solved(how.name, fn, operands, args)
        line = ctx.units[ctx.unit].line if ctx.unit in ctx.units else 1
        name = f"{fn.name}_{how.name.rpartition('.')[2]}"
        params = tuple(map(Param, self.params))
        known = {f.name: Global(f.name, "function", "", f) for f in (fn, *self.helpers.values())}
        known = {**ctx.globals, **known}
        whole = Function(
            name, params, tuple(self.body), {}, known, "", ctx.file.name, line, (), rule
        )
        made = ctx.env.requests.lift(whole, {*ctx.locals, *ctx.globals})
        ctx.globals[made.name] = Global(made.name, "function", "", made)
        ctx.globals[fn.name] = Global(fn.name, "function", "", fn)
        ctx.rewritten += 1
        return self.result(made, fn, tuple(self.params.values()), passed)

    def function(self) -> UserFunction:
        """The function that the solver is given: the user's own, where it reads nothing else."""
        ctx, own = self.ctx, static_of(self.ctx, self.fn)
        plain = len(self.lifted.own) == len(self.values) and not self.lifted.captured
        if isinstance(own, User) and own.name and plain and self.ordered and self.is_bare(own):
            return own.fn
        taken = {*ctx.locals, *ctx.globals, *vars(support_solvers)}
        solver = self.how.name.rpartition(".")[2]
        doc = f"What `{solver}` is given, as a function of all that it reads."
        return ctx.env.requests.lift(replace(self.lifted.fn, doc=doc), taken)

    def is_bare(self, fn: User) -> bool:
        """It has the parameters that it is called with, no other, and no rule."""
        if fn.fn.key in self.ctx.env.requests.rules:
            return False
        spec = definition(self.ctx, fn).node.args
        rest = spec.vararg, spec.kwarg, *spec.kwonlyargs, *spec.defaults
        plain = len(spec.posonlyargs) + len(spec.args) == len(self.values)
        return plain and not any(rest)

    def helper(self, other: Lifted, fn: UserFunction) -> UserFunction:
        """A further function, with the parameters of the one that the solver is given."""
        ctx, own = self.ctx, self.lifted
        inner = ctx.env.requests.lift(other.fn, {*ctx.locals, *ctx.globals, *vars(support_solvers)})
        there = dict(zip(own.captured, own.captured_names, strict=True))
        names = [*(own.names[n] for n in other.own), *(there[n] for n in other.captured)]
        call = Assign(("out@1",), inner, tuple(map(Var, names)))
        body = (call, Exit("return", Var("out@1")))
        known = {inner.name: Global(inner.name, "function", "", inner)}
        whole = Function(
            f"{fn.name}_{inner.name}", own.fn.params, body, {}, known, "", own.fn.file, own.fn.line
        )
        return ctx.env.requests.lift(whole, {*ctx.locals, *ctx.globals})

    def split(self, name: str, *parts: str) -> None:
        """A pair that is written in the call, or any other one, as two numbers."""
        ctx, pair = self.ctx, self.given.pop(name)
        items = items_of(ctx, pair, "t")
        if items is None or len(items) != len(parts):
            items = tuple(
                ctx.emit(part, "operator.getitem", (pair, Const(k))) for k, part in enumerate(parts)
            )
        self.given = dict(zip(parts, items, strict=True)) | self.given

    def parameter(self, name: str, atom: Atom) -> Atom:
        """What stands for a value in the new function; a constant is one there too."""
        if isinstance(atom, Const):
            return atom
        taken = {self.lifted.fn.name, *self.ctx.globals, *self.params}
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        self.params[candidate] = atom
        return Var(candidate)

    def solve(self, fn: UserFunction, operands: dict[str, Atom], args: tuple[str, ...]) -> None:
        """The body: the call, and the value taken from what it returns."""
        how, prim = self.how, TABLE[self.how.name]
        given = dict(operands)
        if how.name == _IVP:
            self.body.append(Assign(("span@1",), "tuple", (given.pop("t0"), given.pop("t1"))))
            given["t_span"] = Var("span@1")
        if args:
            self.body.append(Assign(("args@1",), "tuple", tuple(map(Var, args))))
            given["args"] = Var("args@1")
        if how.name == _ODEINT:
            given["tfirst"] = Const(True)
        given |= {name: Var(helper.name) for name, helper in self.helpers.items()}
        first = [n for n in prim.params if n in given and n not in prim.defaults]
        rest = tuple((n, given[n]) for n in prim.params if n in given and n in prim.defaults)
        call = (Var(fn.name), *(given[n] for n in first))
        self.body.append(Assign(("out@1",), how.name, call, rest))
        value = "out@1"
        for k, name in enumerate(("t", "y") if how.name == _IVP else (how.attribute,)):
            if name:
                value = f"value@{k + 1}"
                self.body.append(Assign((value,), f"attr.{name}", (Var("out@1"),)))
        if how.name == _QUAD:
            value = "value@1"
            self.body.append(Assign((value,), "operator.getitem", (Var("out@1"), Const(0))))
        if how.name == _IVP:
            parts = (Var("value@1"), Var("value@2"))
            self.body.append(Assign(("value@3",), "tuple", parts))
            value = "value@3"
        self.body.append(Exit("return", Var(value)))

    def result(
        self,
        made: UserFunction,
        fn: UserFunction,
        values: tuple[Atom, ...],
        passed: list[tuple[str, Atom]],
    ) -> Op | Atom:
        """The value of the call, in the form in which the library gives it."""
        ctx, how = self.ctx, self.how
        if how.name == _QUAD:
            value = ctx.emit("value", made, values)
            error = ctx.static(Unknown("the error that `quad` estimates is used as a value here"))
            return ctx.static(Sequence("tuple", [value, error], ctx.depth))
        if not how.attribute:
            return Op(made, values)
        value = ctx.emit("solved", made, values)
        if how.name == _IVP:
            found, whole = Record(OdeResult, made=True), value
            value = ctx.emit("solved", "operator.getitem", (whole, Const(1)))
            times = self.given.get("t_eval", Const(None))
            if times == Const(None):
                times = ctx.emit("t", "operator.getitem", (whole, Const(0)))
            set_attribute(ctx, found, "t", ctx.emit("t", "numpy.asarray", (times,)))
        else:
            found = Record(OptimizeResult, made=True)
        set_attribute(ctx, found, how.attribute, value)
        if how.name != _IVP and how.attribute != "root":
            at = Var(found.attrs[how.attribute])
            fun = ctx.emit("fun", fn, (at, *(atom for _, atom in passed)))
            set_attribute(ctx, found, "fun", fun)
        return ctx.static(found)


def _handler(how: Solver) -> Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]:
    return lambda ctx, args, kwargs: _solve(ctx, args, kwargs, how)


ON_ATOMS.update({name: _handler(how) for name, how in SOLVERS.items()})
