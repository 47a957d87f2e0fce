"""Values that lowering knows: functions, and containers of these. They leave no trace in the IR.

An atom that stands for one is a variable listed in `Context.statics`. A copy of such a variable
copies the entry; taking an item of a container picks it; a call of a function is written out (see
`inline.py`). Whatever else would read the variable turns it into a run-time value, or is refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Store, UserFunction, Var
from srcgrad.options import Mode

if TYPE_CHECKING:
    from srcgrad.frontend.context import Context
    from srcgrad.frontend.environment import Environment
    from srcgrad.frontend.text import TextFile

_CALL = "call it, or pass it to a function of yours that calls it"


@dataclass(eq=False)
class Static:
    """A value known while lowering."""

    @property
    def what(self) -> str:
        return "a function"

    @property
    def run_time(self) -> Var | None:
        """The variable that holds the value at run time, if there is one."""
        return None

    def carried(self, ctx: Context) -> Static | None:
        """The same value in variables that a loop may assign anew; None if it has no such form."""
        return None

    def take(self, ctx: Context, other: Static) -> bool:
        """Assign another value to the variables of a carried one; False where it does not fit."""
        return False

    def kept(self, ctx: Context) -> Static:
        """A carried value as it is now."""
        return self


@dataclass(eq=False)
class Library(Static):
    """A function or class of a library, or a builtin."""

    dotted: str


@dataclass(eq=False)
class User(Static):
    """A function of the user's that stands in a module. `name` is the global that holds it."""

    fn: UserFunction
    name: str = ""


@dataclass(eq=False)
class Closure(Static):
    """A `def` or `lambda` of the user's. `env` gives the names that no function around it binds.

    A `foreign` one stands outside the function being lowered, and sees none of its variables.
    """

    node: Any
    env: Environment
    file: TextFile
    name: str
    defaults: Mapping[str, Atom]
    foreign: bool = False
    key: str = ""


@dataclass(eq=False)
class Partial(Static):
    """`functools.partial`, or a bound method: a function and arguments that come first."""

    fn: Var
    args: tuple[Atom, ...]
    kwargs: tuple[tuple[str, Atom], ...] = ()


@dataclass(eq=False)
class Gradient(Static):
    """`grad(f, argnums)`: `wanted` are positions and names of parameters. Or `checkpoint(f)`."""

    fn: Var
    mode: Mode | Literal["again"]
    wanted: tuple[int | str, ...]
    single: bool
    has_aux: bool
    tangents: tuple[Atom, ...] = ()  # of `jvp`
    primals: tuple[Atom, ...] = ()  # of a pullback, which is called on a cotangent

    @property
    def what(self) -> str:
        return "a derivative"


@dataclass(eq=False)
class Sequence(Static):
    """A tuple or list of which some item is static; `*args` of an inlined function."""

    kind: str
    items: list[Atom]
    depth: int = 0  # how deep the block is nested in which it was made

    @property
    def what(self) -> str:
        return f"a {self.kind} of functions"


@dataclass(eq=False)
class Table(Static):
    """A dict with literal keys of which some value is static; `**kwargs` of an inlined function."""

    items: dict[Const, Atom]

    @property
    def what(self) -> str:
        return "a dict of functions"


@dataclass(eq=False)
class Choice(Static):
    """One of several values: the one whose position the variable `which` holds at run time."""

    which: Var
    options: tuple[Atom, ...]


@dataclass(eq=False)
class Function(Static, ABC):
    """An object of a library whose call lowering carries out."""

    @abstractmethod
    def called(
        self, ctx: Context, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...]
    ) -> Atom:
        """The value of a call."""


@dataclass(eq=False)
class Unknown(Static):
    """A name that holds a static value on some paths, and another one, or none, on others."""

    reason: str


def static_of(ctx: Context, atom: Atom | None) -> Static | None:
    """The static value that an atom stands for."""
    if not isinstance(atom, Var):
        return None
    return ctx.statics.get(atom.name) or ctx.fixed.get(atom.name)


def is_static(ctx: Context, atom: Atom | None) -> bool:
    return static_of(ctx, atom) is not None


def constant_of(ctx: Context, atom: Atom) -> Atom:
    """A constant in place of a name of the surroundings that holds one; else the atom itself.

    The derivative is made anew when the name is bound to another value.
    """
    if not isinstance(atom, Var) or ctx.is_local(atom.name):
        return atom
    known = ctx.globals.get(atom.name)
    if known is None or known.kind != "value" or type(known.value) not in (int, str):
        return atom
    return Const(known.value)


def stored(ctx: Context, stmt: Store) -> bool:
    """Carry out a store into a list that lowering keeps, if it happens whenever the list is made.

    Whatever else holds the list sees it, as at run time.
    """
    held, index = static_of(ctx, stmt.base), constant_of(ctx, stmt.index)
    if not isinstance(held, Sequence) or held.kind != "list" or held.depth != ctx.depth:
        return False
    place = index.value if isinstance(index, Const) and stmt.op == "set" else None
    if type(place) is not int or not -len(held.items) <= place < len(held.items):
        return False
    held.items[place] = snapshot(ctx, stmt.value)
    return True


def intercept(ctx: Context, stmt: Assign) -> bool:
    """Carry out an operation on static values, if it is one that can be."""
    spread = stmt.fn in ("tuple", "dict") and stmt.targets[:1] and stmt.targets[0] in ctx.starred
    if not stmt.targets or stmt.kwargs:
        return False
    if not spread and not any(is_static(ctx, atom) for atom in stmt.args):
        return False
    if stmt.fn == "copy":
        (found,) = (static_of(ctx, atom) for atom in stmt.args)
        assert found is not None
        ctx.set_static(stmt.target, found)
    elif stmt.fn in ("tuple", "list"):
        items = [snapshot(ctx, atom) for atom in stmt.args]
        ctx.set_static(stmt.target, Sequence(str(stmt.fn), items, ctx.depth))
    elif stmt.fn == "dict":
        keys, values = stmt.args[::2], stmt.args[1::2]
        if not all(isinstance(key, Const) for key in keys):
            return False
        pairs = zip(keys, values, strict=True)
        table = {k: snapshot(ctx, v) for k, v in pairs if isinstance(k, Const)}
        ctx.set_static(stmt.target, Table(table))
    elif stmt.fn in ("builtins.tuple", "builtins.list"):
        return _converted(ctx, stmt)
    elif stmt.fn == "operator.getitem":
        return _item(ctx, stmt)
    elif stmt.fn == "builtins.len":
        held = static_of(ctx, stmt.args[0])
        if not isinstance(held, Sequence | Table):
            return False
        ctx.copy(stmt.target, Const(len(held.items)))
    elif stmt.fn == "unpack":
        return _unpacked(ctx, stmt)
    else:
        return False
    return True


def snapshot(ctx: Context, atom: Atom) -> Atom:
    """An atom that keeps its value whatever is assigned later."""
    found = static_of(ctx, atom)
    if found is not None:
        return ctx.static(found)
    return atom if isinstance(atom, Const) else ctx.settled(shown(atom.name), atom)


def _converted(ctx: Context, stmt: Assign) -> bool:
    found = static_of(ctx, stmt.args[0])
    if len(stmt.args) != 1 or not isinstance(found, Sequence):
        return False
    kind = str(stmt.fn).removeprefix("builtins.")
    ctx.set_static(stmt.target, Sequence(kind, list(found.items), ctx.depth))
    return True


def _item(ctx: Context, stmt: Assign) -> bool:
    base, index = stmt.args
    picked = pick(ctx, static_of(ctx, base), index)
    if picked is not None:
        ctx.copy(stmt.target, picked)
    return picked is not None


def pick(ctx: Context, base: Static | None, index: Atom) -> Atom | None:
    """An item of a static container, or None where that has to be left to run time."""
    index = constant_of(ctx, index)
    if isinstance(base, Choice):
        options = [pick(ctx, static_of(ctx, option), index) for option in base.options]
        if None in options:
            return None
        return ctx.static(Choice(base.which, tuple(o for o in options if o is not None)))
    if isinstance(base, Table):
        return _keyed(ctx, base, index)
    if not isinstance(base, Sequence):
        return None
    count = len(base.items)
    if isinstance(index, Var) and ctx.block and isinstance(ctx.block[-1], Assign):
        last = ctx.block[-1]
        if last.fn == "slice" and last.targets == (index.name,):
            return _sliced(ctx, base, last.args)
    if isinstance(index, Const):
        valid = type(index.value) is int and -count <= index.value < count
        return base.items[index.value] if valid else None
    if not all(is_static(ctx, item) for item in base.items):
        return None
    # As an item of a range, the position is counted from the end too, and checked.
    positions = ctx.emit("which", "builtins.range", (Const(count),))
    which = ctx.settled("which", ctx.emit("which", "operator.getitem", (positions, index)))
    assert isinstance(which, Var)
    return ctx.static(Choice(which, tuple(base.items)))


def _sliced(ctx: Context, base: Sequence, bounds: tuple[Atom, ...]) -> Atom | None:
    found = [b.value for b in bounds if isinstance(b, Const)]
    if len(found) < len(bounds) or not all(b is None or type(b) is int for b in found):
        return None
    ctx.block.pop()
    return ctx.static(Sequence(base.kind, base.items[slice(*found)], ctx.depth))


def _keyed(ctx: Context, base: Table, index: Atom) -> Atom | None:
    if isinstance(index, Const):
        return base.items.get(index)
    if is_static(ctx, index) or not all(is_static(ctx, v) for v in base.items.values()):
        return None
    pairs: list[Atom] = []
    for position, key in enumerate(base.items):
        pairs += [key, Const(position)]
    positions = ctx.emit("which", "dict", tuple(pairs))
    which = ctx.settled("which", ctx.emit("which", "operator.getitem", (positions, index)))
    assert isinstance(which, Var)
    return ctx.static(Choice(which, tuple(base.items.values())))


def _unpacked(ctx: Context, stmt: Assign) -> bool:
    found = static_of(ctx, stmt.args[0])
    if not isinstance(found, Sequence) or len(found.items) != len(stmt.targets):
        return False
    for target, item in zip(stmt.targets, list(found.items), strict=True):
        ctx.copy(target, item)
    return True


def at_run_time(ctx: Context, atom: Atom) -> Atom:
    """The atom as an operand of a statement: static values become ordinary ones, or a problem."""
    found = static_of(ctx, atom)
    if found is None or not isinstance(atom, Var):
        return atom
    if isinstance(found, Library):
        name = atom.name if "@" in atom.name and atom.name not in ctx.loaded else ctx.fresh("t")
        ctx.loaded.add(name)
        ctx.add(Assign((name,), f"load.{found.dotted}", (), unit=ctx.unit))
        return Var(name)
    if isinstance(found, User) and found.name:
        return Var(found.name)
    if found.run_time is not None:
        return found.run_time
    if isinstance(found, Sequence) and found.kind == "tuple":
        return _display(ctx, "tuple", [at_run_time(ctx, item) for item in found.items])
    if isinstance(found, Table):
        parts = [part for key, value in found.items.items() for part in (key, value)]
        return _display(ctx, "dict", [at_run_time(ctx, part) for part in parts])
    reason = found.reason if isinstance(found, Unknown) else f"{found.what} is used as a value here"
    ctx.problem(ctx.node, reason, "" if isinstance(found, Unknown) else _CALL)
    return Const(None)


def _display(ctx: Context, kind: str, parts: list[Atom]) -> Var:
    """A container of run-time values; lowering would keep one of what it knows to itself."""
    name = ctx.fresh("t")
    ctx.known.add(name)
    ctx.block.append(Assign((name,), kind, tuple(parts), unit=ctx.unit))
    return Var(name)


def shown(name: str) -> str:
    """A name as the user wrote it."""
    return name.partition("@")[0]
