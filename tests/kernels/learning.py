"""Models and losses: networks with parameters in dicts, recurrent cells, convolutions, mixtures."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax_regression(W, b, X, labels, reg):
    """Shifted exponentials, the right class picked with a range of rows."""
    scores = X.dot(W) + b
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    n = X.shape[0]
    loss = -np.log(probs[np.arange(n), labels]).mean()
    return loss + 0.5 * reg * np.sum(W * W)


def mlp_dict(params, X, y):
    """Layers in a dict with names by number; the activations kept in a cache."""
    cache = {}
    cache["A0"] = X
    L = len(params) // 2
    for l in range(1, L):
        Z = cache["A" + str(l - 1)] @ params["W" + str(l)] + params["b" + str(l)]
        cache["A" + str(l)] = np.maximum(Z, 0.01 * Z)
    out = cache["A" + str(L - 1)] @ params["W" + str(L)] + params["b" + str(L)]
    return float(np.mean((out[:, 0] - y) ** 2))


def mlp_list(weights, x, target):
    """Weights and biases as a list of pairs, unpacked in the loop."""
    h = x
    for W, b in weights[:-1]:
        h = np.tanh(h @ W + b)
    W, b = weights[-1]
    out = h @ W + b
    return 0.5 * ((out - target) ** 2).sum()


def lstm_over_time(params, xs, h0):
    """One weight matrix for four gates, cut into views; the hidden states stored by time."""
    T = xs.shape[0]
    H = h0.shape[0]
    hs = np.zeros((T + 1, H))
    hs[0] = h0
    c = np.zeros(H)
    for t in range(T):
        z = params["Wx"] @ xs[t] + params["Wh"] @ hs[t] + params["b"]
        i = sigmoid(z[:H])
        f = sigmoid(z[H : 2 * H])
        o = sigmoid(z[2 * H : 3 * H])
        g = np.tanh(z[3 * H :])
        c = f * c + i * g
        hs[t + 1] = o * np.tanh(c)
    return np.sum(hs[1:] ** 2) + hs[-1, 0]


def gru_over_time(Wz, Wr, Wh, xs):
    """Inputs and state concatenated for every gate; outputs appended to a list and stacked."""
    h = np.zeros(Wz.shape[0])
    outputs = []
    for x in xs:
        xh = np.concatenate([x, h])
        z = sigmoid(np.dot(Wz, xh))
        r = sigmoid(np.dot(Wr, xh))
        cand = np.tanh(np.dot(Wh, np.concatenate([x, r * h])))
        h = (1 - z) * h + z * cand
        outputs.append(h)
    hidden = np.stack(outputs)
    return (hidden**2).sum() / len(outputs)


def conv2d_loops(image, kernels, bias):
    """Valid convolution by four loops over output and kernel positions, then ReLU and pooling."""
    H, W = image.shape
    n, kh, kw = kernels.shape
    out = np.zeros((n, H - kh + 1, W - kw + 1))
    for f in range(n):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                acc = bias[f]
                for p in range(kh):
                    for q in range(kw):
                        acc += image[i + p, j + q] * kernels[f, p, q]
                out[f, i, j] = acc
    out[out < 0] = 0.0
    pooled = 0.0
    for i in range(0, out.shape[1] - 1, 2):
        for j in range(0, out.shape[2] - 1, 2):
            pooled += np.sum(np.max(out[:, i : i + 2, j : j + 2], axis=(1, 2)) ** 2)
    return pooled


def conv2d_windows(image, weights):
    """Batched convolution with a window and a tensordot in every position."""
    K = weights.shape[0]
    N, H, W, _ = image.shape
    out = np.empty((N, H - K + 1, W - K + 1, weights.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j, :] = np.sum(
                image[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :],
                axis=(1, 2, 3),
            )
    return np.sum(np.tanh(out))


def tanh_trace(a):
    """A trace of hyperbolic tangents added to a matrix, as in a tutorial."""
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return np.sum((a + trace) ** 2)


def gaussian_mixture(log_weights, means, log_scales, data):
    """Negative log-likelihood with a log-sum-exp by hand, components in a loop."""
    K, D = means.shape
    N = data.shape[0]
    log_pi = log_weights - np.log(np.sum(np.exp(log_weights)))
    logp = np.empty((N, K))
    for k in range(K):
        diff = (data - means[k]) / np.exp(log_scales[k])
        logp[:, k] = (
            log_pi[k]
            - 0.5 * np.sum(diff**2, axis=1)
            - np.sum(log_scales[k])
            - 0.5 * D * np.log(2 * np.pi)
        )
    m = logp.max(axis=1)
    return -np.sum(m + np.log(np.exp(logp - m[:, None]).sum(axis=1)))


def kmeans(centers, points, iterations):
    """Lloyd's iterations: hard assignment, means of clusters, empty ones left alone."""
    c = centers.copy()
    k = len(c)
    for _ in range(iterations):
        d2 = ((points[:, None, :] - c[None, :, :]) ** 2).sum(axis=2)
        owner = d2.argmin(axis=1)
        for j in range(k):
            members = points[owner == j]
            if len(members) > 0:
                c[j] = 0.5 * c[j] + 0.5 * members.mean(axis=0)
    d2 = ((points[:, None, :] - c[None, :, :]) ** 2).sum(axis=2)
    return np.sum(np.min(d2, axis=1))


def batch_norm_train(x, gamma, beta, momentum, steps):
    """Running statistics updated in place over mini-batches."""
    running_mean = np.zeros(x.shape[1])
    running_var = np.ones(x.shape[1])
    size = x.shape[0] // steps
    loss = 0.0
    for s in range(steps):
        batch = x[s * size : (s + 1) * size]
        mu = batch.mean(axis=0)
        var = batch.var(axis=0)
        running_mean *= momentum
        running_mean += (1 - momentum) * mu
        running_var *= momentum
        running_var += (1 - momentum) * var
        xhat = (batch - mu) / np.sqrt(var + 1e-5)
        loss += np.sum((gamma * xhat + beta) ** 3)
    test = (x - running_mean) / np.sqrt(running_var + 1e-5)
    return loss + np.abs(gamma * test + beta).sum()


def attention(q, k, v, mask):
    """Scaled dot products, a causal mask filled with a large negative number."""
    scores = q @ k.T / np.sqrt(q.shape[-1])
    scores[~mask] = -1e9
    scores -= scores.max(axis=-1, keepdims=True)
    w = np.exp(scores)
    w /= w.sum(axis=-1, keepdims=True)
    return np.linalg.norm(w @ v)


class Adam:
    """The optimiser as everyone has written it once."""

    def __init__(self, lr, n):
        self.lr = lr
        self.m = np.zeros(n)
        self.v = np.zeros(n)
        self.t = 0

    def step(self, w, g):
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g * g
        mhat = self.m / (1 - 0.9**self.t)
        vhat = self.v / (1 - 0.999**self.t)
        return w - self.lr * mhat / (np.sqrt(vhat) + 1e-8)


def train_with_adam(w0, X, y, lr, epochs):
    """Least squares trained by an object that holds state; the loss after training."""
    w = w0
    opt = Adam(lr, w0.size)
    for _ in range(epochs):
        grad = 2 * X.T @ (X @ w - y) / len(y)
        w = opt.step(w, grad)
    return np.mean((X @ w - y) ** 2)
