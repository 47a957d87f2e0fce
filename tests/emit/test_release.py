"""Long functions let go of arrays that nothing reads any more, and of nothing else."""

import re
from typing import Any

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads
from tests.programs.arrays import many_layers

RNG = np.random.default_rng()
MORE = """
    h = np.tanh(A @ A)
    i = h * np.cos(A)
    j = i @ h + A
    k = np.exp(-j * j)
    m = k @ i - h
    n = np.sqrt(1.0 + m**2) * k
    o = n @ m + j
    p = np.sin(o) * o
"""


def with_more(head: str, tail: str) -> str:
    return f"import numpy as np\n\ndef f(A):{head}{MORE}{tail}\n"


PROGRAMS = {
    "plain": with_more("", "    return np.sum(p * n) + np.sum(o)"),
    "lambda": with_more(
        "\n    b = A * 2.0\n    g = lambda v: np.sum(v * b)", "    return np.sum(p * n) + g(o)"
    ),
    "branch": with_more(
        "\n    if A[0, 0] > 0:\n        b = A * 2.0\n    else:\n        c = A * 3.0",
        "    return np.sum(p * n) + (np.sum(b) if A[0, 0] > 0 else np.sum(c * o))",
    ),
    "loop": with_more(
        "\n    b = A * 2.0\n    for t in range(3):\n        b = np.tanh(b @ A) + b",
        "    for t in range(2):\n        p = p * b + n\n    return np.sum(p)",
    ),
    "stores": with_more(
        "\n    b = A.copy()\n    v = b[0]\n    v[:] = v * v", "    return np.sum(p * b) + np.sum(v)"
    ),
}


def made(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    function = names.get("f", names.get("f_grad"))
    function.__source__ = text
    return function


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients(name: str) -> None:
    A, f = RNG.normal(size=(3, 3)), made(PROGRAMS[name])
    assert "    del " in grad(f).lower(A).source
    kept = grad(f, optimize="2 -release_arrays")
    assert "    del " not in kept.lower(A).source
    np.testing.assert_array_equal(grad(f)(A), kept(A))
    check_grads(f, (A,), order=1)


def test_with_kinds() -> None:
    A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 3))
    check_grads(many_layers, (A, B))
    text = grad(many_layers, (0, 1)).lower(A, B).source
    released = re.findall(r"^    del (.*)$", text, re.M)
    names = [name for line in released for name in line.split(", ")]
    assert len(names) > 8 and len(set(names)) == len(names)
    for name in names:  # nothing after its `del` mentions it
        after = text[re.search(rf"^    del .*\b{name}\b", text, re.M).end() :]
        code = [line.partition("#")[0] for line in after.splitlines()]
        assert not any(re.search(rf"\b{name}\b", line) for line in code)


def test_short_functions_stay() -> None:
    A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 3))
    text = grad(lambda A, B: np.sum(np.tanh(A @ B) ** 2), (0, 1)).lower(A, B).source
    assert "    del " not in text


def test_it_may_be_differentiated_again() -> None:
    A = RNG.normal(size=(2, 2))
    first = made(grad(made(PROGRAMS["plain"])).lower(A).source)
    check_grads(lambda A: np.sum(first(A) ** 2), (A,), modes=("reverse",), order=1)


def test_a_name_of_several_arrays_is_let_go() -> None:
    """Its shape changes; that it stands for an array does not."""
    text = with_more(
        "\n    step = A[1:] - A[:-1]\n    b = np.where(step * A[1:] > 0, 0.0, step)"
        "\n    step = A[:, 1:] - A[:, :-1]"
        "\n    c = np.where(step * A[:, 1:] > 0, 0.0, step)",
        "    return np.sum(p * n) + np.sum(o) + np.sum(b) + np.sum(c)",
    )
    f, A = made(text), RNG.normal(size=(3, 3))
    assert re.search(r"    del [^\n]*\bstep\b", grad(f).lower(A).source)
    check_grads(f, (A,))
