"""Derivatives of loops that converge, at their limit: `x = g(x, a)`.

Its tangent is the limit of `x_dot = g'(x) x_dot + g'(a) a_dot`, and the cotangent of `a` is that of
one step with the limit of `x_bar = seed + g'(x)^T x_bar`. Both converge as the loop itself does.
Reference: Christianson, Reverse accumulation and attractive fixed points, Optimization Methods and
Software 3, 1994.

def f_limit_backward(residuals, x_seed):
    x_bar = x_seed
    for k in converging(range(100000)):
        x_bar_next = x_seed + f_step_backward(step_residuals, x_bar)
        done = settled(k, x_bar_next, x_bar)
        x_bar = x_bar_next
        if done:
            break
    after, step_residuals = f_step_forward_2(x, a)
    a_bar = f_step_backward_2(step_residuals, x_bar)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad import support, support_limits
from srcgrad.ad.context import Pair
from srcgrad.ad.forward import Jvp
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    Function,
    If,
    Limit,
    Param,
    Stmt,
    Var,
)
from srcgrad.rules.limits import TOL
from srcgrad.rules.naming import canonical_name

CHECK = canonical_name(support_limits.check_limit)
SETTLED = canonical_name(support_limits.settled)
ZEROS = canonical_name(support.zeros_like)
ATTRACTIVE = canonical_name(support_limits.check_attractive)
CHANGED = canonical_name(support_limits.changed)
SOME_KEPT = canonical_name(support_limits.some_kept)
PROBE = canonical_name(support_limits.probe)
UNKNOWNS = canonical_name(support_limits.unknowns)
FREE_PART = canonical_name(support_limits.free_part)
UNCHANGED = canonical_name(support_limits.unchanged_part)
KEPT = "step@residuals"
MOST = 100_000  # steps, as `settled` has it


def step_call(fn: Function) -> tuple[Function, Assign]:
    """The function of a loop with one more step after it, and that step."""
    rule = rule_of(fn)
    args = tuple(map(Var, (*rule.carried, *rule.reads)))
    call = Assign(("after@c",), rule.step, args)
    place = next(k for k, s in enumerate(fn.body) if is_loop(s)) + 1
    return replace(fn, body=(*fn.body[:place], call, *fn.body[place:])), call


def rule_of(fn: Function) -> Limit:
    assert isinstance(fn.rule, Limit)
    return fn.rule


def is_loop(stmt: Stmt) -> bool:
    return getattr(stmt, "converges", None) is not None


def moving(fn: Function) -> frozenset[str]:
    """Parameters of the step through which it goes on, and that have a derivative."""
    rule = rule_of(fn)
    return frozenset(rule.carried) - rule.exact


def reading(fn: Function, active: Iterable[str]) -> frozenset[str]:
    """Parameters of the step that stay the same and are differentiated."""
    return frozenset(rule_of(fn).reads) & frozenset(active)


@dataclass(frozen=True, slots=True)
class StepPairs:
    """The halves of a step: by what it goes on with, and by what it reads, if that varies.

    `again`: they undo what they store, so each can run only once.
    """

    along: Pair
    across: Pair | None
    again: bool


@dataclass(slots=True)
class LimitWriter:
    """Writes the derivatives of one function that is a loop, `fn`, by its parameters `active`."""

    fn: Function
    active: tuple[str, ...]

    @property
    def rule(self) -> Limit:
        return rule_of(self.fn)

    @property
    def flows(self) -> list[str]:
        """Values of a step that have a derivative."""
        return [n for n in self.rule.gives if n not in self.rule.exact]

    @property
    def moving(self) -> list[str]:
        """Those that the next step takes."""
        return [n for n in self.flows if n in self.rule.carried]

    @property
    def still(self) -> list[str]:
        """Parameters that the limit does not depend on: values before the loop, tolerances."""
        return [n for n in self.active if n not in self.rule.reads]

    # --- both modes

    def starts(self) -> Block:
        """Values before the loop, kept."""
        names = dict.fromkeys([*self.moving, *self.still])
        return tuple(Assign((f"{n}%start",), "copy", (Var(n),)) for n in names)

    def frees(self) -> Block:
        """Where the loop has changed them."""
        return tuple(
            Assign((f"{n}%free",), CHANGED, (Var(n), Var(f"{n}%start"))) for n in self.moving
        )

    def primal(self) -> tuple[Block, Block]:
        """The loop and what is before it; and what gives its values."""
        body = self.fn.body
        place = next(k for k, s in enumerate(body) if is_loop(s)) + 1
        return body[:place], body[place:]

    def check(self, given: Atom) -> Block:
        """Warns where a step from the limit gives other values: `given`."""
        values, code = self.together(self.rule.gives, "")
        where = (Const(self.rule.shown), Const(self.rule.tol))
        return (*code, Assign((), CHECK, (*where, given, values)))

    def together(
        self, names: Iterable[str], suffix: str, always: bool = False
    ) -> tuple[Atom, Block]:
        """A variable, or a tuple of several; a tuple `always`, if that is asked for."""
        found = tuple(Var(f"{name}{suffix}") for name in names)
        if len(found) == 1 and not always:
            return found[0], ()
        whole = f"all{suffix}@b"
        return Var(whole), (Assign((whole,), "tuple", found),)

    def next(self, name: str, suffix: str) -> str:
        """The variable that takes the value that a step gives."""
        return f"{name}{suffix}%next" if name in self.moving else f"{name}{suffix}"

    def parted(self, whole: Var, suffix: str) -> Block:
        """What a step gives for each variable, under names of their own."""
        names = self.rule.gives
        if len(names) == 1:
            return (Assign((self.next(names[0], suffix),), "copy", (whole,)),)
        return tuple(
            Assign(
                (self.next(name, suffix),), "operator.getitem", (whole, Const(names.index(name)))
            )
            for name in self.flows
        )

    def iterated(self, suffix: str, step: Block) -> Stmt:
        """The loop over steps that give new values of variables with a suffix."""
        new, code = self.together(self.moving, f"{suffix}%next")
        old, more = self.together(self.moving, suffix)
        test = Assign(("done@c",), SETTLED, (Var("k@c"), new, old))
        moved = tuple(
            Assign((f"{n}{suffix}",), "copy", (Var(self.next(n, suffix)),)) for n in self.moving
        )
        leave = If(Var("done@c"), (Exit("break"),), ())
        body = (*step, *code, *more, test, *moved, leave)
        return For("k@c", Const(0), Const(MOST), Const(1), body, converges=TOL)

    def plain(self) -> Function:
        return replace(self.fn, rule=None)

    @property
    def call(self) -> str:
        return f"`{self.fn.name}({', '.join(p.name.split('@')[0] for p in self.fn.params)})`"

    # --- reverse mode

    def pair(
        self, names: tuple[str, str], seed: str, pairs: StepPairs
    ) -> tuple[Function, Function]:
        """The two halves."""
        return self.forward(names[0], pairs), self.backward(names[1], seed, pairs)

    def residuals(self, pairs: StepPairs) -> list[str]:
        values = [*self.rule.carried, *self.rule.reads]
        kept = [] if pairs.again else [KEPT]
        kept += values if pairs.again or pairs.across else self.moving
        kept += [f"{name}%free" for name in self.moving]
        return [*kept, *(f"{name}%start" for name in self.still)]

    def step(self, pair: Pair) -> Assign:
        args = tuple(map(Var, (*self.rule.carried, *self.rule.reads)))
        return Assign(("after@c", KEPT), pair.forward, args)

    def forward(self, name: str, pairs: StepPairs) -> Function:
        loop, last = self.primal()
        *values, end = last
        assert isinstance(end, Exit) and end.value is not None
        kept = tuple(map(Var, self.residuals(pairs)))
        both = (end.value, Var("kept@b"))
        body = (
            *self.starts(),
            *loop,
            *self.frees(),
            self.step(pairs.along),
            *self.check(Var("after@c")),
            *values,
            Assign(("kept@b",), "tuple", kept),
            Assign(("result@b",), "tuple", both),
            Exit("return", Var("result@b")),
        )
        doc = f"Value of {self.call}, and what its backward half needs."
        return replace(self.plain(), name=name, body=body, doc=doc)

    def backward(self, name: str, seed: str, pairs: StepPairs) -> Function:
        kept = tuple(self.residuals(pairs))
        unpack = Assign(kept, "copy", (Var("residuals%"),))
        if len(kept) == 1:
            unpack = Assign(kept, "operator.getitem", (Var("residuals%"), Const(0)))
        targets = tuple(f"{n}%step" for n in pairs.along.active)
        step = list(self.pulled(pairs.along, targets, pairs.again))
        for n in self.moving:
            free = Assign((f"{n}%part",), FREE_PART, (Var(f"{n}%free"), Var(f"{n}%step")))
            both = Var(f"{n}%seed"), Var(f"{n}%part")
            step += [free, Assign((self.next(n, "%bar"),), "operator.add", both)]
        unknown = self.unknowns(pairs, targets)
        body = [unpack, *unknown, *self.seeded(seed), self.iterated("%bar", tuple(step))]
        if pairs.across is not None:
            targets = tuple(f"{n}%bar" for n in pairs.across.active)
            body += self.pulled(pairs.across, targets, True)
        shown = ", ".join(self.active)
        doc = f"Cotangents of {shown} at the limit of {self.call}, from that of its result."
        params = (Param("residuals%"), Param(seed))
        whole = (*body, *self.given())
        return replace(self.plain(), name=name, params=params, body=whole, doc=doc, units={})

    def unknowns(self, pairs: StepPairs, targets: tuple[str, ...]) -> Block:
        """What the loop leaves as it is, such as values at a boundary, is no unknown if each step
        does so. That is seen where its cotangent comes back as it is."""
        frees, free = self.together(self.moving, "%free", always=True)
        likes, like = self.together(self.moving, "", always=True)
        steps, step = self.together(self.moving, "%step", always=True)
        names = tuple(f"{n}%free" for n in self.moving)
        probes = tuple(
            Assign((f"{n}%probe",), PROBE, (Var(f"{n}%free"), Var(n))) for n in self.moving
        )
        found = Assign(("found@c",), UNKNOWNS, (frees, likes, steps))
        taken = tuple(
            Assign((name,), "operator.getitem", (Var("found@c"), Const(k)))
            for k, name in enumerate(names)
        )
        pulled = self.pulled(pairs.along, targets, pairs.again, "%probe")
        test = Assign(("some@c",), SOME_KEPT, tuple(map(Var, names)))
        body = (*probes, *pulled, *free, *like, *step, found, *taken)
        return (test, If(Var("some@c"), body, ()))

    def pulled(
        self, pair: Pair, targets: tuple[str, ...], records: bool, suffix: str = "%bar"
    ) -> Block:
        """The cotangents of parameters of a step, from those of the values that it gives."""
        rule = self.rule
        known = self.flows if suffix == "%bar" else self.moving
        seeds = tuple(Var(f"{n}{suffix}") if n in known else Const(0.0) for n in rule.gives)
        code: list[Stmt] = [self.step(pair)] if records else []
        given: Atom = seeds[0]
        if len(seeds) > 1:
            given = Var("seeds@b")
            code.append(Assign(("seeds@b",), "list", seeds))
        return (*code, Assign(targets, pair.backward, (Var(KEPT), given)))

    def seeded(self, seed: str) -> list[Stmt]:
        """The cotangents of the values that the loop ends with: those of its results."""
        code: list[Stmt] = []
        results = self.rule.results
        for name in self.flows:
            target = (f"{name}%seed",)
            if name not in results:
                code.append(Assign(target, "copy", (Const(0.0),)))
            elif len(results) == 1:
                code.append(Assign(target, "copy", (Var(seed),)))
            else:
                place = Const(results.index(name))
                code.append(Assign(target, "operator.getitem", (Var(seed), place)))
            code.append(Assign((f"{name}%bar",), "copy", (Var(target[0]),)))
        return code

    def given(self) -> list[Stmt]:
        """The cotangents of the parameters, returned."""
        code: list[Stmt] = []
        for n in self.still:
            start = Var(f"{n}%start")
            made = Assign((f"{n}%before",), ZEROS, (start,))
            if n in self.moving:
                part = (start, Var(f"{n}%free"), Var(f"{n}%step"))
                made = Assign((f"{n}%before",), UNCHANGED, part)
            code.append(made)
        found = tuple(Var(f"{n}%before" if n in self.still else f"{n}%bar") for n in self.active)
        if len(found) == 1:
            return [*code, Exit("return", found[0])]
        return [*code, Assign(("result@b",), "tuple", found), Exit("return", Var("result@b"))]

    # --- forward mode

    def check_beside(self) -> Block:
        """Warns where the limit is not told by its equation; reverse mode does not settle there."""
        carried, rule = self.rule.carried, self.rule
        parts: dict[str, list[Atom]] = {
            "values": [Var(n) for n in carried],
            "free": [Const(False) if n in rule.exact else Var(f"{n}%free") for n in carried],
            "places": [Const(rule.gives.index(n)) for n in carried],
            "reads": [Var(n) for n in rule.reads],
        }
        code = [Assign((f"{name}@b",), "tuple", tuple(found)) for name, found in parts.items()]
        packed = [Var(f"{name}@b") for name in parts]
        given: tuple[Atom, ...] = (Const(rule.shown), Var(rule.step.name), *packed)
        return (*code, Assign((), ATTRACTIVE, given))

    def tangent(
        self, name: str, params: tuple[Param, ...], dots: Mapping[str, str], jvp: Jvp
    ) -> Function:
        """The function of value and tangent. `dots`: names of the tangents, by parameter."""
        loop, last = self.primal()
        *values, end = last
        assert isinstance(end, Exit) and end.value is not None
        start = [Assign((f"{n}%dot",), ZEROS, (Var(n),)) for n in self.flows]
        for n in set(self.moving) & dots.keys():
            part = Assign((f"{n}%dot",), UNCHANGED, (Var(n), Const(False), Var(dots[n])))
            start = [part if made.target == part.target else made for made in start]

        given = (Var(dots[p]) if p in self.rule.reads else Var(f"{p}%dot") for p in jvp.active)
        args = (*map(Var, (*self.rule.carried, *self.rule.reads)), *given)
        call = Assign(("after@c", "step%dot"), jvp.fn, args)
        step = (call, *self.parted(Var("step%dot"), "%dot"))
        parts = tuple(Var(f"{n}%dot") if n in self.flows else Const(0.0) for n in self.rule.results)
        tangent, code = parts[0], list[Stmt]()
        if len(parts) > 1:
            tangent = Var("out%dot")
            code.append(Assign(("out%dot",), "tuple", parts))
        body = (
            *self.starts(),
            *loop,
            *self.frees(),
            *start,
            self.iterated("%dot", step),
            *self.check(Var("after@c")),
            *self.check_beside(),
            *values,
            *code,
            Assign(("both@b",), "tuple", (end.value, tangent)),
            Exit("return", Var("both@b")),
        )
        return replace(self.plain(), name=name, params=params, body=body)
