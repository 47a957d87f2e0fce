"""Programs with complex numbers against differences, live and ahead of time.

The gradient with respect to `z = a + ib` is `dL/da - i dL/db`, as in JAX and autograd.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform
from tests.programs import complex_algorithms, complex_numbers

MODULES = (complex_numbers, complex_algorithms)
PROGRAMS = [
    value
    for module in MODULES
    for name, value in vars(module).items()
    if inspect.isfunction(value) and not name.startswith("_")
]
# Nothing in their text tells of complex numbers: ahead of time they are written for real ones.
FOR_REALS = {"complex_moduli"}


def argument(name: str) -> Any:
    rng = np.random.default_rng(5)
    x = rng.uniform(0.3, 0.9, 2)
    return x + 1j * rng.uniform(0.3, 0.9, 2) if name.startswith("complex") else x


def differences(f: Callable[[Any], Any], x: Any, step: float = 1e-6) -> Any:
    slopes = np.zeros_like(x)
    for i in range(len(x)):
        for unit in (1, 1j) if np.iscomplexobj(x) else (1,):
            e = np.zeros_like(x)
            e[i] = step * unit
            slopes[i] += (f(x + e) - f(x - e)) / (2 * step) * np.conj(unit)
    return slopes


def ahead(text: str, name: str) -> Callable[..., Any]:
    space: dict[str, Any] = {}
    exec(transform(text, functions=[name]), space)
    derivative: Callable[..., Any] = space[f"{name}_grad"]
    return derivative


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("how", ["live", "ahead of time"])
def test_gradient(program: Callable[[Any], Any], how: str) -> None:
    name = program.__name__
    x = argument(name)
    derivative = (
        grad(program)
        if how == "live"
        else ahead(inspect.getsource(inspect.getmodule(program)), name)
    )
    if how != "live" and name in FOR_REALS:
        with pytest.raises(TypeError, match="written for real"):
            derivative(x)
        return
    found = derivative(x.copy())
    assert found.dtype == x.dtype
    np.testing.assert_allclose(found, differences(program, x), rtol=1e-5, atol=1e-6)


# --- what is said and done where nothing is known of the arguments

UNTOLD = """
import numpy as np

def weighted(M, x):
    return np.sum(np.abs(M @ x) ** 4)

def spread(x):
    return np.var(x) + np.linalg.norm(x)

def plain(x):
    return np.sum(np.exp(x) * x)

def scalar(x):
    return abs(x) ** 2

def shrunk(x):
    return np.sum(x * np.sign(x))
"""


def test_complex_data_in_text_for_real_numbers_is_refused_by_the_run() -> None:
    M, x = np.array([[1.0, 0.5j]]), np.array([0.3, 0.4])
    found = ahead(UNTOLD, "weighted")(M.real, x)
    np.testing.assert_allclose(found[0], 4 * (M.real @ x)[0] ** 3 * x)
    for name, args in (
        ("weighted", (M, x)),
        ("spread", (1j * x,)),
        ("scalar", (0.3 + 1j,)),
        ("shrunk", (1j * x,)),
    ):
        with pytest.raises(TypeError, match="written for real"):
            ahead(UNTOLD, name)(*args)


def test_analytic_functions_need_no_check() -> None:
    text = transform(UNTOLD, functions=["plain"])
    assert "real" not in text.split("import numpy")[1]
    z = np.array([0.3 + 0.2j])
    np.testing.assert_allclose(ahead(UNTOLD, "plain")(z), np.exp(z) * (z + 1))


# --- the convention, and what is refused


def test_the_convention_is_that_of_jax_and_autograd() -> None:
    z = 0.3 - 0.8j
    assert grad(lambda z: abs(z) ** 2)(z) == pytest.approx(2 * np.conj(z))
    assert type(grad(lambda z: abs(z) ** 2)(z)) is complex
    assert isinstance(grad(lambda x: abs(x * 1j) ** 2)(0.5), float)
    single = np.array([0.3 - 0.8j], dtype=np.complex64)
    assert grad(lambda z: np.sum(z.real))(single).dtype == np.complex64


def complex_result(x: Any) -> Any:
    return np.sum(x * 1j)


def stored_into_reals(x: Any) -> Any:
    y = np.zeros(2)
    y[0] = x[0] * 1j
    return y[0]


def cast_to_reals(x: Any) -> Any:
    return np.sum((x * 1j).astype(float))


def without_a_rule(x: Any) -> Any:
    return np.sum(np.cov(np.outer(x, x) * (1 + 1j)).real)


def sign(x: Any) -> Any:
    return np.sum(np.sign(x * (1 + 1j)).real)


def written_through_a_view(x: Any) -> Any:
    z = x * 1j
    z.real[...] = x**2
    return np.sum(np.abs(z) ** 2)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (complex_result, "grad needs a real result"),
        (stored_into_reals, "stored into a real array"),
        (cast_to_reals, "astype"),
        (without_a_rule, "cov` of complex numbers is not differentiated yet"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_refused(program: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        grad(program)(np.array([0.3, 0.4]))


def test_a_part_written_through_a_view() -> None:
    x = np.array([0.3, 0.4])
    try:
        found = grad(written_through_a_view)(x)
    except UnsupportedError:
        return
    np.testing.assert_allclose(found, differences(written_through_a_view, x), rtol=1e-6)
