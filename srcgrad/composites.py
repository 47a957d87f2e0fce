"""What is made of a generated pullback and stands in for a function, as a `Derivative` does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import pullbacks
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative
from srcgrad.errors import SrcgradError
from srcgrad.signatures import bound_arguments, is_library, signature_of


class Composite:
    """A function made of a generated pullback, with the signature of the function it is about.

    `primal` is the function as written, `source` the text of the pullback. Pickles by that text.
    """

    label = "derivative"
    primal: Callable[..., Any] | None

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, backend: str) -> None:
        self.primal = f
        self.__signature__ = signature_of(f)
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        self.__qualname__ = getattr(f, "__qualname__", self.__name__)
        self.__module__ = getattr(f, "__module__", None) or __name__
        self.__doc__ = getattr(f, "__doc__", None)
        self.wrt, self.single = parameters(self.__signature__, argnums, self.__name__)
        self._own = self.__signature__
        self._of_library = is_library(f)
        self.pulls: Derivative[..., Any] = pullbacks(self.differentiated(f), self.wrt, backend)

    def differentiated(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """What the pullback is of."""
        return f

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        """The pullback for arguments of these kinds: its `.source`, and `.function`."""
        return self.pulls.lower(*args, **kwargs)

    @property
    def source(self) -> str:
        """Text of the pullback made last."""
        return self.pulls.source

    def save(self, path: Any) -> None:
        """Write `.source` to a file, whole or not at all."""
        self.pulls.save(path)

    def __repr__(self) -> str:
        return f"<srcgrad {self.label} of {self.__name__}>"

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"primal": None}

    def bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> inspect.BoundArguments:
        """Which parameter gets what in a call."""
        return bound_arguments(self._own, args, kwargs, self.wrt, self._of_library)

    def pulled(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Pulled:
        """The function at the arguments."""
        bound = self.bound(args, kwargs)
        value, pull = self.pulls(*args, **kwargs)
        return Pulled(self, value, pull, [bound.arguments[name] for name in self.wrt])

    def result(self, parts: Sequence[Any]) -> Any:
        return parts[0] if self.single else tuple(parts)


class Pulled:
    """A function at a point: its value, and the cotangents of the arguments differentiated."""

    def __init__(self, owner: Composite, value: Any, pull: Any, given: list[Any]) -> None:
        self.owner = owner
        self.value = value
        self.pull = pull
        self.given = [trees.map_leaves(promoted, arg) for arg in given]
        for tree in (value, *self.given):
            if any(map(np.iscomplexobj, trees.flatten(tree)[0])):
                raise SrcgradError(
                    f"{owner.label} of {owner.__name__} has complex arguments or values: "
                    "differentiate real and imaginary parts apart"
                )

    def back(self, cotangent: Any) -> list[Any]:
        """Cotangents of the arguments, in the containers they came in."""
        parts = self.pull(cotangent)
        return [trees.restructure(p, arg) for p, arg in zip(parts, self.given, strict=True)]


def promoted(leaf: Any) -> Any:
    return float(leaf) if type(leaf) is int else leaf
