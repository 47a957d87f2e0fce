"""How the tests of the front end lower text and compare programs."""

from __future__ import annotations

from textwrap import dedent, indent

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import read_text
from srcgrad.ir.core import Function
from srcgrad.ir.show import show
from srcgrad.ir.verify import verify


def lower(text: str, name: str = "f") -> Function:
    """Lower one function of a module given as text, and verify it."""
    module = read_text(dedent(text), "model.py")
    fn = module.lower(module.functions[name])
    verify(fn)
    return fn


def body(text: str, params: str = "x, y, n") -> str:
    """The IR of a function's body, without the `return None` at its end."""
    fn = lower(f"import numpy as np\nimport math\ndef f({params}):\n{indent(dedent(text), '    ')}")
    shown = dedent("\n".join(show(fn).splitlines()[1:])).strip()
    return shown.removesuffix("return None").rstrip()


def problems(text: str, name: str = "f") -> list[tuple[int, int, str]]:
    """Line, column and message of each problem of a function."""
    try:
        lower(text, name)
    except UnsupportedError as error:
        return [(p.line, p.col, p.message) for p in error.problems]
    return []
