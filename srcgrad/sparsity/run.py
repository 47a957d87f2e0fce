"""Run a lowered function at given arguments, keeping for each number what inputs it depends on.

This is an interpreter of the IR. Every operation is done for real, so control flow, indices and
aliases are those of the program; a value carries sets of inputs beside it. Where the way of the run
hangs on an input (a branch, an index), the pattern holds for inputs that go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from srcgrad.errors import Problem, SrcgradError, UnsupportedError
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    For,
    Function,
    If,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.sparsity.perform import Performer, Unknown, resolve
from srcgrad.sparsity.shadow import Shadow, plain

Lower: TypeAlias = Callable[[str], Function]
Leave: TypeAlias = tuple[str, Any] | None  # how a block was left early: Exit kind and value
_ABSENT = object()
_NOWHERE = Function("function", (), ())


class Machine:
    """A run: calls in progress, and what is known of memory."""

    def __init__(self, lower: Lower) -> None:
        self.lower = lower
        self.shadow = Shadow()
        self.does = Performer(self.shadow, self.note)
        self.frames: list[tuple[Function, dict[str, Any]]] = []
        self.managers: list[Any] = []
        self.at: tuple[Function, Stmt | None] = _NOWHERE, None
        self.local: str = ""  # what the way of the run hangs on first
        self.surroundings: dict[int, Any] = {}  # values of global names that it has read
        # what is told of the results of statements of the function called first
        self.watched: dict[Stmt, Callable[[Any], None]] = {}

    def note(self, what: str) -> None:
        """The way of the run hangs on the inputs here."""
        function, stmt = self.at
        if self.local or stmt is None:
            return
        unit = function.units.get(stmt.unit)
        self.local = what if unit is None else f"{what} in line {unit.line}: {unit.text}"

    def run(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        """The function called first. What goes wrong in it becomes a problem with the place."""
        try:
            return self.call(function, arguments)
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise self.problem(f"{type(error).__name__}: {error}") from error
        except Unknown as error:
            raise self.problem(str(error)) from error

    def call(self, function: Function, arguments: Mapping[str, Any]) -> Any:
        """Run a function to its end."""
        self.frames.append((function, dict(arguments)))
        depth = len(self.managers)
        try:
            left = self.block(function.body)
        finally:
            self.frames.pop()
            while len(self.managers) > depth:
                self.managers.pop().__exit__(None, None, None)
        return None if left is None else left[1]

    def problem(self, message: str) -> UnsupportedError:
        function, stmt = self.at
        unit = None if stmt is None else function.units.get(stmt.unit)
        text = f"the sparsity of the derivative cannot be told: {message}"
        remedy = "give `pattern=`, or use `jacobian` or `hessian`"
        if unit is None:
            return UnsupportedError(Problem(function.file, function.line, 0, text, remedy))
        source = " " * unit.col + unit.text.splitlines()[0]
        return UnsupportedError(
            Problem(function.file, unit.line, unit.col, text, remedy, source, len(source))
        )

    def look(self, atom: Atom) -> Any:
        """The value of an atom."""
        if isinstance(atom, Const):
            return atom.value
        function, env = self.frames[-1]
        found = env.get(atom.name, _ABSENT)
        if found is not _ABSENT:
            return found
        known = function.globals.get(atom.name)
        if known is None:
            raise Unknown(f"`{atom.name}` has no value here")
        if known.kind in ("value", "opaque"):
            self.surroundings[id(known.value)] = known.value
        return known.value

    def block(self, block: Block) -> Leave:
        """Run statements in order; what is returned says how the block was left early."""
        for stmt in block:
            self.at = self.frames[-1][0], stmt
            left = self.statement(stmt)
            if left is not None:
                return left
        return None

    def statement(self, stmt: Stmt) -> Leave:
        match stmt:
            case Assign():
                self.assign(stmt)
            case Store():
                base, index, value = map(self.look, (stmt.base, stmt.index, stmt.value))
                self.does.store(base, index, value, stmt.op)
            case If(form="try"):
                return self.attempt(stmt)
            case If():
                return self.block(stmt.then if self.truth(stmt.test) else stmt.orelse)
            case For():
                return self.loop(stmt)
            case While():
                return self.repeat(stmt)
            case Exit():
                return stmt.kind, None if stmt.value is None else self.look(stmt.value)
            case _:
                raise Unknown(f"a {type(stmt).__name__}")
        return None

    def attempt(self, stmt: If) -> Leave:
        """`try`: what is raised may come of the values, so the pattern hangs on it."""
        assert isinstance(stmt.test, Var)
        env, depth = self.frames[-1][1], len(self.frames)
        try:
            left = self.block(stmt.then)
        except Exception as error:
            caught = stmt.orelse[0] if stmt.orelse else None
            if isinstance(error, SrcgradError) or not isinstance(caught, Assign):
                raise
            classes = tuple(self.look(atom) for atom in caught.args)
            if caught.fn != "try.caught" or not isinstance(error, classes):
                raise
            del self.frames[depth:]
            self.note("an exception")
            env[stmt.test.name] = False
            env.update(dict.fromkeys(caught.targets, error))
            return self.block(stmt.orelse[1:])
        env[stmt.test.name] = True
        return left

    def truth(self, atom: Atom) -> bool:
        value = self.look(atom)
        self.does.hangs_on(value, "a branch")
        return bool(plain(value))

    def loop(self, stmt: For) -> Leave:
        bounds = [self.look(atom) for atom in (stmt.start, stmt.stop, stmt.step)]
        self.does.hangs_on(bounds, "the length of a loop")
        env = self.frames[-1][1]
        for index in range(*(plain(bound) for bound in bounds)):
            env[stmt.index] = index
            left = self.block(stmt.body)
            if left is not None and left[0] == "return":
                return left
            if left is not None and left[0] == "break":
                break
        return None

    def repeat(self, stmt: While) -> Leave:
        while True:
            self.block(stmt.test)
            if not self.truth(stmt.cond):
                return None
            left = self.block(stmt.body)
            if left is not None and left[0] == "return":
                return left
            if left is not None and left[0] == "break":
                return None

    def assign(self, stmt: Assign) -> None:
        result = self.result(stmt)
        if stmt in self.watched and len(self.frames) == 1:
            self.watched[stmt](result)
        env = self.frames[-1][1]
        if len(stmt.targets) == 1:
            env[stmt.targets[0]] = result
        elif stmt.targets:
            count = len(plain(result))
            parts = [self.does.perform("operator.getitem", (result, k), {}) for k in range(count)]
            env.update(zip(stmt.targets, parts, strict=True))

    def result(self, stmt: Assign) -> Any:
        """The value of the right-hand side."""
        fn = stmt.fn
        args = [self.look(atom) for atom in stmt.args]
        kwargs = {name: self.look(atom) for name, atom in stmt.kwargs}
        if isinstance(fn, UserFunction):
            return self.user_call(self.lower(fn.key), args, kwargs)
        if not isinstance(fn, str):
            raise Unknown("a part of a derivative")
        match fn:
            case "copy" | "unpack":
                return args[0]
            case "tuple":
                return tuple(args)
            case "list":
                return list(args)
            case "dict":
                keys = [plain(key) for key in args[::2]]
                return dict(zip(keys, args[1::2], strict=True))
            case "slice":
                self.does.hangs_on(args, "an index")
                return slice(*map(plain, args))
            case "fstring":
                return str(args[0]).format(*map(plain, args[1:]))
            case "section":
                return None
            case "with.enter":
                manager = args[0]
                entered = manager.__enter__()
                self.managers.append(manager)
                return entered
            case "with.leave":
                self.managers.pop().__exit__(None, None, None)
                return None
        return self.other(fn, args, kwargs)

    def other(self, fn: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Assertions, exceptions, calls of values; and what the library does."""
        match fn:
            case "assert":
                self.does.hangs_on(args[0], "an assertion")
                if not plain(args[0]):
                    raise Unknown("the assertion fails")
                return None
            case "raise":
                raise Unknown("an exception is raised")
            case "call":
                if any(self.shadow.touches(value) for value in (*args, *kwargs.values())):
                    raise Unknown("a call of a value")
                return args[0](*args[1:], **kwargs)
        if fn.startswith("load."):
            return resolve(fn.removeprefix("load."))
        if fn.startswith("finally."):
            raise Unknown("a `finally` clause")
        return self.does.perform(fn, args, kwargs)

    def user_call(self, function: Function, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A call of a function of the user's; one with a rule is not looked into."""
        if function.hook is not None:
            raise Unknown("code on a gradient")
        if function.rule is None:
            return self.call(function, bound(function, args, kwargs))
        raise Unknown(f"`{function.name}` has a rule of its own")


def bound(function: Function, args: list[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by parameter, defaults included."""
    given: dict[str, Any] = {}
    rest, named = list(args), dict(kwargs)
    for param in function.params:
        if param.kind == "varargs":
            given[param.name], rest = tuple(rest), []
        elif param.kind == "varkw":
            given[param.name], named = named, {}
        elif rest and param.kind != "keyword":
            given[param.name] = rest.pop(0)
        elif param.name in named:
            given[param.name] = named.pop(param.name)
        elif param.has_value:
            given[param.name] = param.value
        else:
            raise Unknown(f"the default of `{param.name}` is not known")
    return given
