"""Filters, likelihoods, sampling with seeded generators, and financial models."""

import math

import numpy as np


def kalman_filter(F, H, Q, R, x0, zs):
    """Predict and update over a series; the log-likelihood of the innovations."""
    x = x0.copy()
    P = np.eye(len(x0))
    loglik = 0.0
    for z in zs:
        x = F @ x
        P = F @ P @ F.T + Q
        y = z - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ y
        P = (np.eye(P.shape[0]) - K @ H) @ P
        _, logdet = np.linalg.slogdet(2 * np.pi * S)
        loglik -= 0.5 * (logdet + y @ np.linalg.solve(S, y))
    return loglik


def hmm_forward(trans, emit, start, obs):
    """Scaled forward algorithm; the logarithms of the scales are collected in an array."""
    n_obs = len(obs)
    alpha = np.zeros((n_obs, trans.shape[0]))
    scale = np.zeros(n_obs)
    alpha[0, :] = start * emit[:, obs[0]]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, n_obs):
        for j in range(trans.shape[0]):
            alpha[t, j] = np.dot(alpha[t - 1], trans[:, j]) * emit[j, obs[t]]
        scale[t] = np.sum(alpha[t])
        alpha[t] /= scale[t]
    return -np.log(scale).sum()


def option_price_monte_carlo(s0, strike, rate, sigma, maturity, paths, steps):
    """Asian call with antithetic paths from a seeded generator, prices updated in place."""
    rng = np.random.default_rng(42)
    dt = maturity / steps
    drift = (rate - 0.5 * sigma**2) * dt
    vol = sigma * math.sqrt(dt)
    s = np.full(2 * paths, s0)
    total = np.zeros(2 * paths)
    for _ in range(steps):
        z = rng.standard_normal(paths)
        s *= np.exp(drift + vol * np.concatenate((z, -z)))
        total += s
    payoff = np.maximum(total / steps - strike, 0.0)
    return math.exp(-rate * maturity) * payoff.mean()


def binomial_american_put(s0, strike, rate, sigma, maturity, n):
    """Backward induction on a lattice kept in one shrinking array, with early exercise."""
    dt = maturity / n
    up = math.exp(sigma * math.sqrt(dt))
    down = 1.0 / up
    p = (math.exp(rate * dt) - down) / (up - down)
    disc = math.exp(-rate * dt)
    prices = s0 * up ** np.arange(n, -n - 1, -2.0)
    values = np.maximum(strike - prices, 0)
    for step in range(n - 1, -1, -1):
        values = disc * (p * values[:-1] + (1 - p) * values[1:])
        prices = prices[:-1] * down
        exercise = strike - prices
        early = exercise > values
        values[early] = exercise[early]
    return values[0]


def importance_sampling(mu, log_sigma, target, n):
    """Self-normalised weights of draws from a shifted proposal; the effective sample size too."""
    rng = np.random.default_rng(seed=3)
    eps = rng.normal(size=(n, len(mu)))
    sigma = np.exp(log_sigma)
    draws = mu + sigma * eps
    logq = -0.5 * (eps**2).sum(1) - log_sigma.sum()
    logp = -0.5 * np.sum((draws - target) ** 2, axis=1) - 0.1 * np.sum(draws**4, 1)
    logw = logp - logq
    logw -= logw.max()
    w = np.exp(logw)
    w /= w.sum()
    ess = 1.0 / np.sum(w**2)
    return float(w @ np.cos(draws[:, 0])) + 0.1 * ess


def kernel_density(samples, grid, bandwidth):
    """Density estimate on a grid, one sample at a time; its entropy by the rectangle rule."""
    density = np.zeros_like(grid)
    for s in samples:
        u = (grid - s) / bandwidth
        density += np.exp(-0.5 * u * u)
    density /= len(samples) * bandwidth * np.sqrt(2 * np.pi)
    dx = grid[1] - grid[0]
    return -np.sum(density * np.log(density + 1e-12)) * dx


def garch_likelihood(params, returns):
    """Conditional variances by recurrence in an array, initialised with the sample variance."""
    omega, alpha, beta = params
    n = returns.size
    sigma2 = np.empty(n)
    sigma2[0] = np.var(returns)
    for t in range(1, n):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    return 0.5 * np.sum(np.log(2 * np.pi * sigma2) + returns**2 / sigma2)


def gaussian_process(X, y, log_length, log_noise):
    """Marginal likelihood through a Cholesky factor and two triangular solves by hand."""
    n = X.shape[0]
    K = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            r2 = np.sum((X[i] - X[j]) ** 2)
            K[i, j] = K[j, i] = math.exp(-0.5 * r2 / math.exp(2 * log_length))
    K[np.diag_indices(n)] += math.exp(2 * log_noise)
    L = np.linalg.cholesky(K)
    a = np.zeros(n)
    for i in range(n):
        a[i] = (y[i] - L[i, :i] @ a[:i]) / L[i, i]
    return 0.5 * a @ a + np.log(np.diag(L)).sum() + 0.5 * n * math.log(2 * math.pi)


def huber_irls(X, y, delta, iterations):
    """Iteratively reweighted least squares with weights set through masks."""
    w = np.ones(len(y))
    beta = np.zeros(X.shape[1])
    for _ in range(iterations):
        Xw = X * w[:, None]
        beta = np.linalg.solve(Xw.T @ X + 1e-6 * np.eye(X.shape[1]), Xw.T @ y)
        r = y - X @ beta
        big = np.abs(r) > delta
        w[:] = 1.0
        w[big] = delta / np.abs(r[big])
    return np.sum(w * r**2) + beta @ beta


def savitzky_golay(signal, width, order):
    """Polynomial smoothing: coefficients from a pseudo-inverse, edges by reflection."""
    half = width // 2
    t = np.arange(-half, half + 1)
    A = np.vander(t, order + 1, increasing=True).astype(float)
    coeffs = np.linalg.pinv(A)[0]
    padded = np.pad(signal, half, mode="reflect")
    smooth = np.empty_like(signal)
    for i in range(len(signal)):
        smooth[i] = np.dot(coeffs, padded[i : i + width])
    rough = signal - smooth
    return np.sum(rough**2) + np.sum(np.diff(smooth, 2) ** 2)


def exponential_smoothing(series, level_weight, trend_weight, horizon):
    """Holt's method: level and trend as scalars, forecasts collected in a list."""
    level = series[0]
    trend = series[1] - series[0]
    errors = []
    for value in series[1:]:
        forecast = level + trend
        errors.append(value - forecast)
        last = level
        level = level_weight * value + (1 - level_weight) * forecast
        trend = trend_weight * (level - last) + (1 - trend_weight) * trend
    ahead = [level + h * trend for h in range(1, horizon + 1)]
    return np.mean(np.square(errors)) + 0.1 * max(ahead)


def metropolis_log_target(theta, steps, width):
    """A random walk whose acceptances are drawn by a seeded generator; mean of the chain."""
    rng = np.random.default_rng(0)

    x = np.array([theta[0], theta[1]])
    total = 0.0
    for i in range(steps):
        prop = x + width * rng.uniform(-1, 1, size=2)
        log_ratio = 0.5 * np.sum((x - theta) ** 2) - 0.5 * np.sum((prop - theta) ** 2)
        if math.log(rng.random()) < log_ratio:
            x = prop
        total += x[0] * x[1]
    return total / steps


def halving_energy(signal, decay):
    """The later half of a signal, over and over: what is left of it counts for less and less."""
    rest = signal
    weight = 1.0
    energy = 0.0
    while len(rest) > 1:
        _, rest = np.split(rest, 2)
        energy += weight * np.sum(rest**2)
        weight *= decay
    return energy
