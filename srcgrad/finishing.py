"""The last step of a call: gradients in the containers the user passed, where those are special."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.support_layout import laid_out


def restructured(
    mode: str,
    wrt: tuple[str, ...],
    single: bool,
    has_aux: bool,
    result: Any,
    arguments: Mapping[str, Any],
) -> Any:
    """The result with each gradient in the types of its argument: named tuple, dataclass,
    subclass."""
    value: Any = None
    if mode == "value_and_grad":
        value, gradients = result
    else:
        gradients, value = result if has_aux else (result, None)
    parts = (gradients,) if single else gradients
    rebuilt = tuple(
        trees.restructure(part, arguments[name]) for name, part in zip(wrt, parts, strict=True)
    )
    found = rebuilt[0] if single else rebuilt
    if mode == "value_and_grad":
        return value, found
    return (found, value) if has_aux else found


def copied(leaf: Any) -> Any:
    """A leaf of its own; only arrays can be changed."""
    return laid_out(leaf) if isinstance(leaf, np.ndarray) else leaf
