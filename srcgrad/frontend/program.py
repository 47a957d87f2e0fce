"""A function object and the functions it reaches, lowered when they are asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, MethodType
from typing import Any

from srcgrad.errors import SourceError
from srcgrad.frontend.environment import LiveEnvironment, Users, default_values
from srcgrad.frontend.function import call_of, function_with_rule, lower_function
from srcgrad.frontend.requests import Nested, Requests, Rules, ruled_by
from srcgrad.frontend.source import Located, Source, locate
from srcgrad.ir.core import Function
from srcgrad.ir.surroundings import Named

CALL = "@call"  # ends the key of a program that is one call of a function with a rule


class Program:
    """`root` is the key of the function read; `lower` and `source` take any function's key."""

    def __init__(
        self,
        fn: FunctionType,
        receiver: Any = None,
        classes: Mapping[str, type] | None = None,
        custom: Any = None,
    ) -> None:
        self._receiver = receiver
        self._classes = classes
        self._users = Users()
        self._lowered: dict[str, Function] = {}
        self._located: dict[str, Located] = {}
        self.root = self._users.number(fn).key
        self._find(self.root)  # so that a missing source is said at once
        ruled = ruled_by(custom)
        if ruled is not None:
            rule, other = self._users.number(ruled.rule), ruled.tangent
            tangent = None if other is None else self._users.number(other)
            self._users.requests.add_rule(self.root, Rules(rule, ruled.pushes, tangent), custom)
            self.root += CALL

    @property
    def requests(self) -> Requests:
        return self._users.requests

    @property
    def nested(self) -> Mapping[str, Nested]:
        """The derivatives that the functions lowered so far take of functions in them."""
        return self._users.requests.nested

    @property
    def ruled(self) -> Mapping[str, Any]:
        """The objects that carry rules, by the keys of their functions."""
        return self._users.requests.ruled

    @property
    def named(self) -> Sequence[Named]:
        """Every name that was looked up in a function, and what it stood for."""
        return self._users.named

    @property
    def imported(self) -> Sequence[Any]:
        """Modules that the functions import themselves."""
        return self._users.imported

    @property
    def functions(self) -> Sequence[FunctionType]:
        """Every function that was read, or reached."""
        return tuple(self._users.functions.values())

    def adopt(self, name: str, text: str, load: Callable[[], Any]) -> str:
        """The key of a generated function, which becomes a part of the program."""
        return self._users.number(load()).key

    def function(self, key: str) -> FunctionType:
        """The function object behind a key."""
        return self._users.functions[key.removesuffix(CALL)]

    def lower(self, key: str) -> Function:
        """The function as IR. Raises `UnsupportedError` with all its problems, or `SourceError`."""
        found = self._lowered.get(key)
        if found is None and key.endswith(CALL):
            inner = self.lower(key.removesuffix(CALL))
            own = self._users.number(self.function(key))
            found = self._lowered[key] = call_of(inner, own)
        if found is None:
            located, fn = self._find(key), _signature_holder(self.function(key))
            env = LiveEnvironment(fn, located.file, self._users)
            rules = self._users.requests.rules.get(key)
            if rules is not None:
                found = function_with_rule(located, env, default_values(fn), rules)
                self._lowered[key] = found
                return found
            wrapper = None if fn is self.function(key) else self._users.number(self.function(key))
            receiver = self._receiver if key == self.root else None
            classes = self._classes if key == self.root else None
            found = lower_function(located, env, default_values(fn), receiver, wrapper, classes)
            self._lowered[key] = found
        return found

    def source(self, key: str) -> Source:
        """The text of the function."""
        return self._find(key).source()

    def _find(self, key: str) -> Located:
        found = self._located.get(key)
        if found is None:
            found = self._located[key] = locate(_signature_holder(self.function(key)))
        return found


def _signature_holder(fn: FunctionType) -> FunctionType:
    """The function that gives a decorated one its parameters: `functools.wraps` says which."""
    inner = inspect.unwrap(fn)
    return inner if isinstance(inner, FunctionType) else fn


def read_live(fn: Any, receiver: Any = None, classes: Mapping[str, type] | None = None) -> Program:
    """Read a function, a lambda, or the function of a method or of a derivative made from one.

    `receiver`: the object that is the first argument of every call, for a method. `classes`: of
    arguments that are dataclasses, to be taken apart.

    Raises `SourceError` if its text cannot be had or is not the text that was compiled.
    """
    custom = fn if ruled_by(fn) is not None else None
    while not isinstance(fn, FunctionType):
        inner = fn.__func__ if isinstance(fn, MethodType) else getattr(fn, "primal", None)
        if inner is None and hasattr(fn, "cache_info"):  # functools.lru_cache
            inner = fn.__wrapped__
        if inner is None:
            raise SourceError(f"{fn!r} is not a function written in Python: it has no source")
        fn = inner
    return Program(fn, receiver, classes, custom)
