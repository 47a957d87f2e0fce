"""Functions that take derivatives, as text that runs alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from srcgrad.api import _check_backend, _compiler
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.signatures import signature_of

LEFT = re.compile(r"\bsrcgrad\.[\w.]+(?=\()")
REMEDY = "take derivatives by `grad`, `value_and_grad`, `vjp` or `jvp`"


def standalone(f: Any = None, *, backend: str = "numpy") -> Any:
    """The function itself, with the derivatives that it takes written out.

    A training loop, a solver of Newton's or a simulation whose forces are gradients becomes plain
    NumPy: `.source` and `.save(path)` give text that runs without srcgrad, and `backend="numba"`
    compiles the whole of it. It is called as the function is, and gives what that gives. Used as a
    decorator or called. Raises `UnsupportedError` for what cannot be read or written.
    """
    if f is None:
        return lambda g: standalone(g, backend=backend)
    _check_backend(backend)
    from srcgrad.callables import core_of  # the front end: not before it is needed

    core_of(f)
    compiler = _compiler(f, "value", (), False, late=False, backend=backend)

    def compile_for(kinds: Mapping[str, Any]) -> Lowered:
        lowered = compiler(kinds)
        left = LEFT.search(lowered.source)
        if left is not None:
            message = f"`{left[0]}` is called, which is not written out"
            raise UnsupportedError(Problem(lowered.file, 1, 0, message, REMEDY))
        return lowered

    return Derivative(f, compile_for, label="standalone", signature=signature_of(f))
