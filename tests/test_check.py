"""`check_grads` must pass right derivatives and catch wrong ones, whatever their form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcgrad import check, secondorder
from srcgrad.check import GradientError, central_differences, check_grads
from srcgrad.errors import SrcgradError

X = np.array([0.3, -1.2, 2.0])


class Point(NamedTuple):
    x: Any
    y: Any


def energy(x: Any) -> Any:
    return np.sum(np.sin(x) * x)


def energy_grad(x: Any) -> Any:
    return np.sin(x) + x * np.cos(x)


# --- central differences


def test_differences_of_a_known_gradient() -> None:
    assert np.allclose(central_differences(energy, (X,), 0), energy_grad(X), rtol=1e-8)


def test_differences_have_the_structure_of_the_arguments() -> None:
    def f(p: Any, n: Any, z: Any) -> Any:
        return p["w"].x @ p["w"].x * n + p["b"] ** 2 + np.real(z * z)

    args = ({"w": Point(np.ones(2, np.float32), "note"), "b": 3.0}, 2, 1 + 2j)
    p, n, z = central_differences(f, args)
    assert type(p["w"]) is Point
    assert p["w"].y == "note"
    assert p["w"].x.dtype == np.float64
    assert np.allclose(p["w"].x, 4.0)
    assert np.isclose(p["b"], 6.0)
    assert n == 2
    assert np.isclose(z, 2 + 4j)  # d Re(z^2) = Re(2z dz)
    assert len(central_differences(f, args, (2,))) == 1


def test_the_function_may_write_into_its_arguments() -> None:
    def f(x: Any) -> Any:
        x *= 2
        return np.sum(x)

    x = np.ones(3)
    assert np.allclose(central_differences(f, (x,), 0), 2.0)
    assert np.array_equal(x, np.ones(3))


def test_zero_dimensional_arrays_stay_arrays() -> None:
    gradient = central_differences(lambda x: x[()] ** 2, (np.array(3.0),), 0)
    assert isinstance(gradient, np.ndarray)
    assert np.isclose(gradient, 6.0)


def test_a_complex_step_is_exact() -> None:
    got = central_differences(energy, (X,), 0, complex_step=True)
    assert np.allclose(got, energy_grad(X), rtol=1e-15, atol=0)


def test_differences_want_a_scalar() -> None:
    with pytest.raises(SrcgradError, match=r"shape is \(3,\)"):
        central_differences(np.sin, (X,), 0)


# --- a gradient given


@pytest.mark.parametrize("complex_step", [False, True])
def test_a_right_gradient_passes(complex_step: bool) -> None:
    check_grads(energy, (X,), gradient=energy_grad, complex_step=complex_step)


def test_a_wrong_gradient_is_shown_by_coordinate() -> None:
    def wrong(x: Any) -> Any:
        out = energy_grad(x)
        out[1] += 0.5
        return out

    with pytest.raises(GradientError) as info:
        check_grads(energy, (X,), gradient=wrong)
    assert isinstance(info.value, AssertionError)
    header, row = str(info.value).splitlines()[1:]
    assert header.split() == ["argument", "index", "generated", "differences", "error"]
    assert row.split()[:2] == ["x", "1"]
    assert row.split()[-1] == "5.00e-01"
    assert [m.index for m in info.value.mismatches if m.where == "x"] == [(1,)]


def test_large_arguments_are_checked_along_directions() -> None:
    x = np.linspace(0, 1, 500)
    check_grads(energy, (x,), gradient=energy_grad)

    def wrong(v: Any) -> Any:
        out = energy_grad(v)
        out[77] *= 1.01
        return out

    with pytest.raises(GradientError, match="along direction 0"):
        check_grads(energy, (x,), gradient=wrong)


def test_not_a_number_does_not_pass() -> None:
    with pytest.raises(GradientError, match="nan"):
        check_grads(energy, (X,), gradient=lambda x: x * np.nan)


@pytest.mark.parametrize(
    ("gradient", "reason"),
    [
        (lambda x: energy_grad(x)[:2], r"shape \(2,\)"),
        (lambda x: energy_grad(x).astype(np.float32), "float32"),
        (lambda x: [energy_grad(x)], "another structure"),
    ],
    ids=["shape", "dtype", "structure"],
)
def test_the_form_is_checked_too(gradient: Callable[..., Any], reason: str) -> None:
    with pytest.raises(GradientError, match=reason):
        check_grads(energy, (X,), gradient=gradient)


def test_several_arguments_of_a_gradient() -> None:
    def f(a: Any, n: int, b: Any) -> Any:
        return n * a @ b

    def grads(a: Any, n: int, b: Any) -> Any:
        return n * b, n * a

    check_grads(f, (X, 3, X[::-1]), gradient=grads, argnums=(0, 2))
    with pytest.raises(GradientError, match=r"(?s)a .*b "):
        check_grads(f, (X, 3, X[::-1]), gradient=lambda a, n, b: (b, a), argnums=(0, 2))


def test_float32_is_compared_at_its_own_precision() -> None:
    x = X.astype(np.float32)
    check_grads(energy, (x,), gradient=energy_grad)
    with pytest.raises(GradientError):
        check_grads(energy, (x,), gradient=lambda v: energy_grad(v) * np.float32(1.2))


# --- the derivative that srcgrad makes, here by a stand-in


def affine(x: Any, p: Any) -> Any:
    return {"y": p["k"] * x, "n": 3, "s": np.sum(x) * p["k"]}


def install(monkeypatch: pytest.MonkeyPatch, vjp: Any, grad: Any = None) -> None:
    def pulled_back(f: Any, args: Any, wanted: Any) -> Any:
        return vjp(f, *args)

    monkeypatch.setattr(check, "pulled_back", pulled_back)
    monkeypatch.setattr(secondorder, "grad", grad)


def affine_vjp(f: Any, x: Any, p: Any) -> Any:
    def pullback(g: Any) -> Any:
        k_bar = np.sum(g["y"] * x) + g["s"] * np.sum(x)
        return p["k"] * (g["y"] + g["s"]), {"k": k_bar, "m": p["m"]}

    return f(x, p), pullback


def test_any_output_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, affine_vjp)
    check_grads(affine, (X, {"k": 1.5, "m": "mode"}))


def test_a_wrong_pullback_is_located(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(f: Any, x: Any, p: Any) -> Any:
        value, pullback = affine_vjp(f, x, p)
        return value, lambda g: (pullback(g)[0], {"k": 0.0, "m": p["m"]})

    install(monkeypatch, wrong)
    with pytest.raises(GradientError, match=r"p\['k'\]"):
        check_grads(affine, (X, {"k": 1.5, "m": "mode"}))
    check_grads(affine, (X, {"k": 1.5, "m": "mode"}), argnums=0)


def test_a_wrong_value_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, lambda f, x: (f(x) + 1, lambda g: (g * energy_grad(x),)))
    with pytest.raises(GradientError, match="the value is"):
        check_grads(energy, (X,))


def test_the_second_order_checks_the_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def vjp(f: Any, x: Any) -> Any:
        seen.append(f)
        if f is energy:
            return f(x), lambda g: (g * energy_grad(x),)
        return f(x), lambda g: (g[0] * (2 * np.cos(x) - factor * x * np.sin(x)),)

    install(monkeypatch, vjp, lambda f, argnums: lambda x: (energy_grad(x),))
    factor = 1
    check_grads(energy, (X,), order=2)
    assert len(seen) == 2
    factor = 3
    check_grads(energy, (X,), order=1)
    with pytest.raises(GradientError):
        check_grads(energy, (X,), order=2)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"modes": ()}, "no mode to check"),
        ({"modes": ("sideways",)}, "unknown mode 'sideways'"),
        ({"order": 2, "gradient": energy_grad}, "cannot be given `gradient`"),
    ],
    ids=["none", "unknown", "order"],
)
def test_what_cannot_be_checked_is_said(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(SrcgradError, match=reason):
        check_grads(energy, (X,), **options)


def test_nothing_to_check_is_said() -> None:
    with pytest.raises(SrcgradError, match="nothing to check"):
        check_grads(energy, (3,))


def test_both_modes_of_the_gradient_are_checked_too() -> None:
    check_grads(energy, (X,), order=2)


def test_the_second_order_of_any_value() -> None:
    """By the cotangents and the tangents, in both modes; positions are those asked for."""

    def pair(x: Any, n: Any, *more: Any) -> Any:
        return {"y": np.sin(x) * more[0] ** n, "k": n}, np.sum(x**3) * 1j

    check_grads(pair, (X, 2, X[:1]), order=2)
    check_grads(pair, (X, 2, X[:1]), order=2, argnums=(2,))
    check_grads(np.sum, (X,), order=2)
    check_grads(np.outer, (X, X + 1), ("forward",), order=2, argnums=1)
    given = list(secondorder.first_derivatives(np.sin, (X,), (0,), ("reverse", "forward"), 0))
    assert [of for _, _, of in given] == [(0, 1), (0, 1)]
    with pytest.raises(GradientError):  # a kink: the tangent jumps
        check_grads(lambda x: np.abs(x) * x * 1e8, (np.array([1e-9, 1.0]),), order=2)


@pytest.mark.parametrize("factor", [1.0 + 1e-8, 2.0])
def test_a_wrong_tangent_is_found(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """By differences, and by reverse mode where differences are too coarse."""
    right = check.jvp

    def scaled(*args: Any) -> Any:
        value, tangent = right(*args)
        return value, factor * tangent

    monkeypatch.setattr(check, "jvp", scaled)
    with pytest.raises(GradientError, match="both modes"):
        check_grads(energy, (X,))
