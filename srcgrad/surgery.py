"""Code of the user's inside derivatives: `with on_gradient(h) as h_bar:`, `gradient_of(h, see)`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any


class _Skipped(BaseException):
    """Leaves a block that belongs to the derivative."""


class on_gradient:
    """The body runs in the backward sweep, with the gradient of `h` at this place.

    `with on_gradient(h) as h_bar:` stands for nothing where the function itself is called: its body
    is skipped. Reverse mode runs it when everything that was computed from this `h` has given its
    part of the gradient. The body may print, stop in a debugger, or assign `h_bar` anew, which is
    the gradient that is passed on. `h` is a variable of the function, bound by then.
    """

    def __init__(self, value: Any) -> None:
        self._tracer: Any = None

    def __enter__(self) -> Any:
        frame = sys._getframe(1)
        before = frame.f_trace, frame.f_trace_opcodes
        self._tracer = sys.gettrace()

        def skip(*_: Any) -> Any:
            sys.settrace(self._tracer)
            frame.f_trace, frame.f_trace_opcodes = before
            raise _Skipped

        # Python has no way to skip a body. What a debugger is told first is the next instruction,
        # which belongs to the body, even on the same line.
        frame.f_trace, frame.f_trace_opcodes = skip, True
        sys.settrace(lambda *_: None)
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> bool:
        return kind is _Skipped


def gradient_of(value: Any, hook: Callable[[Any], Any]) -> Any:
    """`value` as it is; `hook` is called with its gradient, in the backward sweep.

    `h = gradient_of(h, hook)`, or around any expression. Reverse mode calls `hook(h_bar)` when
    everything that was computed from what this call returns has given its part of the gradient.
    What the hook returns is passed on in place of `h_bar`, unless it is None. `hook` is a function,
    a lambda, a method, or anything else that is called; where the function itself is called, it is
    not.
    """
    return value
