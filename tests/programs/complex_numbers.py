"""Programs that compute with complex numbers: of real arguments first, then of complex ones.

Each takes one vector of two numbers and returns a real number.
"""

import cmath

import numpy as np

M = np.array([[1 + 2j, 0.5j], [0.3 - 1j, 2.0]])


def moduli(x):
    return np.sum(np.abs(M @ x) ** 4)


def conjugates(x):
    z = np.exp(1j * x)
    return np.sum((z * z.conj()).real) + np.sum(z.imag * x)


def angles(x):
    return np.sum(np.angle(x + 1j * x**2 + 0.5))


def real_in_the_middle(x):
    r = np.abs(M @ x)
    z = r * (2 + 1j)
    return np.sum(z.real * z.imag) + np.sum(np.real(z * r))


def stores(x):
    w = np.zeros(2, dtype=complex)
    w[0] = x[0] + 1j * x[1]
    w[1] = x[1] ** 2
    w[0] += w[1] * 1j
    return abs(w[0] * w[1]) ** 2 + w[1].real


def iterated_map(x):
    z = 0j
    c = complex(x[0], x[1])
    for _ in range(4):
        z = z * z * 0.3 + c
    return abs(z) ** 2


def linear_systems(x):
    A = np.eye(2) + 0.3j * np.outer(x, x)
    b = np.linalg.solve(A, x + 1j)
    return np.sum(np.abs(b) ** 2) + np.abs(np.linalg.det(A)) + np.sum(np.linalg.inv(A).imag)


def fourier(x):
    X = np.fft.fft(np.concatenate([x, x**2]))
    return np.sum(np.abs(X) ** 3) + X[1].imag


def fourier_of_reals(x):
    y = np.concatenate([x, np.sin(x), x])
    return np.sum(np.abs(np.fft.rfft(y)) ** 2 * np.arange(4)) + np.sum(
        np.fft.irfft(np.fft.rfft(y, 8) * np.exp(1j * np.arange(5)), 5) ** 3
    )


def scalar_functions(x):
    z = cmath.exp(1j * x[0]) + cmath.sqrt(x[1] + 2j)
    return abs(z) + cmath.phase(z) + z.real * cmath.log(z).imag


def inner_products(x):
    a = x * (1 + 2j)
    b = np.exp(1j * x)
    return np.vdot(a, b).real + abs(np.vdot(b, a)) + np.vdot(x, b).imag


def contractions(x):
    T = np.einsum("ij,j,k->ik", M, x, x)
    return np.abs(np.einsum("ii->", T)) ** 2 + np.sum(T.real)


def choices(x):
    z = np.where(x > 0.5, 1j * x, x)
    return np.sum(np.abs(z + 1) ** 2)


def powers(x):
    z = x + 1j
    return np.sum(np.abs(z**2 + z**1.5 + 2**z + z**x) ** 2)


def listed(x):
    zs = []
    for i in range(2):
        zs.append(x[i] * (1 + 1j * i))
    t = sum(zs)
    return abs(t) ** 2 + zs[1].imag


def in_a_dict(x):
    d = {"a": x * 1j, "b": x}
    return np.sum(np.abs(d["a"] + d["b"]) ** 2)


def converted(x):
    z = x.astype(complex)
    z[0] *= 1j
    return np.abs(np.sum(z**2)) ** 2


def filled(x):
    z = np.zeros_like(x, dtype=complex)
    z[:] = x
    z *= np.exp(1j * x)
    return np.sum(z.real**2 * z.imag)


def norms(x):
    z = M @ x
    return np.linalg.norm(z) + np.var(z) + np.std(z) + np.linalg.norm(z, axis=0)


def branches(x):
    z = x[0] * 1j
    if x[1] > 0:
        z = z + x[1]
    else:
        z = z * x[1]
    return abs(z) ** 2


def real_memory(x):
    y = np.zeros(2)
    z = 1j * x
    y[0] = (z[0] * z[1]).real
    y[1] = np.abs(z[1])
    w = y * (1 + 1j)
    y[0] = 3 * y[1]
    return np.abs(np.sum(w)) ** 2 + np.sum(y * w.imag)


def displays(x):
    z = np.array([x[0] * 1j, x[1], x[0] * x[1]])
    return np.sum(np.abs(z - 1) ** 2)


def constructed(x):
    w = complex(x[0], 1.0) * (x[1] + 2j) / (1j + x[0])
    return (w * w.conjugate()).real + w.imag


def determinant_parts(x):
    A = np.eye(2) * (1 + 1j) + 0.3j * np.outer(x, x)
    s, l = np.linalg.slogdet(A)
    return s.real + s.imag * 2 + l


def joined(x):
    A = np.stack([x, 1j * x])
    B = np.hstack([A, A.T])
    C = np.concatenate((A[0], x))
    return np.sum(np.abs(B) ** 2) + np.abs(np.prod(B + 1)) + np.sum(np.abs(C))


def spiral(x):
    z = x[0] + 0j
    n = 0
    while abs(z) < 3 and n < 20:
        z = z * (1.2 + 0.3j * x[1])
        n += 1
    return z.real * z.imag


def _weighted(z, w):
    out = 0.0
    for i in range(3):
        if i == 1:
            continue
        out = out + abs(z) * w
    return out


def called_twice(x):
    return _weighted(x[0] * 1j + 1, x[1]) + _weighted(x[0], x[1])


def recursive(x):
    return abs(_nested(x[0] + 1j * x[1], 3))


def _nested(z, n):
    if n == 0:
        return z
    return z * _nested(z * 0.5j + 1, n - 1)


def running(x):
    z = x * (2 - 1j)
    return (
        np.max(np.abs(z))
        + np.sum(np.cumsum(z).imag)
        + np.sum(np.cumprod(z).real)
        + np.trace(np.outer(z, z)).real
    )


def analytic(x):
    z = (
        np.sqrt(x + 1j)
        + np.log(x + 1j) * np.sin(x * 1j)
        + np.tanh(x + 1j)
        + np.arctan(x + 2j)
        + np.arccosh(-x + 0.2j)
    )
    return np.mean(z).real ** 2 + np.mean(z).imag


def turned(x):
    z = x + 1j * x[::-1]
    return np.sum((np.conj(z) ** 2 * z).imag) + np.sum((z.T @ M.conj().T @ np.conjugate(z)).real)


def complex_moduli(z):
    return np.sum(np.abs(z) ** 2)


def complex_products(z):
    return np.sum((M @ z * z.conj()).imag) + np.sum(np.angle(z))


def complex_fourier(z):
    return np.sum(np.abs(np.fft.ifft(z) + z) ** 3)


def complex_parts(z):
    return np.sum(z.real**3) + np.sum(z.imag * z.real[::-1])


def complex_stores(z):
    w = z.copy()
    w[0] = w[1] * z[0]
    w[1] += 1j * w[0]
    return np.abs(w[1]) ** 2 + w[0].real


def complex_scalars(z):
    a = z[0]
    b = z[1]
    return abs(a * b + a / b) + (a**b).real


def complex_inner_products(z):
    return abs(np.vdot(z, M @ z)) + np.vdot(z, z).real


def complex_in_place(z):
    s = z.real * 2
    t = s + z
    for i in range(2):
        t[i] = t[i] * z[i]
    return np.sum(np.abs(t)) + np.sum(s)


def complex_views(z):
    u = z[:1]
    return np.sum(u.real) ** 2 + abs(z[1] * u[0]) + z[0].imag
