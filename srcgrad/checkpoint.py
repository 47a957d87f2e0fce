"""Functions that are run again to be reversed, so that nothing of what they compute is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import MethodType
from typing import Any

from srcgrad.errors import SrcgradError


class CheckpointedFunction:
    """A function of which a derivative keeps the arguments only. Calling it calls the function."""

    def __init__(self, primal: Callable[..., Any]) -> None:
        functools.update_wrapper(self, primal)
        self.primal = primal

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.primal(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str:
        return self.__name__  # by name, as functions are

    def __repr__(self) -> str:
        return f"<checkpointed function {self.__name__}>"


def checkpoint(function: Callable[..., Any]) -> CheckpointedFunction:
    """Keep the arguments of a function in place of what it computes: `@checkpoint`.

    Reverse mode runs the function a second time when it needs what the function computed. So it
    must not print, draw random numbers, or change anything: that is refused. Anywhere else, in
    forward mode or when it is called, it is the function as it is. For loops: `checkpointed`.
    """
    if not callable(function):
        raise SrcgradError("checkpoint takes a function: `@checkpoint` above it")
    return CheckpointedFunction(function)
