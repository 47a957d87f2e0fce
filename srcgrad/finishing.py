"""The last step of a call: gradients in the containers the user passed, where those are special."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcgrad import trees


def restructured(
    mode: str, wrt: tuple[str, ...], single: bool, result: Any, arguments: Mapping[str, Any]
) -> Any:
    """The result with each gradient in the types of its argument: named tuple, dataclass,
    subclass."""
    value, gradients = result if mode == "value_and_grad" else (None, result)
    parts = (gradients,) if single else gradients
    rebuilt = tuple(
        trees.restructure(part, arguments[name]) for name, part in zip(wrt, parts, strict=True)
    )
    found = rebuilt[0] if single else rebuilt
    return (value, found) if mode == "value_and_grad" else found
