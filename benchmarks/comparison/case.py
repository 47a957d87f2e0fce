"""What is measured: a program, arguments, and what else there is of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A program and its arguments; versions of it written by hand for tools that need one.

    A tool without a version of its own gets the program itself, with its own `np`.
    """

    name: str
    primal: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[int, ...] = (0,)
    by_hand: Callable[..., Any] | None = None
    jax: Callable[..., Any] | None = None
    torch: Callable[..., Any] | None = None
    numba: Callable[..., Any] | None = None  # its adjoint by hand, in compiled loops
    writes: bool = False  # into its arguments
    result: str = "gradient"  # or "jacobian", or "value" of a program that takes derivatives itself

    def copies(self) -> tuple[Any, ...]:
        """Arguments that may be changed."""
        return copy.deepcopy(self.args)


def leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The function applied to each leaf."""
    if isinstance(tree, dict):
        return {key: mapped(function, item) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(mapped(function, item) for item in tree)
    return function(tree)
