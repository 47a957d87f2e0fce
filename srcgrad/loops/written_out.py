"""Functions without a form as loops of their own, by others that have one, before loops are
written: variances by means, running products by loops over their elements.

    v = np.var(x, axis=0)     ->     m = np.mean(x, axis=0, keepdims=True)
                                     d = x - m
                                     v = np.mean(d * d, axis=0)
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from itertools import count
from string import Formatter

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, names, rebuild, walk
from srcgrad.loops.state import NoLoops
from srcgrad.rules.registry import bind, lookup

NONE, ZERO, ONE = Const(None), Const(0), Const(1)
FLOATS = ("f8", "pf")


def written_out(fn: Function, facts: KindFacts) -> Function:
    """The function with such statements written out."""
    stmts = [stmt for stmt in walk(fn.body) if isinstance(stmt, Assign)]
    if not any(stmt.fn in FORMS for stmt in stmts):
        return fn
    makers = {target: stmt for stmt in stmts for target in stmt.targets}
    taken = {*assigned(fn.body), *(p.name for p in fn.params)}

    def change(block: Block) -> Block:
        return tuple(new for stmt in block for new in one(rebuild(stmt, change)))

    def one(stmt: Stmt) -> Block:
        writer = FORMS.get(str(getattr(stmt, "fn", "")))
        if writer is None or not isinstance(stmt, Assign):
            return (stmt,)
        out = Out(stmt, facts, makers, taken)
        return tuple(out.block) if writer(out) else (stmt,)

    return replace(fn, body=change(fn.body))


@dataclass(slots=True)
class Out:
    """The statements that take the place of one."""

    stmt: Assign
    facts: KindFacts
    makers: dict[str, Assign]
    taken: set[str]  # names of variables
    block: list[Stmt] = field(default_factory=list)

    def bound(self) -> dict[str, Atom]:
        """The arguments by the names of parameters."""
        prim = lookup(str(self.stmt.fn))
        assert prim is not None
        return bind(prim, self.stmt.args, dict(self.stmt.kwargs))

    def kind(self, atom: Atom) -> Kind:
        return self.facts.before(self.stmt, atom)

    def fresh(self, stem: str) -> str:
        """A name that no other variable has."""
        name = next(n for k in count() if (n := f"{stem}@{k + 1}") not in self.taken)
        self.taken.add(name)
        return name

    def new(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        """A variable for the value of a call."""
        made = self.fresh((self.stmt.targets or ("out",))[0].partition("@")[0])
        self.block.append(self.call((made,), fn, args, kwargs))
        return Var(made)

    def last(self, fn: str, *args: Atom, **kwargs: Atom) -> bool:
        """The statement that gives the targets their values."""
        self.block.append(self.call(self.stmt.targets, fn, args, kwargs))
        return True

    def call(
        self, targets: tuple[str, ...], fn: str, args: tuple[Atom, ...], kwargs: dict[str, Atom]
    ) -> Assign:
        return Assign(targets, fn, args, tuple(kwargs.items()), unit=self.stmt.unit)

    def loop(self, start: Atom, stop: Atom, reverse: bool = False) -> Iterator[Var]:
        """`for i in range(start, stop)` around the statements that are written meanwhile.

        It gives the index, once.
        """
        index = self.fresh("i")
        outer, self.block = self.block, []
        yield Var(index)
        outer.append(
            For(index, start, stop, ONE, tuple(self.block), reverse=reverse, unit=self.stmt.unit)
        )
        self.block = outer

    def place(self, along: Lane, at: Atom) -> Atom:
        """The index of a row at a place of an axis."""
        if not along.axis:
            return at
        whole = self.new("slice", NONE, NONE, NONE)
        return self.new("tuple", *[whole] * along.axis, at)


@dataclass(frozen=True, slots=True)
class Lane:
    """An axis, and its length."""

    axis: int
    size: Atom


# --- variances


def variance(out: Out) -> bool:
    """`np.var` and `np.std` by means."""
    bound = out.bound()
    x, axis, ddof = bound.pop("a"), bound.pop("axis", NONE), bound.pop("ddof", ZERO)
    kept = bound.pop("keepdims", Const(False))
    kind = out.kind(x)
    known = isinstance(ddof, Const) and isinstance(ddof.value, (int, float))
    if (
        bound
        or not known
        or not kind.is_array
        or not kind.shape
        or kind.dtype not in (*FLOATS, "i")
    ):
        return False
    rest = out.new("operator.sub", x, out.new("numpy.mean", x, axis=axis, keepdims=Const(True)))
    squares = out.new("operator.mul", rest, rest)
    is_root = out.stmt.fn == "numpy.std"
    fn = "numpy.mean" if ddof == ZERO else "numpy.sum"
    if ddof == ZERO and not is_root:
        return out.last(fn, squares, axis=axis, keepdims=kept)
    found = out.new(fn, squares, axis=axis, keepdims=kept)
    if ddof != ZERO:
        many = many_of(out, x, kind, axis)
        if many is None:
            return False
        left = out.new("builtins.max", out.new("operator.sub", many, ddof), ZERO)
        if not is_root:
            return out.last("operator.truediv", found, left)
        found = out.new("operator.truediv", found, left)
    return out.last("numpy.sqrt", found)


def is_real(kind: Kind) -> bool:
    """Whether it is an array of real numbers that has axes."""
    return kind.is_array and bool(kind.shape) and kind.dtype in (*FLOATS, "f4", "i")


def many_of(out: Out, x: Atom, kind: Kind, axis: Atom) -> Atom | None:
    """How many elements of an array go into one of its reduction."""
    if axis == NONE:
        return out.new("attr.size", x)
    if not isinstance(axis, Const) or type(axis.value) is not int:
        return None
    return out.new("operator.getitem", out.new("attr.shape", x), axis)


def reduced_count(out: Out) -> bool:
    """`size(x) // max(size(g), 1)`."""
    g, x = out.stmt.args
    if not out.kind(x).is_array:
        return False
    if out.kind(g).is_scalar:
        return out.last("attr.size", x)
    many = out.new("builtins.max", out.new("attr.size", g), ONE)
    return out.last("operator.floordiv", out.new("attr.size", x), many)


def deviation(out: Out) -> bool:
    """`x` minus its mean, which is taken twice."""
    x, axis = out.stmt.args
    if not is_real(out.kind(x)):
        return False
    once = out.new("operator.sub", x, out.new("numpy.mean", x, axis=axis, keepdims=Const(True)))
    again = out.new("numpy.mean", once, axis=axis, keepdims=Const(True))
    return out.last("operator.sub", once, again)


# --- running sums and products


def lane(out: Out, x: Atom, axis: Atom) -> Lane | None:
    """The axis along which elements of an array of floats follow each other."""
    kind = out.kind(x)
    rank = kind.rank if kind.is_array and kind.dtype in FLOATS else None
    if axis == NONE and rank == 1:
        axis = ZERO
    if not rank or not isinstance(axis, Const) or type(axis.value) is not int:
        return None
    if not -rank <= axis.value < rank:
        return None
    along = axis.value % rank
    return Lane(along, out.new("operator.getitem", out.new("attr.shape", x), Const(along)))


def running(out: Out) -> bool:
    """`np.cumprod`, and `np.cumsum` along an axis of several."""
    bound = out.bound()
    x, axis = bound.pop("a"), bound.pop("axis", NONE)
    along = None if bound else lane(out, x, axis)
    if along is None:
        return False
    if out.stmt.fn == "numpy.cumsum" and out.kind(x).rank == 1:
        return out.last("numpy.cumsum", x)
    y = out.new("numpy.copy", x)
    multiply(out, y, along, out.stmt.fn == "numpy.cumprod")
    return out.last("copy", y)


def multiply(out: Out, y: Var, along: Lane, products: bool) -> None:
    """Elements times those before them, or plus those, in place."""
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        last, own = (out.new("operator.getitem", y, place) for place in (before, here))
        value = out.new("operator.mul" if products else "operator.add", last, own)
        out.block.append(Store(y, here, value, unit=out.stmt.unit))


def cumprod_adjoint(out: Out) -> bool:
    """A recurrence from the end, right where elements are zero, too.

    The cotangent of element `i` is the product of those before it, times `g[i] + x[i + 1] * ...`.
    """
    g, x, y, axis = out.stmt.args
    along = lane(out, x, axis)
    if along is None or not out.kind(y).is_array:
        return False
    shape = out.new("attr.shape", x)
    x_bar = out.new("numpy.copy", out.new("numpy.broadcast_to", g, shape))
    end = out.new("operator.sub", along.size, ONE)
    for i in out.loop(ZERO, end, reverse=True):
        here, behind = out.place(along, i), out.place(along, out.new("operator.add", i, ONE))
        later, factor = (out.new("operator.getitem", a, behind) for a in (x_bar, x))
        value = out.new("operator.mul", later, factor)
        out.block.append(Store(x_bar, here, value, "add", unit=out.stmt.unit))
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        own, product = (
            out.new("operator.getitem", x_bar, here),
            out.new("operator.getitem", y, before),
        )
        value = out.new("operator.mul", own, product)
        out.block.append(Store(x_bar, here, value, unit=out.stmt.unit))
    return out.last("copy", x_bar)


def cumprod_tangent(out: Out) -> bool:
    """By the product rule from the first element on."""
    x_dot, x, axis = out.stmt.args
    along = lane(out, x, axis)
    if along is None:
        return False
    y = out.new("numpy.copy", x)
    multiply(out, y, along, True)
    y_dot = out.new("numpy.copy", out.new("numpy.broadcast_to", x_dot, out.new("attr.shape", x)))
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        own, last = (out.new("operator.getitem", y_dot, place) for place in (here, before))
        product = out.new("operator.getitem", y, before)
        factor = out.new("operator.getitem", x, here)
        terms = out.new("operator.mul", own, product), out.new("operator.mul", last, factor)
        out.block.append(Store(y_dot, here, out.new("operator.add", *terms), unit=out.stmt.unit))
    return out.last("copy", y_dot)


# --- others


def both_quotients(out: Out) -> bool:
    """`divmod(a, b)`."""
    if len(out.stmt.args) != 2 or out.stmt.kwargs:
        return False
    pair = [out.new(f"operator.{op}", *out.stmt.args) for op in ("floordiv", "mod")]
    if len(out.stmt.targets) != 2:
        return out.last("tuple", *pair)
    for target, value in zip(out.stmt.targets, pair, strict=True):
        out.block.append(replace(out.stmt, targets=(target,), fn="copy", args=(value,)))
    return True


def raised(out: Out) -> bool:
    """An exception of Python's own by its name, and what its text says before the run.

    What it is raised from is left to NumPy's version, which raises it.
    """
    (error, *_) = names(out.stmt.args)
    made = out.makers[error]
    name = str(made.fn).removeprefix("load.").removeprefix("builtins.")
    known = getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, Exception):
        raise NoLoops(
            out.stmt,
            "an exception that is not one of Python's own has no loop form",
            'raise one of Python\'s own, as ValueError, or use backend="numpy"',
        )
    return out.last("raise", Const(name), Const(told(made.args, out.makers)))


def told(args: tuple[Atom, ...], makers: dict[str, Assign]) -> str:
    """The text of an exception, with dots for what only the run knows."""
    if len(args) != 1:
        return ""
    (text,) = args
    if isinstance(text, Const):
        return str(text.value)
    made = makers.get(text.name)
    if made is None or made.fn != "fstring":
        return ""
    form, *_ = made.args
    pieces = Formatter().parse(str(form.value)) if isinstance(form, Const) else ()
    return "".join(before if what is None else f"{before}..." for before, what, *_ in pieces)


FORMS: dict[str, Callable[[Out], bool]] = {
    "numpy.var": variance,
    "numpy.std": variance,
    "srcgrad.support_arrays.reduced_count": reduced_count,
    "srcgrad.support_arrays.deviation": deviation,
    "numpy.cumprod": running,
    "numpy.cumsum": running,
    "srcgrad.support_arrays.cumprod_adjoint": cumprod_adjoint,
    "srcgrad.support_pushforwards.cumprod_tangent": cumprod_tangent,
    "builtins.divmod": both_quotients,
    "numpy.divmod": both_quotients,
    "raise": raised,
}
