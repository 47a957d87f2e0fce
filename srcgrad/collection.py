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
                if not _SETTLED:
                    _settle()
                gc.enable()

    return quiet


_SETTLED: list[bool] = []  # not empty once the compiler has been imported, by the first to run


def _settle() -> None:
    """What the import of the compiler made lives to the end: it joins the oldest objects at once.

    The first search after the import would look through all of it, which takes a tenth of the
    first derivative. Objects that somebody has frozen stay frozen: then nothing is done.
    """
    _SETTLED.append(True)
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
