"""A program together with the derivatives that its own functions take of others.

Such a derivative is made when it is first asked for, as a text of its own, and read again as a part
of the program. So it may be differentiated like any function, and nothing is special about a
derivative of a derivative.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from srcgrad.analysis.callees import generalised, in_caller
from srcgrad.analysis.kinds import KindFacts, infer_kinds
from srcgrad.backends.numpy import compile_source
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.frontend.requests import AGAIN, Nested
from srcgrad.ir.core import Assign, Atom, Function, UserFunction
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind, held
from srcgrad.ir.values import globals_of
from srcgrad.ir.walk import walk

PRIMAL = "@primal"  # ends the key of the function that a nested derivative is of

Kinds = Mapping[str, Kind]
Make = Callable[[str, str, Nested, Kinds], tuple[str, Mapping[str, Any]]]


class Program(Protocol):
    """What the front end gives: functions by key."""

    def lower(self, key: str) -> Function: ...

    def source(self, key: str) -> Any: ...


class Known(Protocol):
    """What is known of functions and their calls."""

    def bind(self, callee: Function, stmt: Assign) -> dict[str, Atom]: ...

    def callee_kind(self, fn: UserFunction, stmt: Assign, kind_of: Any) -> Kind: ...

    def param_kinds(self, callee: Function, stmt: Assign, given: Kinds) -> dict[str, Kind]: ...


class Linked:
    """`make` writes a nested derivative: from its key, its name, what it is of and the kinds of
    the arguments, to a text and the values it reads that no text expresses."""

    def __init__(self, program: Program, make: Make) -> None:
        self.program = program
        self.make = make
        self.requests: Any = getattr(program, "requests", None)
        self.taken: set[str] = set() if self.requests is None else self.requests.reserved
        self.kinds: dict[str, Kinds] = {}  # of the arguments, by key
        self._adopted: dict[str, str] = {}
        self._pending: set[str] = set()  # being made
        self.change: Callable[[Function], Function] | None = None  # of functions as written
        self._changed: dict[str, Function] = {}

    @property
    def nested(self) -> Mapping[str, Nested]:
        found: Mapping[str, Nested] = getattr(self.program, "nested", {})
        return found

    @property
    def lifted(self) -> Mapping[str, Function]:
        """Functions that lowering made of parts of others."""
        found: Mapping[str, Function] = getattr(self.requests, "lifted", {})
        return found

    @property
    def ruled(self) -> Mapping[str, Any]:
        """Objects that hold a function and its rule. Read again, a text finds the rule in them."""
        found: Mapping[str, Any] = getattr(self.program, "ruled", {})
        return found

    @property
    def typed_dict(self) -> Any:
        """How the program looks up what a `TypedDict` holds, if it can."""
        return getattr(self.program, "typed_dict", None)

    def lower(self, key: str) -> Function:
        if key.endswith(AGAIN):
            return replace(self.lower(key.removesuffix(AGAIN)), again=True)
        if key.endswith(PRIMAL):
            return self.nested[key.removesuffix(PRIMAL)].fn
        if key in self.lifted:
            return self.lifted[key]
        if self.change is None:
            return self.program.lower(self.own(key))
        if key not in self._changed:
            self._changed[key] = self.change(self.program.lower(self.own(key)))
        return self._changed[key]

    def source(self, key: str) -> Any:
        return self.program.source(self.own(key))

    def taking_derivatives(self, fn: Function, key: str) -> Function | None:
        """A function whose text cannot stand in a generated file, since it calls derivatives by
        `grad`, or solvers on functions that read its variables, or has none: it is written with
        calls of what these become. None for all others."""
        called = (stmt.fn for stmt in walk(fn.body) if isinstance(stmt, Assign))
        keys = [key, *(f.key for f in called if isinstance(f, UserFunction))]
        if not any(k in self.nested or k in self.lifted for k in keys):
            return None
        call = f"`{fn.name}({', '.join(p.name for p in fn.params)})`"
        doc = "which is checkpointed" if fn.again else "with the derivatives that it takes"
        return replace(fn, doc=fn.doc or f"{call}, {doc}.", again=False)

    def own(self, key: str) -> str:
        """The program's own key of a function: of a nested derivative, that of its text."""
        nested = self.nested.get(key)
        if nested is None:
            return key.removesuffix(AGAIN)
        if key not in self._adopted:
            name = key.partition(":")[2]
            if key in self._pending:
                raise UnsupportedError(_endless(nested))
            self._pending.add(key)
            text, namespace = self.make(key + PRIMAL, name, nested, self.kinds.get(key, {}))
            self._pending.remove(key)
            self.taken |= {n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
            program: Any = self.program

            def load() -> Any:
                return compile_source(text, name, namespace)

            self._adopted[key] = program.adopt(name, text, load)
        return self._adopted[key]

    def specialise(self, fn: Function, kinds: Kinds, known: Known) -> None:
        """Note the kinds of the arguments of the derivatives that `fn` takes, and of those that the
        functions take which it calls.

        Each is called in one place of one function, so these are all its arguments, unless `fn`
        calls itself. Of the functions called, those are looked into that are called in one place.
        """
        if self._calls_itself(fn):
            return
        self._note_kinds(fn, kinds, known, self._places(fn))

    def tell(self, fn: Function, known: Known) -> None:
        """The same of a function that may be called anywhere, as far as its text tells and nothing
        is noted yet."""
        calls = [s for s in walk(fn.body) if isinstance(s, Assign) and self._is_new(s.fn)]
        new = [s for s in calls if isinstance(s.fn, UserFunction) and s.fn.key not in self.kinds]
        if new and not self._calls_itself(fn):
            self._note_kinds(fn, {}, known, Counter())

    def _note_kinds(self, fn: Function, kinds: Kinds, known: Known, places: Counter[str]) -> None:
        calls = [s for s in walk(fn.body) if isinstance(s, Assign) and self._is_new(s.fn)]
        inside = [s for s in walk(fn.body) if isinstance(s, Assign) and self._takes_some(s.fn)]
        if not calls and not inside:
            return
        facts = _Values(self, known).facts(fn, kinds)
        for stmt in calls:
            assert isinstance(stmt.fn, UserFunction)
            nested, symbols = self.nested[stmt.fn.key], dict[Dim, str]()
            found = {
                p.name: _plain(generalised(facts.before(stmt, a), p.name, False, symbols))
                for p, a in zip(nested.fn.params, stmt.args, strict=False)  # tangents follow
            }
            # a container of the surroundings is constant there, and differentiated here
            told = (n for n in nested.wrt if found.get(n, UNKNOWN).tag == "object")
            self.kinds[stmt.fn.key] = found | dict.fromkeys(told, UNKNOWN)
        for stmt in inside:
            assert isinstance(stmt.fn, UserFunction)
            if places[stmt.fn.key] == 1:
                callee = self.lower(stmt.fn.key)
                given = {p: facts.before(stmt, a) for p, a in known.bind(callee, stmt).items()}
                self._note_kinds(callee, known.param_kinds(callee, stmt, given), known, places)

    def _takes_some(self, fn: Any) -> bool:
        """Whether a function of the user's takes derivatives that are still to be made."""
        if not isinstance(fn, UserFunction) or fn.key in self.nested or fn.key.endswith(AGAIN):
            return False
        body = self.lower(fn.key).body
        return any(isinstance(s, Assign) and self._is_new(s.fn) for s in walk(body))

    def reaches_new(self, key: str) -> bool:
        """Whether a function, or one that it calls, takes derivatives still to be made."""
        pending, seen = [key], {key}
        while pending:
            for stmt in walk(self.lower(pending.pop()).body):
                called = stmt.fn if isinstance(stmt, Assign) else None
                if self._is_new(called):
                    return True
                if isinstance(called, UserFunction) and called.key not in seen:
                    seen.add(called.key)
                    pending.append(called.key)
        return False

    def _places(self, fn: Function) -> Counter[str]:
        """In how many places each function is called that `fn` reaches."""
        found: Counter[str] = Counter()
        pending, seen = [fn.body], set()
        while pending:
            for stmt in walk(pending.pop()):
                called = stmt.fn if isinstance(stmt, Assign) else None
                if isinstance(called, UserFunction):
                    found[called.key] += 1
                    if called.key not in seen:
                        seen.add(called.key)
                        nested = self.nested.get(called.key)
                        pending.append((nested.fn if nested else self.lower(called.key)).body)
        return found

    def result_kind(self, key: str, stmt: Assign, kind_of: Callable[[Atom], Kind]) -> Kind | None:
        """What a derivative gives, which is told by its arguments; None for other functions."""
        nested = self.nested.get(key)
        if nested is None:
            return None
        given = {p.name: kind_of(a) for p, a in zip(nested.fn.params, stmt.args, strict=False)}
        if nested.mode == "jvp":
            return _tuple([UNKNOWN, UNKNOWN])
        parts = [_gradient_kind(given[name]) for name in nested.wrt]
        gradient = parts[0] if nested.single else _tuple(parts)
        if nested.mode == "pull":
            return gradient
        value = UNKNOWN if nested.has_aux else NUMBER
        if nested.mode == "value_and_grad":
            return _tuple([value, gradient])
        return _tuple([gradient, UNKNOWN]) if nested.has_aux else gradient

    def _is_new(self, fn: Any) -> bool:
        known = isinstance(fn, UserFunction) and fn.key in self.nested
        return known and fn.key not in self._adopted

    def _calls_itself(self, fn: Function) -> bool:
        seen: set[str] = set()
        pending = [fn]
        while pending:
            for stmt in walk(pending.pop().body):
                called = stmt.fn if isinstance(stmt, Assign) else None
                if isinstance(called, UserFunction) and called.key not in seen:
                    seen.add(called.key)
                    nested = self.nested.get(called.key)
                    pending.append(nested.fn if nested else self.lower(called.key))
                    if pending[-1] is fn:
                        return True
        return False


class _Values:
    """Kinds in functions that take derivatives whose texts are not made yet: what such a function
    gives is told by its own text, and what a derivative gives by its function and arguments."""

    def __init__(self, linked: Linked, known: Known) -> None:
        self.linked = linked
        self.known = known
        self.found: dict[tuple[str, str], Kind] = {}

    def facts(self, fn: Function, kinds: Kinds) -> KindFacts:
        return infer_kinds(fn, kinds, globals_of(fn), self.of_call)

    def of_call(self, of: UserFunction, stmt: Assign, kind_of: Callable[[Atom], Kind]) -> Kind:
        nested = self.linked.nested.get(of.key)
        if nested is None and not self.linked.reaches_new(of.key):
            return self.known.callee_kind(of, stmt, kind_of)
        if nested is None:
            return self.value(of.key, self.linked.lower(of.key), stmt, kind_of)
        if nested.mode == "jvp":
            value = self.value(of.key + PRIMAL, nested.fn, stmt, kind_of)
            return _tuple([value, _gradient_kind(value)])
        return self.linked.result_kind(of.key, stmt, kind_of) or UNKNOWN

    def value(self, key: str, fn: Function, stmt: Assign, kind_of: Callable[[Atom], Kind]) -> Kind:
        """The kind of what a call of a function gives, in terms of the caller's arguments."""
        if fn.rule is not None:
            return UNKNOWN
        given = {p: kind_of(a) for p, a in self.known.bind(fn, stmt).items()}
        kinds = self.known.param_kinds(fn, stmt, given)
        memo = key, repr(sorted(kinds.items()))
        if memo not in self.found:
            self.found[memo] = UNKNOWN  # a recursive call knows nothing of its result yet
            self.found[memo] = self.facts(fn, kinds).result or UNKNOWN
        return in_caller(self.found[memo], kinds, given)


def _endless(nested: Nested) -> Problem:
    fn = nested.fn
    message = f"the derivative of `{fn.name}` that is taken here is needed to make itself"
    remedy = "write the function for each order of derivative out"
    return Problem(fn.file, fn.line, 0, message, remedy)


NUMBER = Kind("scalar", "?", ())


def _tuple(kinds: list[Kind]) -> Kind:
    return Kind("tuple", items=tuple(enumerate(kinds)))


def _plain(kind: Kind) -> Kind:
    """What holds objects with fields is left to the run."""
    return UNKNOWN if _has_fields(kind) else kind


def _has_fields(kind: Kind) -> bool:
    inside = held(kind) if kind.is_container else []
    return kind.fields is not None or any(map(_has_fields, inside))


def _gradient_kind(kind: Kind) -> Kind:
    """A gradient has the structure, shape and dtype of its argument."""
    if kind.is_array and kind.is_float:
        return kind
    if kind.is_container and kind.items is not None:
        return Kind(kind.tag, items=tuple((k, _gradient_kind(item)) for k, item in kind.items))
    return NUMBER if kind.is_scalar and not kind.dtype.startswith("c") else UNKNOWN
