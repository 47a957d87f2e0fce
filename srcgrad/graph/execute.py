"""Run a lowered function on given inputs, and record each operation on the way.

This is an interpreter of the IR: what runs is the program as srcgrad understood it, so the graph
shows what is differentiated. An array that is written in place becomes a new value; where another
name still sees the old memory, that would be wrong, and is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeAlias

import numpy as np

from srcgrad.errors import InternalError, Problem, SrcgradError, UnsupportedError
from srcgrad.graph.nodes import Graph
from srcgrad.graph.operations import INPLACE, Refused, perform, resolve, store
from srcgrad.graph.record import Record
from srcgrad.graph.sweep import sweep
from srcgrad.graph.values import Ref, as_floats, is_open, leaves, plain, wrap
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
    Param,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)

Lower: TypeAlias = Callable[[str], Function]
Leave: TypeAlias = tuple[str, Ref] | None  # how a block was left early: Exit kind and value

STEPS = 200_000  # statements; a picture of more would serve nobody


@dataclass(slots=True)
class Frame:
    """One call in progress."""

    function: Function
    env: dict[str, Ref] = field(default_factory=dict)


def trace(
    function: Function,
    lower: Lower,
    at: Mapping[str, Any],
    wrt: tuple[str, ...] | None = None,
) -> Graph:
    """The computational graph of `function` at the inputs `at`, gradients included.

    `lower(key)` gives the program of a called user function. `wrt` names the parameters that the
    gradient is asked for: ints among them become floats; None means every numeric one. Raises
    `UnsupportedError` with the place for what cannot be traced or fails at these inputs, and
    `SrcgradError` for inputs that do not fit the parameters.
    """
    machine = Machine(lower)
    refs = _arguments(function, at, wrt, machine.record)
    result = machine.call(function, refs)
    graph = machine.record.finish(f"{function.name}({', '.join(refs)})", result)
    if not graph.outputs:
        raise SrcgradError(f"{function.name} returns no number at these inputs")
    sweep(graph)
    return graph


def _arguments(
    function: Function, at: Mapping[str, Any], wrt: tuple[str, ...] | None, record: Record
) -> dict[str, Ref]:
    names = [param.name for param in function.params]
    unknown = [name for name in (*at, *(wrt or ())) if name not in names]
    if unknown:
        raise SrcgradError(
            f"{function.name} has no parameter `{unknown[0]}`; it takes {', '.join(names)}"
        )
    missing = [p.name for p in function.params if p.name not in at and p.default is None]
    if missing:
        raise SrcgradError(f"{function.name} needs a value for `{'`, `'.join(missing)}`")
    refs = {}
    for param in function.params:
        value = at[param.name] if param.name in at else _default(param)
        if wrt is not None and param.name in wrt:
            value = as_floats(value)
        record_leaf = functools.partial(record.input, active=wrt is None or param.name in wrt)
        refs[param.name] = wrap(value, record_leaf, param.name)
    return refs


def _default(param: Param) -> Any:
    if not param.has_value:
        raise SrcgradError(f"the default of `{param.name}` is not known: give its value")
    return param.value


class Machine:
    """The state of a run: calls in progress and the record."""

    def __init__(self, lower: Lower) -> None:
        self.lower = lower
        self.record = Record()
        self.frames: list[Frame] = []
        self.steps = 0

    def call(self, function: Function, arguments: Mapping[str, Ref]) -> Ref:
        """Run a function to its end."""
        self.frames.append(Frame(function, dict(arguments)))
        try:
            left = self.block(function.body)
        finally:
            self.frames.pop()
        return Ref(None) if left is None else left[1]

    @property
    def env(self) -> dict[str, Ref]:
        return self.frames[-1].env

    def look(self, atom: Atom) -> Ref:
        """The value of an atom."""
        if isinstance(atom, Const):
            return Ref(atom.value)
        if atom.name in self.env:
            return self.env[atom.name]
        known = self.frames[-1].function.globals.get(atom.name)
        if known is None:
            raise Refused(f"`{atom.name}` has no value here")
        if known.kind == "opaque":
            raise Refused(f"`{atom.name}` is not a constant", "pass it as a parameter")
        if known.kind == "value" and not isinstance(known.value, (tuple, list, dict)):
            return Ref(known.value, None, atom.name)
        return wrap(known.value, lambda v, n: Ref(v, None, n), atom.name)

    def block(self, block: Block) -> Leave:
        """Run statements in order; what is returned says how the block was left early."""
        for stmt in block:
            self.steps += 1
            try:
                if self.steps > STEPS:
                    raise Refused(f"the run is longer than {STEPS} operations")
                left = self.statement(stmt)
            except Refused as reason:
                raise self.problem(stmt, str(reason), reason.remedy) from None
            if left is not None:
                return left
        return None

    def statement(self, stmt: Stmt) -> Leave:
        match stmt:
            case Assign():
                self.assign(stmt)
            case Store():
                self.store(stmt)
            case If():
                chosen = stmt.then if self.truth(stmt.test, stmt) else stmt.orelse
                return self.block(chosen)
            case For():
                return self.loop(stmt)
            case While():
                return self.repeat(stmt)
            case Exit():
                return stmt.kind, Ref(None) if stmt.value is None else self.look(stmt.value)
            case _:
                raise InternalError(f"a {type(stmt).__name__} in a program to be traced")
        return None

    def truth(self, atom: Atom, stmt: Stmt) -> bool:
        value: bool = self.guarded(stmt, lambda: bool(plain(self.look(atom))))
        return value

    def loop(self, stmt: For) -> Leave:
        bounds = [plain(self.look(atom)) for atom in (stmt.start, stmt.stop, stmt.step)]
        for index in self.guarded(stmt, lambda: range(*bounds)):
            self.env[stmt.index] = Ref(index)
            left = self.block(stmt.body)
            if left is not None and left[0] == "return":
                return left
            if left is not None and left[0] == "break":
                break
        return None

    def repeat(self, stmt: While) -> Leave:
        while True:
            self.block(stmt.test)
            if not self.truth(stmt.cond, stmt):
                return None
            left = self.block(stmt.body)
            if left is not None and left[0] == "return":
                return left
            if left is not None and left[0] == "break":
                return None

    def assign(self, stmt: Assign) -> None:
        result = self.guarded(stmt, lambda: self.result(stmt))
        if len(stmt.targets) == 1:
            self.env[stmt.target] = result
        elif stmt.targets:
            self.env.update(zip(stmt.targets, self.unpack(stmt, result), strict=True))

    def unpack(self, stmt: Assign, whole: Ref) -> list[Ref]:
        count = len(whole.value)
        if count != len(stmt.targets):
            raise Refused(f"{count} values for {len(stmt.targets)} targets")
        if is_open(whole):
            return list(whole.value)
        out = []
        for position, name in enumerate(stmt.targets):
            self.env["@whole"] = whole
            part = Assign((name,), "operator.getitem", (Var("@whole"), Const(position)))
            out.append(perform(self.record, part, "operator.getitem", self.look))
        del self.env["@whole"]
        return out

    def result(self, stmt: Assign) -> Ref:
        """The value of the right-hand side."""
        fn, args = stmt.fn, stmt.args
        if isinstance(fn, UserFunction):
            return self.user_call(fn, stmt)
        if not isinstance(fn, str):
            raise InternalError("a derivative half in a program to be traced")
        match fn:
            case "copy":
                ref = self.look(args[0])
                self.record.rename(ref, stmt.target)
                return ref
            case "unpack":
                return self.look(args[0])
            case "tuple":
                return Ref(tuple(self.look(atom) for atom in args))
            case "list":
                return Ref([self.look(atom) for atom in args])
            case "dict":
                keys = [plain(self.look(atom)) for atom in args[::2]]
                return Ref(dict(zip(keys, map(self.look, args[1::2]), strict=True)))
            case "slice":
                return Ref(slice(*(plain(self.look(atom)) for atom in args)))
            case "fstring":
                template, *values = (plain(self.look(atom)) for atom in args)
                return Ref(template.format(*values))
            case "assert":
                if not plain(self.look(args[0])):
                    raise Refused("the assertion fails at these inputs")
                return Ref(None)
            case "with.enter" | "with.leave" | "finally.try":
                raise Refused("a `with` or `try` statement")
            case "raise" | "call":
                reason = "an exception is raised" if fn == "raise" else "a call of a value"
                raise Refused(f"{reason} at these inputs" if fn == "raise" else reason)
        if fn.startswith("load."):
            return Ref(resolve(fn.removeprefix("load.")), None, fn.rpartition(".")[2])
        if fn in INPLACE:
            self.refuse_shared(self.look(args[0]), stmt.targets[0])
        return perform(self.record, stmt, fn, self.look)

    def user_call(self, fn: UserFunction, stmt: Assign) -> Ref:
        function = self.lower(fn.key)
        params = function.params
        given = dict(zip((p.name for p in params), map(self.look, stmt.args), strict=False))
        given |= {name: self.look(atom) for name, atom in stmt.kwargs}
        for param in params:
            if param.name not in given:
                given[param.name] = wrap(_default(param), lambda v, n: Ref(v, None, ""), param.name)
        result = self.call(function, given)
        if len(stmt.targets) == 1:
            self.record.rename(result, stmt.target)
        return result

    def store(self, stmt: Store) -> None:
        base, index, value = (self.look(a) for a in (stmt.base, stmt.index, stmt.value))
        name = stmt.base.name
        if is_open(base):
            key = plain(index)
            if stmt.op != "set":
                self.env["@item"] = base.value[key]
                part = Assign(("@new",), f"operator.{stmt.op}", (Var("@item"), stmt.value))
                value = self.guarded(
                    stmt, lambda: perform(self.record, part, str(part.fn), self.look)
                )
            base.value[key] = value
            return
        self.refuse_shared(base, name)
        self.env[name] = self.guarded(
            stmt, lambda: store(self.record, name, base, index, value, stmt.op)
        )

    def refuse_shared(self, base: Ref, name: str) -> None:
        """Refuse to write into memory that another name sees."""
        if not isinstance(base.value, np.ndarray):
            return
        for frame in self.frames:
            for other, ref in frame.env.items():
                if frame is self.frames[-1] and other == name:
                    continue
                for _, leaf in leaves(ref):
                    seen = leaf.value
                    if isinstance(seen, np.ndarray) and np.may_share_memory(seen, base.value):
                        raise Refused(
                            f"`{name}` is written in place while `{other}` shares its memory",
                            f"write into a copy: `{name} = {name}.copy()`",
                        )

    def guarded(self, stmt: Stmt, run: Callable[[], Any]) -> Any:
        """Run library code; what it raises becomes a problem with the place."""
        try:
            return run()
        except (Refused, SrcgradError, RecursionError):
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            text = f"{type(error).__name__} at these inputs: {error}"
            raise self.problem(stmt, text, "") from error

    def problem(self, stmt: Stmt, message: str, remedy: str) -> UnsupportedError:
        function = self.frames[-1].function
        unit = function.units.get(stmt.unit)
        if unit is None:
            return UnsupportedError(Problem(function.file, function.line, 0, message, remedy))
        source = " " * unit.col + unit.text.splitlines()[0]
        end = len(source)
        return UnsupportedError(
            Problem(function.file, unit.line, unit.col, message, remedy, source, end)
        )
