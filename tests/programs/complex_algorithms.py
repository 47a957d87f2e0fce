"""Algorithms with complex numbers, and variables that are real at one time and complex at another.

Each takes one vector of two numbers and returns a real number.
"""

import cmath

import numpy as np


def rebound(x):
    c = np.abs(x[0] * (1 + 1j) + x[1])
    for k in range(3):
        c = c * (0.3 + 1j) + x[0]
    return c.real + c.imag


def parameter_rebound(x):
    for k in range(3):
        x = x * (1 + 0.3j)
    return np.sum(x.real * x.imag)


def complex_in_one_arm(x):
    r = np.abs(x * 1j + 1)
    if x[0] > 0:
        r = r * 1j
    w = r * (2 + 1j)
    return np.sum(w.real) + np.sum(w.imag**2)


def real_in_one_arm(x):
    z = x * 1j
    if x[0] > 0:
        z = np.abs(z + 1)
    return np.sum((z * (1 - 2j)).imag ** 2)


def swapped(x):
    a, b = x[0] * 1j, x[1]
    for k in range(3):
        a, b = b, a * b + 1
    return abs(a) + (b * 1j).real


def normalised(x):
    v = x
    for k in range(3):
        n = np.linalg.norm(v)
        v = v / n * (1 + 1j * k) + x
    return np.sum(np.abs(v) ** 3)


def list_items(x):
    v = [x[0], x[1]]
    for k in range(3):
        v[0] = v[1] * v[0] * 1j
        v[1] = abs(v[0]) + v[1]
    return abs(v[0]) * v[1]


def _mixed(r, t):
    if t > 100:
        return r
    s = r
    for i in range(2):
        s = s * (t + 1j) + abs(s)
    return s


def through_a_call(x):
    r = 0.5
    for k in range(2):
        r = _mixed(r, x[k])
    return abs(r)


def cayley_steps(x):
    H0 = np.array([[1.0, 0.3], [0.3, -1.0]])
    V = np.array([[0, -1j], [1j, 0]])
    psi = np.array([1.0 + 0j, 0.0])
    for k in range(5):
        H = H0 * x[0] + V * x[1] * np.cos(k)
        U = np.linalg.inv(np.eye(2) + 0.05j * H) @ (np.eye(2) - 0.05j * H)
        psi = U @ psi
    return np.abs(psi[1]) ** 2


def filtered(x):
    t = np.linspace(0, 1, 16)
    s = np.sin(2 * np.pi * 3 * t * x[0]) + x[1] * t
    F = np.fft.fft(s)
    f = np.fft.fftfreq(16, d=x[1])
    F = F * np.exp(-(f**2) * x[0])
    return np.sum(np.fft.ifft(F).real ** 3)


def filtered_reals(x):
    s = np.outer(x, np.arange(6.0) + 1).ravel()
    F = np.fft.rfft(s, norm="ortho")
    F[2:] = 0
    F[0] *= x[0]
    r = np.fft.irfft(F, len(s), norm="ortho")
    return np.sum(r**4) + np.sum(np.fft.irfft(np.fft.rfft(s[:7]), n=7) ** 2)


def power_iteration(x):
    A = np.zeros((2, 2), complex)
    A[0, 0], A[1, 1] = x
    A[0, 1] = x[0] + 1j * x[1]
    A[1, 0] = np.conj(A[0, 1])
    v = np.array([1, 1j])
    for _ in range(4):
        v = A @ v
        v = v / np.linalg.norm(v)
    return np.vdot(v, A @ v).real


def fourier_of_images(x):
    img = np.outer(np.sin(np.arange(4) * x[0]), np.cos(np.arange(3) * x[1]))
    F = np.fft.fftshift(np.fft.fft2(img))
    return (
        np.sum(np.abs(F) ** 2 * np.arange(3))
        + np.sum(np.fft.ifft2(F * 1j).imag ** 2)
        + np.abs(np.fft.fftn(img, axes=(0,), norm="forward"))[1, 1]
    )


def running_products(x):
    z = np.cumsum(np.exp(1j * np.array([x[0], x[1], x[0] * x[1]])))
    p = np.cumprod(z)
    return np.sum(p.real) + np.abs(np.diff(z)).sum() + np.trapezoid(z, dx=0.1).imag


def in_a_try(x):
    try:
        z = 1j * x[0] / x[1]
    except ZeroDivisionError:
        z = 0j
    return abs(z + 1)


def nested_displays(x):
    rows = [[x[i] * 1j**j for j in range(2)] for i in range(2)]
    M = np.array(rows)
    return np.abs(M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0] + 1) + sum(abs(r[0]) for r in rows)


def appended(x):
    hist = [x]
    z = x * 1j
    for k in range(3):
        hist.append(z)
        z = z * np.conj(hist[-2]) + 1
    return sum(np.sum(np.abs(h)) for h in hist)


def stores_in_a_loop(x):
    z = x * (1 + 1j)
    for k in range(4):
        z[k % 2] = z[k % 2] * z[0] * 1j + z[1]
    return np.sum(z.real)


def parts_in_a_dict(x):
    d = dict(re=x.copy(), im=np.zeros(2))
    for k in range(2):
        z = d["re"] + 1j * d["im"]
        z = z * z + 0.1
        d["re"] = z.real
        d["im"] = z.imag
    return np.sum(d["re"] * d["im"]) + np.sum(d["re"] ** 2)


def triangles(x):
    A = np.triu(np.outer(x, x) * (1 + 1j)) + np.diag(x) * 1j
    return np.sum(np.abs(A @ A.conj().T)) + np.trace(A).imag + np.diagonal(A)[0].real


def scalars_in_place(x):
    a, b = float(x[0]), x[1]
    z = a * 1j + b
    z += 1
    z *= z
    z -= a
    z /= b + 1j
    return z.real + z.imag + abs(z)


def masked(x):
    z = x * (1 + 2j)
    z[z.real > 0.5] = 0
    return np.sum(np.abs(z + 1) ** 3)


def picked(x):
    z = np.exp(1j * x)
    idx = np.array([0, 1, 1])
    return np.sum((z[idx] ** 2).imag) + np.sum(np.take(z, [1, 1]).real)


def reals_in_place(x):
    y = x.copy()
    z = y * 1j + 1
    y *= z.imag
    y[0] += (z[1] * z[0]).real
    y[1] -= abs(z[0])
    return np.sum(y * np.abs(z))


def matrix_exponential(x):
    A = -1j * np.outer(x, x)
    U = np.eye(2, dtype=complex)
    term = np.eye(2)
    for k in range(1, 8):
        term = term @ A / k
        U = U + term
    return abs(U[0, 1]) ** 2


def rayleigh_quotient(x):
    H = np.array([[1, 1j], [-1j, 2]])
    psi = x * np.exp(1j * x)
    E = np.einsum("i,ij,j", psi.conj(), H, psi)
    return E.real / np.vdot(psi, psi).real


def polar_form(x):
    r, t = cmath.polar(x[0] + 1j * x[1])
    return abs(cmath.rect(r * 2, t + 0.3) + 1) + t * r


def called_with_both(x):
    return _in_a_loop(x[0] * 1j, x[1]) + _in_a_loop(x[0], x[1] * 2)


def _in_a_loop(z, w):
    t = 0
    for i in range(3):
        if i % 2:
            t = t + z * w
        else:
            t = t - abs(z) ** 2
        for j in range(2):
            t = t * (1 + 0.1 * z)
    while False:
        t = 0
    return t.real


def appended_both(x):
    xs = []
    for k in range(2):
        xs.append(abs(x[k] * 1j + 1))
        xs.append(x[k] * 1j)
    t = 0
    for k in range(4):
        t = t + xs[k] * (k + 2j) * (xs[k - 1] + 1)
    return t.real * t.imag


def dict_of_both(x):
    d = {}
    for k in range(2):
        d[k] = abs(x[k] * 1j + 1)
        d[k + 2] = x[k] * 1j
    t = 0
    for k in range(4):
        t = t + d[k] * (k + 2j)
    return t.real * t.imag + abs(t)


def stored_in_a_list(x):
    v = [0.0] * 4
    for k in range(4):
        v[k] = abs(x[k % 2] * 1j + k) if k % 2 else x[0] * 1j
    s = 0
    for k in range(4):
        s = s + v[k] * v[k - 1] * 1j
    return abs(s) + s.real


def arrays_of_both(x):
    v = []
    for k in range(3):
        v.append(np.abs(x * 1j + k))
    v.append(x * 1j)
    s = 0
    for u in v:
        s = s + u * (1 - 2j)
    return np.sum(np.abs(s)) + np.sum(s.imag)


def popped(x):
    st = [np.abs(x[0] * 1j + 1), x[1] * 1j]
    st.append(abs(x[1] * (2 + 1j)))
    a = st.pop() * 1j
    b = st.pop() * (1 + 1j)
    c = st.pop() * (2 - 1j)
    return abs(a + b * c) + c.imag
