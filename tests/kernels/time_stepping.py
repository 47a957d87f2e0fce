"""Ordinary differential equations: integrators with fixed and adaptive steps, events, particles."""

import math

import numpy as np


def lorenz(state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def rk4_lorenz(y0, sigma, rho, beta, dt, steps):
    """Classical Runge-Kutta, the trajectory kept in the rows of an array."""
    traj = np.zeros((steps + 1, 3))
    traj[0] = y0
    for n in range(steps):
        y = traj[n]
        k1 = lorenz(y, sigma, rho, beta)
        k2 = lorenz(y + dt / 2 * k1, sigma, rho, beta)
        k3 = lorenz(y + dt / 2 * k2, sigma, rho, beta)
        k4 = lorenz(y + dt * k3, sigma, rho, beta)
        traj[n + 1] = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.mean(traj[:, 2] ** 2) + traj[-1, 0]


def acceleration(pos, mass, soft):
    d = pos[None, :, :] - pos[:, None, :]
    r2 = (d**2).sum(-1) + soft**2
    inv_r3 = r2**-1.5
    np.fill_diagonal(inv_r3, 0.0)
    return np.einsum("ij,ijk->ik", inv_r3 * mass, d)


def velocity_verlet_nbody(pos, vel, mass, dt, steps):
    """Gravity in kick-drift-kick form on copies of the state; the energy at the end."""
    x = pos.copy()
    v = vel.copy()
    acc = acceleration(x, mass, 0.1)
    for _ in range(steps):
        v += 0.5 * dt * acc
        x += dt * v
        acc = acceleration(x, mass, 0.1)
        v += 0.5 * dt * acc
    kinetic = 0.5 * np.sum(mass[:, None] * v**2)
    potential = 0.0
    for i in range(len(mass)):
        for j in range(i):
            r = x[i] - x[j]
            potential -= mass[i] * mass[j] / np.sqrt(r @ r + 0.01)
    return kinetic + potential


def nbody_pairs(x, v, m, dt, steps):
    """Forces by a double loop over pairs, into a force array that is zeroed in every step."""
    n, dim = x.shape
    f = np.zeros((n, dim))
    for s in range(steps):
        f[:] = 0.0
        for i in range(n):
            for j in range(i + 1, n):
                d = x[j] - x[i]
                dist = np.linalg.norm(d) + 0.05
                g = m[i] * m[j] / dist**3 * d
                f[i] += g
                f[j] -= g
        for i in range(n):
            v[i] += dt * f[i] / m[i]
            x[i] += dt * v[i]
    return np.sum(m * np.sum(v * v, axis=1))


def adaptive_heun(y0, mu, t_end, tol):
    """Van der Pol with step control: rejected steps, growth limits, a last step that fits."""

    t = 0.0
    h = 0.05
    y = np.array(y0, dtype=float)
    rejected = 0
    while t < t_end:
        if t + h > t_end:
            h = t_end - t
        k1 = np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])
        ye = y + h * k1
        k2 = np.array([ye[1], mu * (1 - ye[0] ** 2) * ye[1] - ye[0]])
        yn = y + 0.5 * h * (k1 + k2)
        err = float(np.max(np.abs(yn - ye)))
        if err > tol:
            h = h * max(0.2, 0.9 * math.sqrt(tol / err))
            rejected += 1
            if rejected > 100:
                break
            continue
        t = t + h
        y = yn
        h = h * min(2.0, 0.9 * math.sqrt(tol / (err + 1e-12)))
    return y[0] ** 2 + y[1]


def bouncing_ball(h0, v0, g, restitution, dt, t_end):
    """Events: the time of impact is solved for inside a step, and the velocity reversed."""
    h, v, t = h0, v0, 0.0
    bounces = 0
    heights = []
    while t < t_end and bounces < 4:
        hn = h + v * dt - 0.5 * g * dt * dt
        if hn < 0.0:
            tau = (v + math.sqrt(v * v + 2 * g * h)) / g
            v = -restitution * (v - g * tau)
            h = 0.0
            t += tau
            bounces += 1
        else:
            h = hn
            v -= g * dt
            t += dt
        heights.append(h)
    return sum(heights) / len(heights) + 0.1 * v


def crank_nicolson(u0, D, dx, dt, steps):
    """Dense matrices assembled once, one solve in every step."""
    n = u0.size
    r = D * dt / (2 * dx**2)
    A = np.zeros((n, n))
    B = np.zeros((n, n))
    for i in range(n):
        A[i, i] = 1 + 2 * r
        B[i, i] = 1 - 2 * r
        if i > 0:
            A[i, i - 1] = -r
            B[i, i - 1] = r
        if i < n - 1:
            A[i, i + 1] = -r
            B[i, i + 1] = r
    A[0, 1] *= 2
    B[0, 1] *= 2
    u = u0
    for _ in range(steps):
        u = np.linalg.solve(A, B @ u)
    return np.trapezoid(u**2, dx=dx)


def sir_epidemic(beta, gamma, i0, days, observed):
    """Scalars in a loop with a lockdown by threshold; misfit to what was observed."""
    s, i, r = 1.0 - i0, i0, 0.0
    infected = np.empty(days)
    lockdown = False
    for day in range(days):
        if not lockdown and i > 0.1:
            lockdown = True
        b = 0.4 * beta if lockdown else beta
        new = b * s * i
        rec = gamma * i
        s -= new
        i += new - rec
        r += rec
        infected[day] = i
    return np.sum((infected - observed) ** 2) + 0.01 * r


def vertical_advection(utens_stage, u_stage, wcon, u_pos, dtr_stage):
    """An implicit solve in every column: forward sweep over levels, backward substitution."""
    I, J, K = u_stage.shape
    ccol = np.ndarray((I, J, K))
    dcol = np.ndarray((I, J, K))
    data_col = np.ndarray((I, J))
    for k in range(1):
        gcv = 0.25 * (wcon[1:, :, k + 1] + wcon[:-1, :, k + 1])
        cs = gcv * 0.2
        ccol[:, :, k] = gcv * 0.8
        bcol = dtr_stage - ccol[:, :, k]
        corr = -cs * (u_stage[:, :, k + 1] - u_stage[:, :, k])
        dcol[:, :, k] = dtr_stage * u_pos[:, :, k] + utens_stage[:, :, k] + corr
        div = 1.0 / bcol
        ccol[:, :, k] = ccol[:, :, k] * div
        dcol[:, :, k] = dcol[:, :, k] * div
    for k in range(1, K - 1):
        gav = -0.25 * (wcon[1:, :, k] + wcon[:-1, :, k])
        gcv = 0.25 * (wcon[1:, :, k + 1] + wcon[:-1, :, k + 1])
        acol = gav * 0.8
        ccol[:, :, k] = gcv * 0.8
        bcol = dtr_stage - acol - ccol[:, :, k]
        corr = -gav * 0.2 * (u_stage[:, :, k - 1] - u_stage[:, :, k])
        corr -= gcv * 0.2 * (u_stage[:, :, k + 1] - u_stage[:, :, k])
        dcol[:, :, k] = dtr_stage * u_pos[:, :, k] + utens_stage[:, :, k] + corr
        div = 1.0 / (bcol - ccol[:, :, k - 1] * acol)
        ccol[:, :, k] = ccol[:, :, k] * div
        dcol[:, :, k] = (dcol[:, :, k] - dcol[:, :, k - 1] * acol) * div
    for k in range(K - 1, K):
        gav = -0.25 * (wcon[1:, :, k] + wcon[:-1, :, k])
        acol = gav * 0.8
        bcol = dtr_stage - acol
        dcol[:, :, k] = dtr_stage * u_pos[:, :, k] + utens_stage[:, :, k]
        div = 1.0 / (bcol - ccol[:, :, k - 1] * acol)
        dcol[:, :, k] = (dcol[:, :, k] - dcol[:, :, k - 1] * acol) * div
    for k in range(K - 1, -1, -1):
        if k == K - 1:
            datacol = dcol[:, :, k]
        else:
            datacol = dcol[:, :, k] - ccol[:, :, k] * data_col
        data_col[:] = datacol
        utens_stage[:, :, k] = dtr_stage * (datacol - u_pos[:, :, k])
    return np.sum(utens_stage**2)


def lennard_jones(pos, box, cutoff):
    """Minimum images, and a mask of neighbours within the cutoff."""
    n = pos.shape[0]
    energy = 0.0
    forces = np.zeros_like(pos)
    for i in range(n - 1):
        d = pos[i + 1 :] - pos[i]
        d -= box * np.round(d / box)
        r2 = np.sum(d * d, axis=1)
        near = r2 < cutoff * cutoff
        if not np.any(near):
            continue
        inv6 = r2[near] ** -3
        energy += np.sum(4.0 * (inv6 * inv6 - inv6))
        fij = (24.0 * (2.0 * inv6 * inv6 - inv6) / r2[near])[:, None] * d[near]
        forces[i] -= fij.sum(axis=0)
        forces[i + 1 :][near] += fij
    return energy + 1e-3 * np.sum(forces**2)


def shooting(slope0, length, n):
    """Pendulum boundary value: integrate with a guessed slope, the miss at the other end."""
    h = length / n
    theta, omega = 0.0, slope0
    for k in range(n):
        mid = theta + 0.5 * h * omega
        omega = omega - h * np.sin(mid)
        theta = mid + 0.5 * h * omega
    return (theta - 1.0) ** 2


def logistic_map_lyapunov(r, x0, burn, n):
    """Mean logarithm of the slope along an orbit, scalars only."""
    x = x0
    for _ in range(burn):
        x = r * x * (1 - x)
    total = 0.0
    count = 0
    while count < n:
        d = abs(r - 2 * r * x)
        if d > 1e-12:
            total += math.log(d)
        x = r * x * (1 - x)
        count += 1
    return total / n


def mass_spring_leapfrog(params, steps):
    """A chain of springs, everything in one dict of parameters and one of state."""
    state = {"x": params["x0"].copy(), "v": np.zeros_like(params["x0"])}
    for _ in range(steps):
        stretch = np.diff(state["x"]) - params["rest"]
        force = np.zeros_like(state["x"])
        force[:-1] += params["k"] * stretch
        force[1:] -= params["k"] * stretch
        state["v"] = (1 - params["drag"]) * state["v"] + params["dt"] * force
        state["x"] = state["x"] + params["dt"] * state["v"]
    return np.sum(state["v"] ** 2) + np.sum((np.diff(state["x"]) - params["rest"]) ** 2)
