"""What `grad` and its kin return: an object that stands in for the function and its derivative.

It keeps one generated function for each tuple of argument kinds. A call makes the key of its
arguments, looks up the function, checks that the globals it was made from are still the same
objects, and calls it. The compiler is given: this file knows nothing of how derivatives are made.
"""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FunctionType, MethodType
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

import numpy as np

from srcgrad import trees
from srcgrad.argnums import parameters
from srcgrad.backends.lowered import Guard, Lowered, Version
from srcgrad.backends.numpy import register, user_traceback
from srcgrad.errors import SrcgradError
from srcgrad.inlinecache import InlineCache, Test, never
from srcgrad.ir.kinds import FLOAT, FLOAT64, Kind
from srcgrad.ir.values import Key, exact_keys, key_of_value, kind_of_value
from srcgrad.signatures import (
    Written,
    bound_arguments,
    is_library,
    is_literal,
    is_written,
    renewed,
    signature_of,
)

__all__ = ["Compiler", "Derivative", "Finish", "Guard", "Kinds", "Lowered", "signature_of"]

P = ParamSpec("P")
R = TypeVar("R")

Kinds: TypeAlias = Mapping[str, Kind | Written]  # by parameter; `*args` a tuple, `**kwargs` a dict
Compiler: TypeAlias = Callable[[Kinds], Lowered]
Finish: TypeAlias = Callable[[Any, Mapping[str, Any]], Any]

EXACT = 1024  # entries kept under exact keys


class Made(dict[Any, Any]):
    """The derivatives made of a function, kept with it: `grad(f)` in a loop compiles once.

    They are no part of its state: a copy, and what is unpickled, begins without.
    """

    NAME = "__derivatives__"

    def __init__(self, owner: Any) -> None:
        super().__init__()
        self.owner = owner

    def __reduce__(self) -> tuple[Any, ...]:
        return Made, (None,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Made:
        return Made(None)


def derivatives_of(f: Any) -> Made:
    """Where the derivatives of `f` are kept. Functions and derivatives keep theirs."""
    if not isinstance(f, FunctionType | Derivative):
        return Made(f)
    found = vars(f).get(Made.NAME)
    if not isinstance(found, Made) or found.owner is not f:  # `functools.wraps` copies it
        found = vars(f)[Made.NAME] = Made(f)
    return found


class Derivative(Generic[P, R]):
    """The derivative of a function, with the function's own signature.

    `compiler(kinds)` gives the version for parameters of these kinds; no kinds: the version that
    assumes nothing. `wrt` names the parameters differentiated. `finish(result, arguments)` may
    change a result before it is returned; it runs where an argument differentiated holds a
    container of a type that generated code does not build (named tuple, dataclass, subclass).
    Safe to call from several threads.
    """

    primal: Callable[..., Any]  # the function as written
    _of_library = False
    _again: Compiler | None  # for what is to be differentiated again, where that is another text

    def __init__(
        self,
        primal: Callable[..., Any],
        compiler: Compiler,
        *,
        wrt: tuple[str, ...] = (),
        label: str = "derivative",
        signature: inspect.Signature | None = None,
        finish: Finish | None = None,
        single: bool = True,
        has_aux: bool = False,
        again: Compiler | None = None,
    ) -> None:
        self.primal = primal
        self._of_library = is_library(primal)
        self.single, self.has_aux = single, has_aux
        self._set_up(compiler, wrt, label, signature or signature_of(primal), finish)
        self._again = again
        self.__name__ = getattr(primal, "__name__", type(primal).__name__)
        if wrt:
            parameters(self.__signature__, wrt, self.__name__)  # raises where it has none of these
        self.__qualname__ = getattr(primal, "__qualname__", self.__name__)
        self.__module__ = getattr(primal, "__module__", None) or __name__
        self.__doc__ = getattr(primal, "__doc__", None)

    def _set_up(
        self,
        compiler: Compiler | None,
        wrt: tuple[str, ...],
        label: str,
        signature: inspect.Signature,
        finish: Finish | None,
    ) -> None:
        self.wrt = wrt
        self.label = label
        self.__signature__ = signature
        self._compiler = compiler
        self._again = None
        self._finish = finish
        self._shipped: Mapping[Key, Lowered] = {}
        self._versions: dict[Key, Version] = {}
        self._exact: dict[Key, Version] = {}  # the same, by keys that are quicker to make
        self._inline = InlineCache()
        self._expected: tuple[Test, Any] = never, None  # for arguments like the last ones
        self._general: Version | None = None
        self._latest: Lowered | None = None
        self._lock = threading.RLock()

    # --- calling

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        version: Version
        as_expected, version = self._expected
        if kwargs or not as_expected(args):
            version = self._known_version(args, kwargs)
        for space, name, value in version.guards:
            if space.get(name) is not value:
                version = self._specialise(args, kwargs)
                break
        try:
            result: R = version.call(*args, **kwargs)
        except Exception as error:
            self._explain(error, version.lowered)
            # Not a bare `raise`: before Python 3.11 it brings the old traceback back.
            raise error
        return result

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: the instance is the first argument."""
        return self if instance is None else MethodType(self, instance)

    def _explain(self, error: Exception, lowered: Lowered) -> None:
        """Put the user's lines into the error's traceback; take out `__call__`'s own entry."""
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        lowered = lowered.fallback or lowered
        text, function = lowered.source, lowered.plain
        error.__traceback__ = user_traceback(error, text, lowered.file, function, self.__name__)

    def _known_version(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Version:
        """The version under the exact key of the arguments; what comes again is the last one."""
        key = exact_keys(args, kwargs)
        version = self._exact.get(key)
        if version is None:
            return self._specialise(args, kwargs)
        if not kwargs:
            self._expected = self._inline.test(key, args), version
        return version

    def _specialise(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Version:
        """The version for these arguments, entered under their exact key as well."""
        with self._lock:
            version = self._version(args, kwargs)
            if len(self._exact) >= EXACT:  # arrays of ever new lengths
                self._exact.clear()
                self._inline.clear()
            if not self._said(args, kwargs):  # the key does not tell what it is written for
                self._exact[exact_keys(args, kwargs)] = version
            self._expected = never, version
            return version

    def _version(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Version:
        key: Key = tuple(map(key_of_value, args))
        if kwargs:
            key = (key, tuple(kwargs), tuple(map(key_of_value, kwargs.values())))
        said = self._said(args, kwargs)
        key = (key, *said) if said else key
        with self._lock:
            if said and len(self._versions) >= EXACT:  # ever new functions
                self._versions.clear()
            version = self._versions.get(key)
            if version is not None and version.fresh:
                return version
            if version is not None:
                self.__signature__ = renewed(self.__signature__, self.primal)
            bound = bound_arguments(
                self.__signature__, args, kwargs, self.wrt, self._of_library, bool(said)
            )
            arguments = bound.arguments
            promoted = frozenset(n for n in self.wrt if self._is_promoted(n, arguments[n]))
            lowered = self._compile(key, arguments, promoted)
            special = any(_has_own_container(arguments[name]) for name in self.wrt)
            finish = self._finish if special else None
            adapted = promoted or finish is not None
            call = self._adapter(lowered.function, promoted, finish) if adapted else None
            version = Version.of(lowered, call)
            self._versions[key] = version
            self._latest = lowered
            return version

    def _compile(self, key: Key, arguments: Mapping[str, Any], promoted: frozenset[str]) -> Lowered:
        kinds: dict[str, Kind | Written] = {n: self._known(n, v) for n, v in arguments.items()}
        if self._compiler is None:
            return self._shipped.get(key) or self._general_version().lowered
        for name in promoted:
            kinds[name] = FLOAT if isinstance(arguments[name], int) else FLOAT64
        return self._compiler(kinds)

    def _known(self, name: str, value: Any) -> Kind | Written:
        if name not in self.wrt and is_written(value, self._of_library):
            return Written(value)
        return kind_of_value(value, name)

    def _said(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Any]:
        """The arguments whose very values a version is written for, as part of its key."""
        given = (*args, *kwargs.values())
        found = [v for v in given if is_written(v, self._of_library)]
        return [repr(v) if is_literal(v) else v for v in found]

    def _is_promoted(self, name: str, value: Any) -> bool:
        """Whether an argument is an integer to take as a float; raises if it has no derivative."""
        if isinstance(value, int | np.integer) and not isinstance(value, bool):
            return True
        if trees.has_float_leaf(value) or not trees.flatten(value)[0]:
            return False
        what, remedy = f"a {type(value).__name__}", "name other parameters with `argnums`"
        if isinstance(value, np.ndarray):
            what, remedy = f"an array of dtype {value.dtype}", f"pass `{name}.astype(float)`"
        elif trees.children(value):
            what, remedy = "a container without any float", "write its numbers as floats"
        raise SrcgradError(
            f"{self.label} of {self.__name__}: argument `{name}` is {what}, but only "
            f"floating-point values have a derivative; {remedy}"
        )

    def _adapter(
        self, call: Callable[..., Any], promoted: frozenset[str], finish: Finish | None
    ) -> Callable[..., Any]:
        """A slower call: integers to floats before it, the user's containers after it."""
        signature, wrt, library = self.__signature__, self.wrt, self._of_library

        def adapted(*args: Any, **kwargs: Any) -> Any:
            bound = bound_arguments(signature, args, kwargs, wrt, library)
            for name in promoted:
                value = bound.arguments[name]
                bound.arguments[name] = (float if isinstance(value, int) else np.float64)(value)
            result = call(*bound.args, **bound.kwargs)
            return result if finish is None else finish(result, bound.arguments)

        return adapted

    # --- looking at it

    def lower(self, *args: P.args, **kwargs: P.kwargs) -> Lowered:
        """The version for these arguments: its `.source`, and `.function` without any dispatch.

        Does not run it. Raises what a call raises where the function cannot be differentiated.
        """
        version = self._exact.get(exact_keys(args, kwargs))
        if version is None or not version.fresh:
            version = self._specialise(args, kwargs)
        return version.lowered

    def compile(self, kinds: Kinds) -> Lowered:
        """The version for parameters of these kinds, to be differentiated again."""
        compiler = self._again or self._compiler
        return self._general_version().lowered if compiler is None else compiler(kinds)

    def _general_version(self) -> Version:
        """The version that assumes nothing of its arguments."""
        with self._lock:
            if self._general is None or not self._general.fresh:
                if self._compiler is None:
                    raise SrcgradError(
                        f"{self.label} of {self.__name__} was unpickled without its function, and "
                        "has no version for these arguments; call it with such before pickling"
                    )
                self._general = Version.of(self._compiler({}))
            return self._general

    @property
    def _current(self) -> Lowered:
        return self._latest or self._general_version().lowered

    @property
    def source(self) -> str:
        """Text of the version compiled last; before any call, of the one that assumes nothing."""
        lowered = self._current
        register(lowered.source, lowered.plain.__code__.co_filename)
        return lowered.source

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `.source` to a file, whole or not at all."""
        self._current.save(path)

    def __getattr__(self, name: str) -> Any:
        # Not a property: `inspect.unwrap(Derivative)` must find nothing on the class itself.
        if name != "__wrapped__" or "_lock" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        try:
            return self._current.plain  # `inspect.getsource` and IPython's `??` show it
        except SrcgradError as error:
            raise AttributeError(f"no derivative to show: {error}") from error

    def __repr__(self) -> str:
        return f"<srcgrad {self.label} of {self.__name__}>"

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.source)}</pre>"

    # --- copying and pickling

    def __copy__(self) -> Derivative[P, R]:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Derivative[P, R]:
        return self  # as functions do

    def __reduce__(self) -> tuple[Any, ...]:
        """By text: loading it needs srcgrad, but neither the user's module nor any source file."""
        with self._lock:
            general: Lowered | None = None
            with suppress(SrcgradError):  # differentiable for known kinds only: their versions go
                general = self._general_version().lowered
            known = dict(self._shipped)
            known |= {k: v.lowered for k, v in self._versions.items() if v.fresh and _is_plain(k)}
        if general is None and not known:
            raise SrcgradError(f"{self!r} has no version to pickle; call it once before")
        names = (self.__name__, self.__qualname__, self.__doc__)
        return _restore, (names, self.wrt, self.label, general, known, self._finish)


def _restore(
    names: tuple[str, str, str | None],
    wrt: tuple[str, ...],
    label: str,
    general: Lowered | None,
    shipped: Mapping[Key, Lowered],
    finish: Finish | None,
) -> Derivative[Any, Any]:
    """A derivative from its texts; it has no primal, and compiles nothing new."""
    new: Derivative[Any, Any] = Derivative.__new__(Derivative)
    some = general or next(iter(shipped.values()))
    new._set_up(None, wrt, label, signature_of(some.function), finish)
    new.__name__, new.__qualname__, new.__doc__ = names
    new.__module__ = __name__
    new._shipped = shipped
    new._general = None if general is None else Version.of(general)
    new._latest = list(shipped.values())[-1] if shipped else general
    return new


def _has_own_container(tree: Any) -> bool:
    """Whether a tree holds containers of a type that generated code does not build."""
    parts = trees.children(tree)
    if parts is None:
        return False
    if type(tree) not in (tuple, list, dict):
        return True
    return any(_has_own_container(child) for _, child in parts)


def _is_plain(key: Key) -> bool:
    """Whether a key names only types that any process has."""
    if isinstance(key, type):
        return key.__module__ in ("builtins", "numpy")
    return not isinstance(key, tuple) or all(map(_is_plain, key))
