"""What is refused: each with its place and reason, all of a function at once."""

from __future__ import annotations

import pytest

from srcgrad.errors import UnsupportedError
from srcgrad.frontend import read_text
from tests.frontend.lowering import lower, problems

TABLE = {
    "y = [lambda a: a][n:]": (18, "a list of functions is used as a value"),
    "y = (a for a in x)": (4, "a generator expression"),
    "y = np.stack(a for a in x)": (12, "a generator expression"),
    "y = sorted((a for a in x), key=(b for b in n))": (31, "a generator expression"),
    "y = [a async for a in x]": (17, "`async for`"),
    "y = [missing for a in x]": (5, "name `missing`"),
    "y = [a for a in x], a": (20, "name `a` is not defined"),
    "y = [a for a in x for b in nothing if b]": (27, "name `nothing`"),
    "for a in x: x.extend(b for b in x)": (12, "`x` changes its length"),
    "y = [x.append(a) for a in x]": (5, "`x` changes its length"),
    "y = yield x": (4, "`yield`"),
    "y = (lambda a: a)(1, 2)": (4, "this call of `<lambda>` has too many"),
    "class A: pass": (0, "a class defined inside"),
    "global G; G = x": (0, "assigns the global `G`"),
    "global missing; y = missing": (20, "name `missing` is not defined"),
    "import mine": (0, "an import inside"),
    "from . import mine": (0, "an import inside"),
    "import math as np": (0, "`np` has another meaning"),
    "import math as x": (0, "`x` is imported and assigned"),
    "del x.T": (4, "`del` of an attribute"),
    "del np": (4, "`np` is read"),
    "del missing": (4, "`missing` is read"),
    "y: int; y = y + 1": (12, "`y` is read before"),
    "try: y = n\n    except* ValueError: pass": (0, "`except*`"),
    "for a in x:\n        try: pass\n        finally: break": (13, "`finally` that leaves"),
    "try: y = n; n = y / x\n    except TypeError: n = y": (0, "`y` may hold"),
    "try: n = n + 1; y = x / n\n    except TypeError: pass": (0, "`n` may hold"),
    "try:\n        if n: y = x\n        n = 1\n    except TypeError: raise\n    n = y": (
        0,
        "`y` may get",
    ),
    "try:\n        if n: return x\n        n = x / n\n    except TypeError: pass": (
        10,
        "leaves a `try`",
    ),
    "try:\n        try: pass\n        finally: n = x\n    except TypeError: pass": (
        4,
        "a `try` inside",
    ),
    "try:\n        with n: pass\n    except TypeError: pass": (4, "a context inside"),
    "try: pass\n    except (lambda: n)(): pass": (7, "an exception that is computed"),
    "with x as n.a: pass": (10, "assignment to an attribute"),
    "match x:\n     case int(): pass": (6, "a class pattern"),
    "match x:\n     case {'a': 1, **n}: pass": (6, "`**` in a pattern"),
    "match x:\n     case (1, a) | (a, 2): pass": (6, "names bound by alternatives"),
    "match x:\n     case missing.A: pass": (6, "name `missing`"),
    "y = x(*n)": (6, "how many items `*n` gives"),
    "y = x(**n)": (8, "which keywords `**n`"),
    "x.w = n": (0, "assignment to an attribute"),
    "y = z + 1\n    z = 2": (4, "`z` is read before it has a value"),
    "y = missing + 1": (4, "name `missing` is not defined"),
    "y = np.nonsense(x)": (4, "`np` has no attribute `nonsense`"),
    "for i in range(0, 3, 0): pass": (21, "the step of a range"),
    "for a in x: x.append(a)": (12, "`x` changes its length"),
    "raise": (0, "`raise` without"),
    "W[0] = x": (0, "stores into the global `W`"),
}


@pytest.mark.parametrize(("text", "expected"), TABLE.items(), ids=TABLE)
def test_refusal(text: str, expected: tuple[int, str]) -> None:
    found = problems(
        f"import numpy as np\nW = np.array([1.0])\ndef f(x, n):\n    {text}\n    return x\n"
    )
    assert [col - 4 for _, col, _ in found] == [expected[0]]
    assert expected[1] in found[0][2]


def test_all_problems_are_shown_with_carets() -> None:
    text = "def f(x, *args):\n    a = (b for b in x)\n    return nothing(a) + yes + args\n"
    with pytest.raises(UnsupportedError) as caught:
        lower(text)
    shown = str(caught.value).splitlines()
    assert [line for line in shown if line.startswith("model.py")] == [
        "model.py:2:9: a generator expression is supported as the argument of `sum`, `max`, "
        "`any` and the like",
        "model.py:3:12: name `nothing` is not defined",
        "model.py:3:25: name `yes` is not defined",
    ]
    assert shown[shown.index("    return nothing(a) + yes + args") + 1] == "           ^^^^^^^"


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "def f():\nreturn 1\n", "a\0b"])
def test_invalid_syntax_has_a_position(text: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        read_text(text, "model.py")
    assert str(caught.value).startswith("model.py:")


DEEP = {
    "attributes": "def f(x):\n    return x" + ".T" * 2000 + "\n",
    "blocks": "def f(x):\n"
    + "".join(" " * i + "if x:\n" for i in range(1, 90))
    + " " * 90
    + "pass\n",
    "exits": "def f(x):\n"
    + "".join(f"    if x == {i}: return x\n    x = {i}\n" for i in range(500)),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_programs_are_refused_not_crashed_on(name: str) -> None:
    assert "nested" in problems(DEEP[name])[0][2]


def test_suppress_is_refused() -> None:
    text = "import contextlib as c\ndef f(x):\n    with c.suppress(ValueError):\n        x = 2\n"
    assert [(line, col) for line, col, message in problems(text + "    return x\n")] == [(3, 9)]
