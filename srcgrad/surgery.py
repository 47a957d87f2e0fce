"""Code of the user's inside derivatives: `with on_gradient(h) as h_bar:`."""

from __future__ import annotations

import sys
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
