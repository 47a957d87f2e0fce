"""Real values in the middle of complex computations: their adjoints are real."""

import numpy as np
import pytest

from srcgrad import grad, hessian, hvp
from srcgrad.api import pullbacks
from srcgrad.differences import central_differences
from tests.programs.weights import weighed

RNG = np.random.default_rng()


def there_and_back(u):
    spectrum = -0.5j * np.fft.rfft(u * u)
    return weighed(np.fft.irfft(spectrum, n=len(u)))


def burgers(u):
    """Two steps of a spectral method for u_t = -u u_x."""
    n = len(u)
    k = np.fft.rfftfreq(n, 1.0 / n)
    spectrum = np.fft.rfft(u)

    def slope(spectrum):
        v = np.fft.irfft(spectrum * (k < n / 3), n)
        return -0.5j * k * np.fft.rfft(v * v)

    for _ in range(2):
        spectrum = spectrum + 0.1 * slope(spectrum + 0.05 * slope(spectrum))
    return weighed(np.fft.irfft(spectrum, n=n)) + np.sum(np.abs(spectrum) ** 2)


def parts_of_a_list(u):
    parts = [np.fft.irfft(1j * np.fft.rfft(u * u), len(u)), u]
    total = 0.0
    for part in parts:
        total = total + weighed(np.fft.ifft((1 + 2j) * np.fft.fft(part) ** 2).real)
    return total


def admittances(u):
    """Nodal analysis: entries that are known numbers, complex ones among them."""
    total = 0.0
    for omega in u:
        Y = np.zeros((2, 2), dtype=complex)
        for kind, i, j, k in [("R", 0, 1, 0), ("C", 1, -1, 1), ("R", 1, -1, 2)]:
            y = 1 / u[k] if kind == "R" else 1j * omega * u[k]
            Y[i, i] += y
            if j >= 0:
                Y[j, j] += y
                Y[i, j] -= y
                Y[j, i] -= y
        Y[0, :] = 0
        Y[0, 0] = 1
        V = np.linalg.solve(Y, np.array([1.0, 0.0], dtype=complex))
        total += 20 * np.log10(np.abs(V[1])) + 0.1 * np.angle(V[1])
    return total


@pytest.mark.parametrize(
    "f", [there_and_back, burgers, parts_of_a_list, admittances], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("size", [4, 5])
def test_real_in_complex(f, size):
    u, v = RNG.uniform(0.4, 1.2, (2, size))
    gradient = grad(f)
    np.testing.assert_allclose(gradient(u), central_differences(f, (u,), 0), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(grad(f, optimize=0)(u), gradient(u), rtol=1e-10, atol=1e-12)
    expected = (gradient(u + 1e-6 * v) - gradient(u - 1e-6 * v)) / 2e-6
    scale = 1 + np.max(np.abs(expected))
    ways = {
        "hvp": hvp(f)(u, v),
        "hessian": hessian(f)(u) @ v,
        "pullback": pullbacks(gradient, ("u",))(u)[1](v)[0],
    }
    for name, found in ways.items():
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * scale, err_msg=name)
