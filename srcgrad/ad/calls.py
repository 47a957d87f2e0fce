"""Calls of user functions: the forward half replaces the call, the backward half is its adjoint."""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context, Hooked, Pair
from srcgrad.ad.leaves import OWN, Leaf, Tree
from srcgrad.ad.numbers import with_dtype_of
from srcgrad.ad.surgery import CHECKED
from srcgrad.ir.core import Assign, Atom, Const, UserFunction, Var
from srcgrad.ir.kinds import UNKNOWN

MUL, ONE = "operator.mul", Const(1.0)


class CallDifferentiator:
    """Adds to the adjoints of a call's arguments what its backward half returns."""

    def __init__(self, context: Context, build: Builder, adjoints: Adjoints) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> None:
        fn = stmt.fn
        assert isinstance(fn, UserFunction)
        known = self.pair(stmt, fn, varied)
        if isinstance(known, Hooked):
            self.hooked(stmt, known.hook, self.whole(stmt, tree))
            return
        pair, residuals = known
        given = self.arguments(stmt, pair)
        y_bar = self.whole(stmt, tree)
        wanted = [
            (p, a) for p in pair.active if isinstance(a := given[p], Var) and a.name in varied
        ]
        targets = []
        for param in pair.active:
            target = self.build.fresh(f"{param}%bar")
            atom = given[param]
            kind = self.context.kinds.before(stmt, atom)
            self.build.kinds[target] = with_dtype_of(kind, UNKNOWN)
            self.build.complexes[target] = self.context.complexes.before(stmt, atom)
            targets.append(target)
        if pair.at_once:
            self.scaled(targets, residuals, y_bar)
        else:
            given_back = Assign(tuple(targets), pair.backward, (Var(residuals), y_bar))
            self.build.code.append(replace(given_back, unit=self.build.unit))
        for param, atom in wanted:
            target = targets[pair.active.index(param)]
            kind = self.context.kinds.before(stmt, atom)
            owned = not (pair.at_once and y_bar == ONE)  # a pullback may run again
            self.adjoints.add((atom.name,), kind, Leaf(Var(target), owned))

    def scaled(self, targets: list[str], gradients: str, y_bar: Atom) -> None:
        """The gradients of a number, times its cotangent."""
        several = len(targets) > 1
        for place, target in enumerate(targets):
            gradient = Var(f"{target}@gradient" if several else gradients)
            if several:
                item = Assign((gradient.name,), "operator.getitem", (Var(gradients), Const(place)))
                self.build.code.append(replace(item, unit=self.build.unit))
            fn, args = ("copy", (gradient,)) if y_bar == ONE else (MUL, (gradient, y_bar))
            self.build.code.append(Assign((target,), fn, args, unit=self.build.unit))

    def pair(
        self, stmt: Assign, fn: UserFunction, varied: frozenset[str]
    ) -> tuple[Pair, str] | Hooked:
        known = self.context.pairs.get(stmt)
        if known is None:
            pair = self.context.pair_of(fn, stmt, varied, self.context.kinds)
            if isinstance(pair, Hooked):
                self.context.hooked.add(stmt)
                return pair
            stem = stmt.target.split("@")[0]
            kept = "gradient" if pair.at_once else "residuals"
            known = (pair, f"{stem}@{kept}{len(self.context.pairs)}")
            self.context.pairs[stmt] = known
        return known

    def hooked(self, stmt: Assign, hook: UserFunction, y_bar: Atom) -> None:
        """The cotangent goes through code of the user's, which may keep or change what it gets."""
        first, *captured = stmt.args
        assert isinstance(first, Var)
        kind = self.context.kinds.before(stmt, first)
        stem = f"{stmt.target.split('@')[0]}%bar"
        given, passed, checked = (self.build.fresh(stem) for _ in range(3))
        self.build.kinds[given] = self.build.kinds[checked] = with_dtype_of(kind, UNKNOWN)
        numbers = self.context.complexes.before(stmt, first)
        self.build.complexes[given] = self.build.complexes[checked] = numbers
        own, unit = ("method.copy" if kind.is_array else OWN), self.build.unit
        self.build.code += [
            Assign((given,), own, (y_bar,), unit=unit),
            Assign((passed,), hook, (Var(given), *captured), unit=unit),
            Assign((checked,), CHECKED, (Var(passed), y_bar), unit=unit),
        ]
        self.adjoints.add((first.name,), kind, Leaf(Var(checked), owned=kind.is_array))

    def arguments(self, stmt: Assign, pair: Pair) -> dict[str, Atom]:
        return dict(zip(pair.params, stmt.args, strict=False)) | dict(stmt.kwargs)

    def whole(self, stmt: Assign, tree: Tree) -> Atom:
        """The adjoint of the result as one value, zeros where a component has none."""
        value = Var(stmt.target)
        leaf = self.adjoints.filled(tree, self.context.kinds.after(stmt, stmt.target), value)
        return self.adjoints.expand(leaf, value).atom
