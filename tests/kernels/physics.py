"""Complex amplitudes, root finding and quantum mechanics on small grids."""

import numpy as np


def escape_smooth(cr, ci, limit):
    """Mandelbrot-like iteration on real and imaginary parts, points frozen when they escape."""
    zr = np.zeros_like(cr)
    zi = np.zeros_like(ci)
    out = np.zeros_like(cr)
    alive = np.ones(cr.shape, dtype=bool)
    for it in range(limit):
        if not alive.any():
            break
        r, i = zr[alive], zi[alive]
        zr[alive] = r * r - i * i + cr[alive]
        zi[alive] = 2 * r * i + ci[alive]
        mag2 = zr**2 + zi**2
        gone = alive & (mag2 > 4.0)
        out[gone] = it + 1 - np.log2(np.log(mag2[gone]))
        alive &= ~gone
    return out.sum() + 0.1 * np.sum(zr[alive] ** 2)


def escape_scalar(cr, ci, limit):
    """One point, scalars, and a while loop with two ways out."""
    zr = zi = 0.0
    n = 0
    while n < limit:
        zr2, zi2 = zr * zr, zi * zi
        if zr2 + zi2 > 4.0:
            break
        zi = 2 * zr * zi + ci
        zr = zr2 - zi2 + cr
        n += 1
    return n + zr**2 - 0.5 * zi


def scattering_self_energies(Gr, Gi, D, dH):
    """Contractions of Green's functions over energies, with complex arrays and nested loops."""
    G = Gr + 1j * Gi
    NE, NA, N, _ = G.shape
    Sigma = np.zeros((NE, NA, N, N), dtype=np.complex128)
    for E in range(NE):
        for w in range(D.shape[0]):
            for a in range(NA):
                for i in range(D.shape[1]):
                    for j in range(D.shape[1]):
                        if E - w >= 0:
                            dHG = G[E - w, (a + 1) % NA] @ dH[a, i]
                            dHD = dH[a, j] * D[w, i, j]
                            Sigma[E, a] += dHG @ dHD
    return np.sum(Sigma.real**2 + Sigma.imag**2)


def split_step_schroedinger(psi_re, psi_im, potential, dt, steps):
    """Potential phases and a Cayley step for the kinetic part; expectation of the position."""
    psi = psi_re + 1j * psi_im
    n = len(potential)
    T = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    A = np.eye(n) + 0.25j * dt * T
    B = np.eye(n) - 0.25j * dt * T
    phase = np.exp(-0.5j * dt * potential)
    for _ in range(steps):
        psi = phase * psi
        psi = np.linalg.solve(A, B @ psi)
        psi = phase * psi
    density = np.abs(psi) ** 2
    return float(np.sum(np.arange(n) * density) / np.sum(density))


def dft_power(x, window):
    """A discrete Fourier transform by its matrix; spectral flatness of a windowed signal."""
    n = x.size
    k = np.arange(n)
    W = np.exp(-2j * np.pi * np.outer(k, k) / n)
    X = W @ (x * window)
    power = (X * X.conj()).real[: n // 2 + 1]
    return np.exp(np.mean(np.log(power))) / np.mean(power)


def transfer_matrix(thickness, index, wavelength):
    """Reflectance of layers: products of 2 x 2 complex matrices filled by elements."""
    M = np.eye(2, dtype=complex)
    for d, n in zip(thickness, index):
        delta = 2 * np.pi * n * d / wavelength
        layer = np.empty((2, 2), dtype=complex)
        layer[0, 0] = layer[1, 1] = np.cos(delta)
        layer[0, 1] = 1j * np.sin(delta) / n
        layer[1, 0] = 1j * n * np.sin(delta)
        M = M @ layer
    num = M[0, 0] + 1.5 * M[0, 1] - M[1, 0] - 1.5 * M[1, 1]
    den = M[0, 0] + 1.5 * M[0, 1] + M[1, 0] + 1.5 * M[1, 1]
    return abs(num / den) ** 2


def newton_kepler(mean_anomaly, ecc, tol):
    """Kepler's equation for each anomaly, a while loop that is left when the step is small."""
    total = 0.0
    for M in mean_anomaly:
        E = M if ecc < 0.8 else np.pi
        it = 0
        while True:
            step = (E - ecc * np.sin(E) - M) / (1 - ecc * np.cos(E))
            E -= step
            it += 1
            if abs(step) < tol or it >= 20:
                break
        total += np.cos(E) - ecc
    return total


def bisection_then_newton(a, b, c):
    """A bracket is halved a few times, then polished; the root of x^3 + a x^2 + b x - c."""

    lo, hi = 0.0, 4.0
    for _ in range(5):
        mid = 0.5 * (lo + hi)
        if mid**3 + a * mid**2 + b * mid - c > 0:
            hi = mid
        else:
            lo = mid
    x = 0.5 * (lo + hi)
    for _ in range(50):
        f = ((x + a) * x + b) * x - c
        if abs(f) < 1e-13:
            break
        x -= f / ((3 * x + 2 * a) * x + b)
    return x


def ising_mean_field(J, h, beta, sweeps):
    """Magnetisations updated one site after another until they settle."""
    m = np.tanh(beta * h)
    for sweep in range(sweeps):
        change = 0.0
        for i in range(len(m)):
            old = m[i]
            m[i] = np.tanh(beta * (h[i] + J[i] @ m))
            change = max(change, abs(m[i] - old))
        if change < 1e-3:
            break
    return -0.5 * m @ J @ m - h @ m


def radiative_transfer(temperature, tau, nlev):
    """Up and down sweeps through layers with a growing list of intensities."""
    planck = temperature**4
    down = [0.0]
    for k in range(nlev):
        t = np.exp(-tau[k])
        down.append(down[-1] * t + (1 - t) * planck[k])
    up = planck[-1]
    fluxes = np.zeros(nlev)
    for k in reversed(range(nlev)):
        t = np.exp(-tau[k])
        up = up * t + (1 - t) * planck[k]
        fluxes[k] = up - down[k + 1]
    return np.sum(np.diff(fluxes) ** 2) + up


def reaction_network(rates, conc0, stoich, dt, steps):
    """Mass action by products over species, clipped at zero, fluxes into a preallocated row."""
    c = conc0.copy()
    nr = len(rates)
    history = np.zeros((steps, nr))
    for n in range(steps):
        flux = history[n]
        for r in range(nr):
            flux[r] = rates[r]
            for s in range(len(c)):
                if stoich[r, s] < 0:
                    flux[r] *= c[s] ** (-stoich[r, s])
        c = np.maximum(c + dt * (flux @ stoich), 0.0)
    return c @ c + history.sum()


def poisson_particle_mesh(positions, charges, n):
    """Charges deposited on a periodic grid with np.add.at, the field gathered back."""
    cell = np.floor(positions).astype(int)
    frac = positions - cell
    rho = np.zeros(n)
    np.add.at(rho, cell % n, charges * (1 - frac))
    np.add.at(rho, (cell + 1) % n, charges * frac)
    rho -= rho.mean()
    field = np.cumsum(rho)
    field -= field.mean()
    at = (1 - frac) * field[cell % n] + frac * field[(cell + 1) % n]
    return 0.5 * np.sum(field**2) + np.dot(charges, at)
