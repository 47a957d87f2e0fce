"""The tangent of a function of which only the pullback is known.

A pullback is linear in the cotangent `g`, so its transpose is the tangent: the reverse derivative
of the formula with respect to `g`, with the tangent of the operand for a cotangent. Reverse mode
itself writes it, from the same rules. The formula's own value is never needed, and of `g` only the
shape is, which is that of the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.derive import SEED, reverse
from srcgrad.ad.formulas import inline
from srcgrad.ad.prepare import Surroundings, prepare
from srcgrad.ad.tangents import Tangents
from srcgrad.analysis.alias import Effects
from srcgrad.analysis.complexes import Numbers
from srcgrad.errors import InternalError, UnsupportedError
from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, Function, Param, Stmt, Store, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import substitute
from srcgrad.rules.quote import Formula

if TYPE_CHECKING:
    from srcgrad.ad.pushforward import Pushforward, Site


class Transpose:
    """Writes the transposes of pullbacks into the tangent code."""

    def __init__(self, context: Context, build: Builder, tangents: Tangents) -> None:
        self.context = context
        self.build = build
        self.tangents = tangents

    def term(self, site: Site, param: str, push: Pushforward) -> Atom | None:
        """What one operand gives to the tangent of the result; None where it cannot be told."""
        call, formula = site.call, site.formulas[param]
        seed = self.tangents.of(site.stmt, call.args[param])
        values = push.values(call, formula, seed)
        result = values["y"]
        if site.prim.elementwise and not call.kind(param).is_scalar:
            seed = self.tangents.full(seed, call.result, result)
        atoms = {name: atom for name, atom in values.items() if name not in ("d", "g")}
        atoms["g"] = result
        kinds = {name: self.build.kind(atom) for name, atom in atoms.items()}
        kinds["g"] = self.tangents.kind_like(call.result)
        fn = _as_function(formula, kinds, atoms)
        if fn is None:
            return None
        found = self.transposed(fn, kinds)
        if found is None:
            return None
        code, gradient, made = found
        return self.spliced(code, gradient, {**atoms, SEED: seed}, made)

    def transposed(
        self, fn: Function, kinds: Mapping[str, Kind]
    ) -> tuple[Block, Atom, Mapping[str, Kind]] | None:
        """The cotangent of `g`, and the code that computes it."""
        told = self.context.complexes.unknown
        around = Surroundings(lambda _: {}, lambda *_: UNKNOWN, lambda _: (Effects(), ()), told)
        given = {p.name: kinds[p.name] for p in fn.params}
        try:
            ready = prepare(fn, given, around, _nothing)
            done = reverse(ready, given, ("g",), Var(SEED), _nothing, False)
        except (UnsupportedError, InternalError):
            return None
        if done.problems:
            return None
        gradient = done.gradients["g"]
        code = (*done.sweeps.forward, *done.sweeps.backward, *done.finish)
        live, _ = live_part((*code, Exit("return", gradient)))
        if any(not isinstance(stmt, (Assign, Store)) for stmt in live[:-1]):
            return None
        return live[:-1], gradient, done.kinds

    def spliced(
        self, code: Block, gradient: Atom, atoms: dict[str, Atom], kinds: Mapping[str, Kind]
    ) -> Atom:
        """The code in the names of the function at hand."""
        known = dict(atoms)
        for stmt in code:
            new = substitute(stmt, renaming(known))
            if isinstance(new, Assign):
                new = self.renamed(new, known, kinds)
            assert isinstance(new, (Assign, Store))
            self.build.code.append(_of_unit(new, self.build.unit))
        return renaming(known)(gradient)

    def renamed(self, stmt: Assign, atoms: dict[str, Atom], kinds: Mapping[str, Kind]) -> Assign:
        targets = []
        for name in stmt.targets:
            new = self.build.fresh()
            self.build.kinds[new] = kinds.get(name, UNKNOWN)
            self.build.complexes[new] = Numbers.UNTOLD
            targets.append(new)
            atoms[name] = Var(new)
        made = Assign(tuple(targets), stmt.fn, stmt.args, stmt.kwargs)
        if len(targets) == 1:
            self.build.defs[targets[0]] = made
        return made


def renaming(atoms: Mapping[str, Atom]) -> Callable[[Atom], Atom]:
    """Takes the variables among these to what stands for them."""
    return lambda atom: atoms.get(atom.name, atom) if isinstance(atom, Var) else atom


def _as_function(
    formula: Formula, kinds: Mapping[str, Kind], atoms: Mapping[str, Atom]
) -> Function | None:
    """The formula as a function of `g` and of the values it reads."""
    build = Builder(lambda name: kinds.get(name, UNKNOWN))
    given: dict[str, Atom] = {}
    for name, atom in atoms.items():
        given[name] = atom if isinstance(atom, Const) else Var(name)
    given["d"] = given["g"]
    value = inline(formula, given, build)
    params = [Param(name) for name, atom in given.items() if atom == Var(name)]
    body = (*build.code, Exit("return", value))
    return Function("pullback", tuple(params), body)


def _of_unit(stmt: Assign | Store, unit: int) -> Stmt:
    if isinstance(stmt, Assign):
        return Assign(stmt.targets, stmt.fn, stmt.args, stmt.kwargs, unit)
    return Store(stmt.base, stmt.index, stmt.value, stmt.op, unit)


def _nothing(*_: object) -> Any:
    raise InternalError("a rule's formula calls no functions of the user's")
