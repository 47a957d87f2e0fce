"""Work that makes many small objects, and no garbage to speak of."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def without_collection(function: Callable[P, R]) -> Callable[P, R]:
    """The function, run without Python's search for cyclic garbage.

    A program and its analyses are many small objects that all live to the end, and so is what an
    import makes: searching them again and again takes a quarter of the time.
    """

    @functools.wraps(function)
    def quiet(*args: P.args, **kwargs: P.kwargs) -> R:
        searching = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if searching:
                gc.enable()

    return quiet
