"""Kernels of many fields, in styles that the other files leave out."""

import numpy as np


def particle_in_cell(x0, v0, charge, length, dt, steps):
    """Cloud in cell on a periodic line: charge by bins, field by cumulative sums, leapfrog."""
    cells = 8
    dx = length / cells
    x, v = x0.copy(), v0.copy()
    energy = []
    for _ in range(steps):
        place = x / dx
        left = np.floor(place).astype(int) % cells
        right = (left + 1) % cells
        share = place - np.floor(place)
        density = np.zeros(cells)
        for p in range(len(x)):
            density[left[p]] += charge[p] * (1.0 - share[p])
            density[right[p]] += charge[p] * share[p]
        density -= density.mean()
        field = np.cumsum(density) * dx
        field -= np.mean(field)
        force = (1.0 - share) * field[left] + share * field[right]
        v += dt * charge * force
        x = (x + dt * v) % length
        energy.append(0.5 * np.sum(field**2) * dx)
    return sum(energy) + 0.5 * np.dot(v, v)


def lattice_boltzmann(rho0, u0, omega, steps):
    """D2Q9: collide, then stream with `np.roll`, one population after another."""
    c = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])
    w = np.array([4 / 9] + [1 / 9] * 4 + [1 / 36] * 4)

    def equilibrium(rho, u):
        cu = np.tensordot(c, u, axes=1)
        usq = np.sum(u**2, axis=0)
        return w[:, None, None] * rho * (1 + 3 * cu + 4.5 * cu**2 - 1.5 * usq)

    f = equilibrium(rho0, u0)
    for _ in range(steps):
        rho = f.sum(axis=0)
        u = np.einsum("qd,qxy->dxy", c, f) / rho
        f += omega * (equilibrium(rho, u) - f)
        for q in range(9):
            f[q] = np.roll(np.roll(f[q], c[q, 0], axis=0), c[q, 1], axis=1)
    rho = f.sum(axis=0)
    return np.sum(rho**2) + np.sum(np.tensordot(c.T, f, axes=1) ** 2)


def two_colour_relaxation(source, omega, sweeps):
    """Successive over-relaxation in two colours, by strided slices."""
    u = np.zeros_like(source)
    for _ in range(sweeps):
        for start in (0, 1):
            for i in range(1, u.shape[0] - 1):
                j = 1 + (i + start) % 2
                around = (
                    u[i - 1, j:-1:2] + u[i + 1, j:-1:2] + u[i, j - 1 : -2 : 2] + u[i, j + 1 :: 2]
                )
                new = 0.25 * (around - source[i, j:-1:2])
                u[i, j:-1:2] += omega * (new - u[i, j:-1:2])
    return np.sum(u**2) - u[2, 2]


def particle_filter(drift, noise, observations, particles):
    """Bootstrap filter with weights in log space and soft resampling."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=particles)
    loglik = 0.0
    for y in observations:
        x = drift * np.sin(x) + noise * rng.standard_normal(particles)
        logw = -0.5 * (y - x) ** 2
        top = logw.max()
        w = np.exp(logw - top)
        loglik += top + np.log(w.mean())
        w /= w.sum()
        order = rng.permutation(particles)
        x = 0.5 * x[order] + 0.5 * (w @ x)
    return loglik


def hmm_forward_log(log_start, log_move, log_emit, observed):
    """Forward algorithm, logarithms throughout, states in a Python loop."""
    alpha = log_start + log_emit[:, observed[0]]
    for o in observed[1:]:
        new = np.empty_like(alpha)
        for s in range(len(alpha)):
            terms = alpha + log_move[:, s]
            m = np.max(terms)
            new[s] = m + np.log(np.sum(np.exp(terms - m))) + log_emit[s, o]
        alpha = new
    return np.logaddexp.reduce(alpha)


def time_warping(a, b):
    """Dynamic time warping with a dict of cells."""
    inf = float("inf")
    cost = {(-1, -1): 0.0}
    for i in range(len(a)):
        for j in range(len(b)):
            best = min(
                cost.get((i - 1, j), inf), cost.get((i, j - 1), inf), cost.get((i - 1, j - 1), inf)
            )
            cost[i, j] = abs(a[i] - b[j]) + best
    return cost[len(a) - 1, len(b) - 1]


def alpha_beta_filter(measured, alpha, beta, dt):
    """A tracking filter whose states are kept in tuples."""
    state = (measured[0], 0.0)
    track = []
    for z in measured[1:]:
        x, v = state
        guess = x + v * dt
        r = z - guess
        state = (guess + alpha * r, v + beta / dt * r)
        track.append(state)
    positions, speeds = zip(*track)
    return np.sum(np.square(positions)) + np.var(speeds)


def principal_components(data, components, iterations):
    """Principal components one after another, with deflation."""
    X = data - data.mean(axis=0)
    C = X.T @ X / (len(X) - 1)
    values = []
    for k in range(components):
        v = np.ones(C.shape[0])
        v[k] += 1.0
        for _ in range(iterations):
            v = C @ v
            v /= np.linalg.norm(v)
        lam = v @ C @ v
        values.append(lam)
        C = C - lam * np.outer(v, v)
    return values[0] - 0.5 * values[-1]


def gauss_newton(theta, t, y, iterations):
    """Fits `a exp(-b t) + c` with an analytic Jacobian by columns."""
    a, b, c = theta
    for _ in range(iterations):
        e = np.exp(-b * t)
        r = y - (a * e + c)
        J = np.column_stack([e, -a * t * e, np.ones_like(t)])
        da, db, dc = np.linalg.solve(J.T @ J + 1e-3 * np.eye(3), J.T @ r)
        a, b, c = a + da, b + db, c + dc
    return np.sum((y - (a * np.exp(-b * t) + c)) ** 2) + a * b


def cubic_spline(knots, values, points):
    """Natural spline: a tridiagonal sweep for the moments, then a search for each point."""
    n = len(knots)
    h = np.diff(knots)
    diag = 2.0 * (h[:-1] + h[1:])
    rhs = 6.0 * np.diff(np.diff(values) / h)
    upper = h[1:-1].copy()
    for i in range(1, n - 2):
        f = h[i] / diag[i - 1]
        diag[i] -= f * upper[i - 1]
        rhs[i] -= f * rhs[i - 1]
    m = np.zeros(n)
    m[n - 2] = rhs[-1] / diag[-1]
    for i in range(n - 4, -1, -1):
        m[i + 1] = (rhs[i] - upper[i] * m[i + 2]) / diag[i]
    total = 0.0
    for p in points:
        i = min(max(int(np.searchsorted(knots, p)) - 1, 0), n - 2)
        lo, hi = knots[i + 1] - p, p - knots[i]
        s = (m[i] * lo**3 + m[i + 1] * hi**3) / (6 * h[i])
        s += (values[i] / h[i] - m[i] * h[i] / 6) * lo + (
            values[i + 1] / h[i] - m[i + 1] * h[i] / 6
        ) * hi
        total += s**2
    return total


def alternating_directions(u0, diffusivity, dt, steps):
    """ADI for the heat equation, rows and columns by turns through a transposed view."""
    n = u0.shape[0]
    r = 0.5 * diffusivity * dt * (n - 1) ** 2
    A = (1 + 2 * r) * np.eye(n) - r * np.eye(n, k=1) - r * np.eye(n, k=-1)
    B = (1 - 2 * r) * np.eye(n) + r * np.eye(n, k=1) + r * np.eye(n, k=-1)
    u = u0.copy()
    for step in range(2 * steps):
        w = u if step % 2 == 0 else u.T
        w[:] = np.linalg.solve(A, w @ B)
    return np.sum(u**2) + u[1, 2]


def radial_basis(centres, weights, width, queries):
    """Thin sums of Gaussians, distances by `np.subtract.outer`, coordinate by coordinate."""
    d2 = sum(np.subtract.outer(q, c) ** 2 for q, c in zip(queries.T, centres.T))
    phi = np.exp(-d2 / (2 * width**2))
    phi /= phi.sum(axis=1, keepdims=True)
    return np.sum((phi @ weights) ** 2)


def softmax_batches(W, b, X, labels, rate, epochs):
    """Mini batches in a shuffled order, parameters updated in place."""
    rng = np.random.default_rng(0)
    W, b = W.copy(), b.copy()
    n, loss = len(X), 0.0
    for _ in range(epochs):
        order = rng.permutation(n)
        for start in range(0, n, 4):
            rows = order[start : start + 4]
            z = X[rows] @ W + b
            z -= z.max(axis=1, keepdims=True)
            p = np.exp(z)
            p /= p.sum(axis=1, keepdims=True)
            loss -= np.mean(np.log(p[np.arange(len(rows)), labels[rows]]))
            p[np.arange(len(rows)), labels[rows]] -= 1.0
            W -= rate * X[rows].T @ p / len(rows)
            b -= rate * p.mean(axis=0)
    return loss / epochs + 0.1 * np.sum(W**2)


def ray_marching(centre, radius, light, size):
    """A sphere seen by marching along rays, shaded where it is hit."""
    image = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            d = np.array([(i + 0.5) / size - 0.5, (j + 0.5) / size - 0.5, 1.0])
            d /= np.sqrt(d @ d)
            t = 0.0
            for _ in range(30):
                p = t * d
                gap = np.linalg.norm(p - centre) - radius
                if gap < 1e-9 or t > 10.0:
                    break
                t += gap
            else:
                gap = 1.0
            if gap < 1e-9:
                normal = (p - centre) / radius
                image[i, j] = max(0.0, -normal @ light)
    return image.mean() + np.sum(image**2)


def maxwell_2d(eps, source, steps):
    """FDTD with staggered fields, updated in place by shifted slices."""
    n, m = eps.shape
    ez = np.zeros((n, m))
    hx, hy = np.zeros((n, m - 1)), np.zeros((n - 1, m))
    seen = np.zeros(steps)
    for k in range(steps):
        hx -= 0.5 * (ez[:, 1:] - ez[:, :-1])
        hy += 0.5 * (ez[1:, :] - ez[:-1, :])
        curl = (hy[1:, 1:-1] - hy[:-1, 1:-1]) - (hx[1:-1, 1:] - hx[1:-1, :-1])
        ez[1:-1, 1:-1] += 0.5 / eps[1:-1, 1:-1] * curl
        ez[n // 2, m // 2] += source[k]
        seen[k] = ez[1, 1]
    return np.sum(ez**2) + seen @ seen


def epidemic_with_events(beta, gamma, y0, dt, steps, lockdown):
    """SIR in named fields of a dict, contacts cut when a threshold is passed."""
    y = {"s": y0[0], "i": y0[1], "r": y0[2]}
    contact, peak = 1.0, 0.0
    for _ in range(steps):
        if y["i"] > lockdown and contact == 1.0:
            contact = 0.4
        infected = beta * contact * y["s"] * y["i"]
        healed = gamma * y["i"]
        y["s"] -= dt * infected
        y["i"] += dt * (infected - healed)
        y["r"] += dt * healed
        peak = max(peak, y["i"])
    return peak + y["r"] ** 2


def threshold_growth(field, rate, level, steps):
    """Cells above a level feed their neighbours; the rest decay; masks at every step."""
    u = field.copy()
    for _ in range(steps):
        active = u > level
        fed = np.zeros_like(u)
        for axis in (0, 1):
            for shift in (-1, 1):
                fed += np.roll(np.where(active, u, 0.0), shift, axis=axis)
        u[active] *= 1.0 - rate
        u[~active] += 0.25 * rate * fed[~active]
        u = np.clip(u, 0.0, 2.0)
    return np.sum(u**2) + u.max()
