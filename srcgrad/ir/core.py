"""The program representation: two atoms and eight statements.

A deliberately small imperative language, close enough to Python that the way back to text is short.
Operands are atoms (A-normal form), control flow is structured, variables are named and may be
reassigned. Statements compare by identity, so facts about them live in plain dictionaries beside
the
program, and "the same statement" can be asked with `is`.

A callee is the canonical dotted name of a primitive (`"numpy.tanh"`, `"operator.add"`), which
`srcgrad.rules` knows, or a `UserFunction`. Method, operator and function spellings have met
already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from srcgrad.ir.classes import dataclass


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, by name. Names holding `@` are compiler temporaries: `L@2` came from `L =
    ...`, and lives in that statement only. `L@v2` is a variable of a function written out."""

    name: str


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: a Python number, string, bytes, bool, None or Ellipsis; never a NumPy value."""

    value: Any

    def __eq__(self, other: object) -> bool:  # 1 == 1.0 == True must stay apart
        return (
            isinstance(other, Const)
            and type(other.value) is type(self.value)
            and repr(other.value) == repr(self.value)
        )

    def __hash__(self) -> int:
        return hash((type(self.value), repr(self.value)))


Atom: TypeAlias = Var | Const
ITEM = "@item"  # in names of items that are read, changed and stored again: `d[key] *= 2`


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function of the user's, as a callee. `key` identifies it in the driver's table of
    functions. `acts`: it is known to do what somebody outside can tell."""

    name: str
    key: str
    acts: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Derived:
    """A function this compiler writes: the forward or backward half of a callee's derivative."""

    name: str
    key: str
    acts: bool = field(default=False, compare=False)


Callee: TypeAlias = str | UserFunction | Derived


class Stmt:
    """Base of the statements. `unit` is the number of the user's statement it came from (-1:
    none). `names_read` and `nested` are kept by `reads` and `within` of `ir.walk`, which every pass
    asks."""

    __slots__ = ("names_read", "nested")
    unit: int
    names_read: frozenset[str]
    nested: tuple[Stmt, ...]


Block: TypeAlias = tuple[Stmt, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Assign(Stmt):
    """`targets = fn(*args, **kwargs)`. No target: called for its effect. Several: unpacks the
    result.

    `sync`: keeps two names of one piece of memory in step; the primal has no need of it.
    `augments`: it was `x += e`, which never stretches an array `x`.
    """

    targets: tuple[str, ...]
    fn: Callee
    args: tuple[Atom, ...]
    kwargs: tuple[tuple[str, Atom], ...] = ()
    unit: int = -1
    sync: bool = False
    augments: bool = False

    @property
    def target(self) -> str:
        (name,) = self.targets
        return name


StoreOp: TypeAlias = Literal["set", "add", "sub", "at"]


@dataclass(frozen=True, eq=False, slots=True)
class Store(Stmt):
    """`base[index] = value`, or `base[index] += value` where `op` is `"add"` or `"sub"`: in place.

    `"at"` adds as `np.add.at` does: an element that the index names twice gets both.

    `restores`: another name of the memory reads what it leaves, even if this one is not read.
    `sync`: as in `Assign`.
    """

    base: Var
    index: Atom
    value: Atom
    op: StoreOp = "set"
    unit: int = -1
    restores: bool = False
    sync: bool = False


# The length of what a loop takes its items from; its items, too; what they hold, as well.
Steady: TypeAlias = Literal["length", "items", "held"]


@dataclass(frozen=True, eq=False, slots=True)
class For(Stmt):
    """`for index in range(start, stop, step)`; the bounds are not assigned in the body.

    `count` names a variable holding how many iterations ran, for loops left by `break`.
    `prologue` statements at the head of the body unpack the items of the user's own header.
    """

    index: str
    start: Atom
    stop: Atom
    step: Atom
    body: Block
    prologue: int = 0
    reverse: bool = False
    limit: Atom | None = None  # run only the first `limit` iterations of the range
    unit: int = -1
    snapshots: Atom | None = None  # states that are kept to reverse the loop, where that is told
    converges: float | None = None  # it is told to reach a limit: to what part of its size
    # Names that its items are read from, and what of them must not change meanwhile.
    steady: tuple[tuple[str, Steady], ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class While(Stmt):
    """`while cond: body`, where the block `test` computes `cond` anew before each check."""

    test: Block
    cond: Atom
    body: Block
    unit: int = -1
    snapshots: Atom | None = None
    converges: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class If(Stmt):
    """`if test: then else: orelse`. `form` is the expression it was desugared from, for
    printing.

    Where `form` is `"try"`, `then` is tried, and `orelse` runs if it raises, and begins with what
    it catches. Such a statement does not read its test but defines it: whether `then` was done.
    """

    test: Atom
    then: Block
    orelse: Block = ()
    form: Literal["if", "ifexp", "and", "or", "try"] = "if"
    unit: int = -1


@dataclass(frozen=True, eq=False, slots=True)
class Exit(Stmt):
    """`break`, `continue` or `return value`; always the last statement of its block."""

    kind: Literal["break", "continue", "return"]
    value: Atom | None = None
    unit: int = -1


@dataclass(frozen=True, eq=False, slots=True)
class Push(Stmt):
    """Record a value for the backward sweep: `tape.append(value)`."""

    tape: str
    value: Atom
    reason: str = ""
    unit: int = -1
    overwritten: bool = False  # recorded because the next statement overwrites it


@dataclass(frozen=True, eq=False, slots=True)
class Pop(Stmt):
    """Bring the last recorded value back: `target = tape.pop()`."""

    tape: str
    target: str
    unit: int = -1


@dataclass(frozen=True, slots=True)
class Unit:
    """One statement of the user's (for a compound statement: its header), as it stands in the
    file."""

    line: int
    col: int
    text: str  # the statement's own characters, dedented; a header without its trailing colon
    comment: str = ""  # the comment that follows it on its last line, without `#`
    lead: tuple[str, ...] = ()  # whole-line comments that stand above it
    stmts: tuple[Stmt, ...] = ()  # the IR statements it became, in order, nested bodies left out
    rewritten: bool = False  # it became something else: a call in it was written out in place
    caller: int = -1  # the unit with that call, where this one is of the function called
    within: int = -1  # the same, where the call was written out after the program was lowered


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the function: name, kind, default and annotation."""

    name: str
    kind: Literal["positional", "plain", "keyword", "varargs", "varkw"] = "plain"
    default: str | None = None  # source text of the default
    annotation: str | None = None  # source text of the annotation
    has_value: bool = False  # `value` is the default as a Python object
    value: Any = None


@dataclass(frozen=True, slots=True)
class Global:
    """What a free name of the program stands for.

    `module`: an import; `text` is the statement to print (`import numpy as np`).
    `value`: a constant or array, `value` its object; `text` its source where the file shows it.
    `function`: a user function; `value` its `UserFunction`.
    `opaque`: any other object, allowed only where nothing active passes through it.
    """

    name: str
    kind: Literal["module", "value", "function", "opaque"]
    text: str = ""
    value: Any = None

    def means(self, other: Global) -> bool:
        """Whether both name the same object, or function of the user's."""
        if self.kind == "opaque" and self.value is None:  # a table, of a file that is not executed
            return self is other
        functions = isinstance(self.value, UserFunction) and self.value == other.value
        return functions or self.value is other.value


@dataclass(frozen=True, slots=True)
class Solved:
    """The rule of a function that is one call of a solver of the library, `name`, which is given a
    function.

    `fn`: that function; whatever it reads are parameters. `operands`: what the solver is given, by
    its own names. `args`: parameters that are passed on to `fn`, after those of the solver's.
    """

    name: str
    fn: UserFunction
    operands: Mapping[str, Atom]
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The rule of a function that is one loop which converges: `step` leaves its limit as it is.

    `step` takes and gives variables of the loop: what is `carried` from step to step, then what it
    only `reads`; and `gives` their next values. The function returns `results`.
    """

    step: UserFunction
    carried: tuple[str, ...]
    reads: tuple[str, ...]
    gives: tuple[str, ...]
    results: tuple[str, ...]
    exact: frozenset[str]  # of these variables, truth values and whole numbers
    tol: float
    shown: str  # the loop, for messages


@dataclass(frozen=True, slots=True)
class Function:
    """A program: the user's function lowered, or a derivative made from it."""

    name: str
    params: tuple[Param, ...]
    body: Block
    units: Mapping[int, Unit] = field(default_factory=dict)
    globals: Mapping[str, Global] = field(default_factory=dict)
    doc: str = ""
    file: str = ""
    line: int = 1
    # What functions written out in this one read of their surroundings: where, the name, the value.
    guards: tuple[tuple[Any, str, Any], ...] = ()
    # stands in for its derivative; how it works is not looked at
    rule: UserFunction | Solved | Limit | None = None
    pushes: bool = False  # that rule gives tangents, not cotangents
    tangent: UserFunction | None = None  # a rule that does, beside one that gives cotangents
    hook: UserFunction | None = None  # gives what it is given; its cotangent goes through this one
    again: bool = False  # nothing of it is recorded: it is run once more to be reversed
    changes: str = ""  # an attribute that it assigns of an object from outside, for itself alone
