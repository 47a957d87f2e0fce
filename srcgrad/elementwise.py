"""The derivative of what works element by element, as one pullback gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.argnums import ArgNums
from srcgrad.composites import Composite, Pulled
from srcgrad.errors import SrcgradError


class Elementwise(Composite):
    """Derivatives of an elementwise function, one for each element; see `elementwise_grad`."""

    label = "elementwise_grad"

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, backend: str) -> None:
        super().__init__(f, argnums, backend)
        self._proven: set[Any] = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        point = self.pulled(args, kwargs)
        value = point.value
        if trees.children(value) is not None or not trees.is_float_leaf(value):
            raise SrcgradError(f"{self.label}: {self.__name__} must return one array or number")
        shapes = tuple(np.shape(arg) for arg in point.given)
        if any(shape != np.shape(value) for shape in shapes):
            raise SrcgradError(
                f"{self.label}: {self.__name__} takes shapes {shapes} to {np.shape(value)}, so it "
                "does not work element by element; use `jacobian`"
            )
        parts = point.back(np.ones_like(value) if np.ndim(value) else type(value)(1))
        if np.size(value) > 1 and shapes not in self._proven:
            self._prove(point, parts)
            self._proven.add(shapes)
        return self.result(parts)

    def _prove(self, point: Pulled, parts: Sequence[Any]) -> None:
        """Of a diagonal Jacobian, any cotangent gives its own multiple of the diagonal."""
        seed = np.random.default_rng(0).uniform(0.5, 1.5, np.shape(point.value))
        seed = seed.astype(np.asarray(point.value).dtype)
        for part, other in zip(parts, point.back(seed), strict=True):
            tolerance = 100 * np.finfo(np.asarray(part).dtype).eps
            scale = tolerance * (1 + np.max(np.abs(part), initial=0, where=np.isfinite(part)))
            if not np.allclose(other, seed * part, rtol=tolerance, atol=scale, equal_nan=True):
                raise SrcgradError(
                    f"{self.label}: elements of the value of {self.__name__} depend on other "
                    "elements of the argument; use `jacobian`"
                )
