"""Partial differential equations on grids: sweeps of stencils over arrays that are reused."""

import numpy as np


def heat_2d(u0, kappa, steps):
    """Explicit heat equation, two buffers swapped after every step."""
    u = u0.copy()
    un = np.empty_like(u)
    for _ in range(steps):
        un[...] = u
        un[1:-1, 1:-1] = u[1:-1, 1:-1] + kappa * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
        u, un = un, u
    return float(np.sum(u * u))


def jacobi_2d(A, B, steps):
    """Two arrays that take turns, each filled from the other."""
    for _ in range(1, steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A**2)


def gauss_seidel_poisson(rhs, boundary, h, sweeps):
    """In-place sweeps by points; the boundary is a ring around the unknowns."""
    n, m = rhs.shape
    u = np.zeros((n + 2, m + 2))
    u[0, :] = boundary
    u[-1, :] = -boundary
    for sweep in range(sweeps):
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                u[i, j] = 0.25 * (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - h**2 * rhs[i - 1, j - 1]
                )
    gx = np.diff(u, axis=0)
    gy = np.diff(u, axis=1)
    return 0.5 * (np.sum(gx**2) + np.sum(gy**2)) + np.max(u)


def advection_upwind(u, velocity, dx, dt, steps):
    """First-order upwind with inflow and outflow by the sign of the velocity."""
    q = np.array(u)
    c = dt / dx
    for _ in range(steps):
        vp = np.maximum(velocity, 0.0)
        vm = np.minimum(velocity, 0.0)
        back = q - np.roll(q, 1)
        ahead = np.roll(q, -1) - q
        q -= c * (vp * back + vm * ahead)
        q[0] = 0.5 * q[1]
    return np.sum(q * np.arange(q.size))


def wave_leapfrog(f, c, dx, dt, steps):
    """Wave equation, three buffers rotated; the energy at the end."""
    n = f.shape[0]
    r2 = (c * dt / dx) ** 2
    prev = f.copy()
    cur = np.zeros(n)
    cur[1:-1] = f[1:-1] + 0.5 * r2[1:-1] * (f[2:] - 2 * f[1:-1] + f[:-2])
    nxt = np.zeros(n)
    for step in range(steps):
        nxt[1:-1] = 2 * cur[1:-1] - prev[1:-1] + r2[1:-1] * (cur[2:] - 2 * cur[1:-1] + cur[:-2])
        nxt[0] = 0.0
        nxt[-1] = nxt[-2]
        prev, cur, nxt = cur, nxt, prev
    kinetic = 0.5 * np.sum(((cur - prev) / dt) ** 2) * dx
    return kinetic + 0.5 * np.sum((c[1:] * np.diff(cur) / dx) ** 2) * dx


def fdtd_1d(eps_r, source, steps):
    """Maxwell's equations on a staggered grid with a hard source and one lossy end."""
    n = len(eps_r)
    ez = np.zeros(n)
    hy = np.zeros(n - 1)
    probe = np.zeros(steps)
    ce = 0.5 / eps_r
    for t in range(steps):
        hy += 0.5 * (ez[1:] - ez[:-1])
        ez[1:-1] += ce[1:-1] * (hy[1:] - hy[:-1])
        ez[n // 4] += source[t]
        ez[0] = ez[1]
        probe[t] = ez[3 * n // 4]
    return float(np.dot(probe, probe)) + 0.1 * float(ez.sum())


def burgers_lax_friedrichs(u0, nu, dx, dt, steps):
    """Conservative scheme with a flux helper and periodic ends, with out= for the work arrays."""

    def flux(u):
        return 0.5 * u * u

    u = u0.copy()
    f = np.empty(u.size + 1)
    lap = np.empty_like(u)
    for _ in range(steps):
        fu = flux(u)
        f[1:-1] = 0.5 * (fu[1:] + fu[:-1]) - 0.5 * dx / dt * (u[1:] - u[:-1])
        f[0] = f[-1] = 0.5 * (fu[0] + fu[-1]) - 0.5 * dx / dt * (u[0] - u[-1])
        np.subtract(np.roll(u, -1), 2.0 * u, out=lap)
        np.add(lap, np.roll(u, 1), out=lap)
        u += -dt / dx * np.diff(f) + nu * dt / dx**2 * lap
    return np.sum(np.abs(u) ** 3)


def horizontal_diffusion(inp, coeff):
    """Weather stencil: Laplacian, limited fluxes, update; (i, j, k) fields with a halo of two."""
    ni, nj, nk = coeff.shape
    lap = 4.0 * inp[1:-1, 1:-1, :] - (
        inp[2:, 1:-1, :] + inp[:-2, 1:-1, :] + inp[1:-1, 2:, :] + inp[1:-1, :-2, :]
    )
    res = lap[1:, 1 : nj + 1, :] - lap[:-1, 1 : nj + 1, :]
    flx = np.where(res * (inp[2 : ni + 3, 2:-2, :] - inp[1 : ni + 2, 2:-2, :]) > 0, 0, res)
    res = lap[1 : ni + 1, 1:, :] - lap[1 : ni + 1, :-1, :]
    fly = np.where(res * (inp[2:-2, 2 : nj + 3, :] - inp[2:-2, 1 : nj + 2, :]) > 0, 0, res)
    out = np.empty((ni, nj, nk))
    out[:, :, :] = inp[2:-2, 2:-2, :] - coeff * (
        flx[1:, :, :] - flx[:-1, :, :] + fly[:, 1:, :] - fly[:, :-1, :]
    )
    return np.sum(out**2)


def shallow_water_1d(h, hu, g, lam, steps):
    """Two coupled fields, Rusanov fluxes, walls by copying the end cells."""
    h, hu = h.copy(), hu.copy()
    fh = np.zeros(h.size + 1)
    fm = np.zeros(h.size + 1)
    for _ in range(steps):
        v = hu / h
        a = np.abs(v) + np.sqrt(g * h)
        s = np.maximum(a[:-1], a[1:])
        p = hu * v + 0.5 * g * h * h
        fh[1:-1] = 0.5 * (hu[:-1] + hu[1:]) - 0.5 * s * (h[1:] - h[:-1])
        fm[1:-1] = 0.5 * (p[:-1] + p[1:]) - 0.5 * s * (hu[1:] - hu[:-1])
        fm[0], fm[-1] = p[0], p[-1]
        h -= lam * (fh[1:] - fh[:-1])
        hu -= lam * (fm[1:] - fm[:-1])
    return np.sum(h**2) + np.sum(hu**2 / h)


def gray_scott(U, V, F, k, steps):
    """Reaction and diffusion with a work array for the Laplacian, reused for both species."""

    def laplacian(a, out):
        out[:] = -4.0 * a
        out += np.roll(a, 1, 0)
        out += np.roll(a, -1, 0)
        out += np.roll(a, 1, 1)
        out += np.roll(a, -1, 1)

    u = U.copy()
    v = V.copy()
    lap = np.empty_like(u)
    for _ in range(steps):
        uvv = u * v * v
        laplacian(u, lap)
        u += 0.16 * lap - uvv + F * (1 - u)
        laplacian(v, lap)
        v += 0.08 * lap + uvv - (F + k) * v
    return float((v * v).mean() + u.var())


def red_black_sor(b, omega, tol, maxiter):
    """Successive over-relaxation on coloured strided slices, left when the change is small."""
    x = np.zeros(b.size + 2)
    for it in range(maxiter):
        old = x.copy()
        for start in (1, 2):
            c = x[start:-1:2]
            left = x[start - 1 : -2 : 2]
            right = x[start + 1 :: 2]
            rhs = b[start - 1 :: 2]
            n = min(len(c), len(left), len(right), len(rhs))
            x[start:-1:2] = (1 - omega) * c[:n] + omega * 0.5 * (left[:n] + right[:n] + rhs[:n])
        if np.abs(x - old).max() < tol:
            break
    return x.sum()
