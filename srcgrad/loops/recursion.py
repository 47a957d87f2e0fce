"""Functions that call themselves: their gradient is one that runs them once more.

What a call keeps for its gradient are its arguments, so that all calls keep things of one type:

    value, kept = f_forward(x)       value, kept_x = f(x), x
    x_bar = f_backward(kept, g)      x_bar = f_backward(kept_x, g)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Derived,
    Exit,
    Function,
    Param,
    Pop,
    Push,
    Stmt,
    UserFunction,
    Var,
)
from srcgrad.ir.kinds import FLOAT64, UNKNOWN, Dim, Dtype, Kind, array, floor_of, scalar
from srcgrad.ir.walk import names, operands, rebuild, walk
from srcgrad.loops.openlists import ONE_TYPE

RESIDUALS = "residuals%"
SEED = "out%bar"
# Python's own numbers stand for NumPy's, too: where they raise, NumPy's version decides.
WEAK: dict[Dtype, Dtype] = {"f8": "pf", "pf": "pf", "i": "pi", "pi": "pi", "b": "b"}
Kept = dict[str, tuple[str, ...]]  # a variable for each argument, by the variable of them all


@dataclass(frozen=True, slots=True)
class Called:
    """A function of the text: the kinds of its parameters, and of what it returns.

    `like`: it returns cotangents of these parameters; else a number, the `result`.
    """

    kinds: Mapping[str, Kind]
    result: Kind = FLOAT64
    like: tuple[str, ...] = ()

    def results(self, stmt: Assign, given: Sequence[Kind]) -> dict[str, Kind]:
        """Kinds of the targets of a call with arguments of these kinds."""
        wanted = self.kinds.values()
        if len(given) != len(wanted) or stmt.kwargs or not all(map(fits, given, wanted)):
            return dict.fromkeys(stmt.targets, UNKNOWN)
        if not self.like:
            return dict.fromkeys(stmt.targets, self.result)
        by_name = dict(zip(self.kinds, given, strict=True))
        found = [by_name[name] for name in self.like]
        kinds = [array("f8", k.shape) if k.is_array else FLOAT64 for k in found]
        return dict(zip(stmt.targets, kinds, strict=False))


def fits(given: Kind, wanted: Kind) -> bool:
    """Whether a function of the text takes an argument of this kind for its parameter."""
    same = given.tag == wanted.tag and given.rank == wanted.rank
    return same and ONE_TYPE.get(given.dtype) == ONE_TYPE.get(wanted.dtype) is not None


class Unknown(Exception):
    """The calls are of another form; the message says how."""


def value_of(fn: Function) -> UserFunction | None:
    """The function whose value and arguments this one gives, if that is all it does."""
    if len(fn.body) != 4 or not isinstance(fn.body[-1], Exit):
        return None
    first, kept, both = (s if isinstance(s, Assign) else None for s in fn.body[:3])
    if first is None or kept is None or both is None or not isinstance(first.fn, UserFunction):
        return None
    params = tuple(Var(p.name) for p in fn.params)
    plain = (first.args, kept.args) == (params, params) and kept.fn == both.fn == "tuple"
    given = both.args == (Var(first.targets[0]), Var(kept.targets[0]))
    return first.fn if plain and given and not first.kwargs else None


def param_kinds(fn: Function, kinds: Mapping[str, Kind], exact: bool) -> dict[str, Kind]:
    """Types and ranks of arguments; `exact`: with what one call knows of lengths.

    Raises `Unknown`.
    """
    found = {}
    for p in fn.params:
        kind = kinds[p.name]
        if kind.is_array and kind.shape and kind.dtype in ("f8", "i", "b"):
            shape = tuple(
                n if exact and isinstance(n, int) else Dim(f"{p.name}.{axis}", 0, floor)
                for axis, n in enumerate(kind.shape)
                for floor in [exact * floor_of(n)]
            )
            found[p.name] = array(kind.dtype, shape)
        elif kind.is_scalar and kind.dtype in WEAK:
            found[p.name] = scalar(WEAK[kind.dtype])
        else:
            raise Unknown(f"the argument `{p.name}` of `{fn.name}` is no number and no array")
    return found


@dataclass(slots=True)
class Rewriter:
    """Calls of pairs as calls of a function and of its gradient."""

    values: Mapping[str, UserFunction]  # by the name of the forward half
    params: Mapping[str, Mapping[str, Kind]]  # of these, by that name
    kept: Kept = field(default_factory=dict)
    kinds: dict[str, Mapping[str, Kind]] = field(default_factory=dict)  # by variable or tape

    def run(self, fn: Function) -> Function:
        self.find(fn.body)
        return replace(fn, body=self.block(fn.body))

    def find(self, block: Block) -> None:
        """Variables and tapes for the arguments of calls."""
        tapes: list[tuple[str, str]] = []
        for stmt in walk(block):
            if isinstance(stmt, Assign) and isinstance(stmt.fn, Derived):
                kinds = self.params.get(stmt.fn.name)
                if kinds is not None:
                    self.keep(stmt.targets[1], kinds)
            elif isinstance(stmt, Push):
                tapes += [(stmt.tape, name) for name in names((stmt.value,))]
            elif isinstance(stmt, Pop):
                tapes.append((stmt.tape, stmt.target))
        for tape, name in tapes:
            if name in self.kept:
                self.keep(tape, self.kinds[name])

    def keep(self, name: str, kinds: Mapping[str, Kind]) -> None:
        if self.kinds.setdefault(name, kinds) is not kinds:
            raise Unknown("calls of several functions are recorded together")
        self.kept[name] = tuple(f"{name}%given_{p}" for p in kinds)

    def block(self, block: Block) -> Block:
        return tuple(new for stmt in block for new in self.statement(stmt))

    def statement(self, stmt: Stmt) -> Sequence[Stmt]:
        if isinstance(stmt, (Push, Pop)) and stmt.tape in self.kept:
            return self.recorded(stmt)
        if isinstance(stmt, Assign):
            if isinstance(stmt.fn, Derived):
                return self.call(stmt, stmt.fn)
            if len(stmt.targets) == 1 and stmt.target in self.kept:
                return self.made(stmt)
        if self.kept.keys() & set(names(operands(stmt))):
            raise Unknown("what a call keeps for its gradient is read")
        return [rebuild(stmt, self.block)]

    def recorded(self, stmt: Push | Pop) -> Sequence[Stmt]:
        tapes = self.kept[stmt.tape]
        if isinstance(stmt, Pop):
            variables = self.kept[stmt.target]
            pairs = zip(tapes, variables, strict=True)
            return [replace(stmt, tape=tape, target=name) for tape, name in pairs]
        (source,) = names((stmt.value,))
        pairs = zip(tapes, self.kept[source], strict=True)
        return [replace(stmt, tape=tape, value=Var(name)) for tape, name in pairs]

    def call(self, stmt: Assign, fn: Derived) -> Sequence[Stmt]:
        if fn.name in self.values:
            value, kept = stmt.targets
            pairs = zip(self.kept[kept], stmt.args, strict=True)
            copies = [Assign((name,), "copy", (atom,), unit=stmt.unit) for name, atom in pairs]
            return [replace(stmt, targets=(value,), fn=self.values[fn.name]), *copies]
        first, *rest = stmt.args
        if not isinstance(first, Var) or first.name not in self.kept:
            raise Unknown(f"`{fn.name}` is given something else than what a call kept")
        given: tuple[Atom, ...] = tuple(Var(name) for name in self.kept[first.name])
        return [replace(stmt, args=(*given, *rest))]

    def made(self, stmt: Assign) -> Sequence[Stmt]:
        """A tape, or the variable before any call: something of the type that it will have."""
        if stmt.fn == "list" and not stmt.args:
            return [replace(stmt, targets=(tape,)) for tape in self.kept[stmt.target]]
        if stmt.fn != "copy" or stmt.args != (Const(None),):
            raise Unknown("what a call keeps for its gradient is bound anew")
        out: list[Stmt] = []
        kinds = self.kinds[stmt.target]
        for name, kind in zip(self.kept[stmt.target], kinds.values(), strict=True):
            if kind.is_array:
                size = f"{name}@size"
                sizes = (Const(0),) * len(kind.shape or ())
                out.append(Assign((size,), "tuple", sizes, unit=stmt.unit))
                out.append(Assign((name,), "numpy.zeros", (Var(size),), unit=stmt.unit))
            else:
                zero = Const(0.0 if kind.is_float else 0)
                out.append(Assign((name,), "copy", (zero,), unit=stmt.unit))
        return out


def with_arguments(fn: Function, callee: Function) -> Function:
    """A gradient that is given arguments, where it was given a tuple of them."""
    params = [p.name for p in callee.params]
    out: list[Stmt] = [Assign((SEED,), "copy", (Var("out_bar"),))]
    for stmt in fn.body:
        if isinstance(stmt, Assign) and Var(RESIDUALS) in stmt.args:
            if stmt.fn == "operator.getitem" and isinstance(stmt.args[1], Const):
                pairs = [(stmt.target, params[stmt.args[1].value])]
            elif stmt.fn in ("copy", "unpack") and len(stmt.targets) == len(params):
                pairs = list(zip(stmt.targets, params, strict=True))
            else:
                raise Unknown("what a call keeps for its gradient is read")
            out += [Assign((a,), "copy", (Var(b),), unit=stmt.unit) for a, b in pairs if a != b]
            continue
        out.append(stmt)
    given = (*(replace(p, default=None, has_value=False) for p in callee.params), Param("out_bar"))
    return replace(fn, params=given, body=tuple(out))
