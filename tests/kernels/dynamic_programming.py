"""Recurrences over tables: shortest paths, alignments, scans, trees and sorted merges."""

import numpy as np


def floyd_warshall(weights):
    """All shortest paths, relaxed in place with outer sums of a row and a column."""
    path = weights.copy()
    n = path.shape[0]
    for k in range(n):
        path[:] = np.minimum(path[:], np.add.outer(path[:, k], path[k, :]))
    return np.sum(path)


def viterbi_max_sum(scores, transitions):
    """Best score of a path, with back pointers followed to weigh its labels."""
    T, K = scores.shape
    delta = scores[0].copy()
    back = np.zeros((T, K), dtype=int)
    for t in range(1, T):
        cand = delta[:, None] + transitions
        back[t] = np.argmax(cand, axis=0)
        delta = cand[back[t], np.arange(K)] + scores[t]
    best = int(np.argmax(delta))
    value = delta[best]
    for t in range(T - 1, 0, -1):
        value += 0.1 * scores[t, best] ** 2
        best = back[t, best]
    return value


def soft_dtw(x, y, gamma):
    """Soft-minimum time warping in a padded table."""
    n, m = len(x), len(y)
    D = np.abs(x[:, None] - y[None, :]) ** 2
    R = np.full((n + 1, m + 1), 1e10)
    R[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            r = np.array([R[i - 1, j - 1], R[i - 1, j], R[i, j - 1]])
            rmin = r.min()
            soft = rmin - gamma * np.log(np.sum(np.exp(-(r - rmin) / gamma)))
            R[i, j] = D[i - 1, j - 1] + soft
    return R[n, m]


def edit_distance_two_rows(costs, gap):
    """Hard minimum with two rows that are exchanged after each line."""
    n, m = costs.shape
    prev = gap * np.arange(m + 1.0)
    cur = np.zeros(m + 1)
    for i in range(n):
        cur[0] = gap * (i + 1)
        for j in range(m):
            cur[j + 1] = min(prev[j] + costs[i, j], prev[j + 1] + gap, cur[j] + gap)
        prev, cur = cur, prev
    return prev[m]


def smith_waterman(sub, gap):
    """Local alignment: the best cell of the table."""
    n, m = sub.shape
    H = np.zeros((n + 1, m + 1))
    best = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            diag = H[i - 1, j - 1] + sub[i - 1, j - 1]
            up = H[i - 1, j] - gap
            left = H[i, j - 1] - gap
            H[i, j] = max(0, diag, up, left)
            if H[i, j] > best:
                best = H[i, j]
    return best


def matrix_chain(dims):
    """Cheapest order of a product of matrices of real sizes."""
    n = len(dims) - 1
    cost = np.zeros((n, n))
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            best = np.inf
            for k in range(i, j):
                c = cost[i, k] + cost[k + 1, j] + dims[i] * dims[k + 1] * dims[j + 1]
                if c < best:
                    best = c
            cost[i, j] = best
    return cost[0, n - 1]


def bellman_ford(lengths, edges, n):
    """Relaxation over a list of edges until nothing changes."""
    dist = np.full(n, 1e6)
    dist[0] = 0.0
    for _ in range(n):
        changed = False
        for (a, b), w in zip(edges, lengths):
            if dist[a] + w < dist[b]:
                dist[b] = dist[a] + w
                changed = True
        if not changed:
            break
    return dist.sum() + dist[-1] ** 2


def value_iteration(reward, transition, discount, tol):
    """Markov decision process, swept until the values settle."""
    S, A = reward.shape
    V = np.zeros(S)
    while True:
        Q = np.empty((S, A))
        for a in range(A):
            Q[:, a] = reward[:, a] + discount * transition[a] @ V
        new = Q.max(axis=1)
        delta = np.max(np.abs(new - V))
        V = new
        if delta < tol:
            break
    return V.sum()


def ctc_like_scan(logits, labels):
    """Log-domain forward scan over an extended label sequence."""
    T = logits.shape[0]
    logp = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    ext = [0]
    for l in labels:
        ext += [int(l), 0]
    L = len(ext)
    alpha = np.full((T, L), -1e30)
    alpha[0, 0] = logp[0, 0]
    alpha[0, 1] = logp[0, ext[1]]
    for t in range(1, T):
        for s in range(L):
            a = alpha[t - 1, s]
            if s > 0:
                a = np.logaddexp(a, alpha[t - 1, s - 1])
            if s > 1 and ext[s] != 0 and ext[s] != ext[s - 2]:
                a = np.logaddexp(a, alpha[t - 1, s - 2])
            alpha[t, s] = a + logp[t, ext[s]]
    return -np.logaddexp(alpha[T - 1, L - 1], alpha[T - 1, L - 2])


def tree_pruning(branch_lengths, parents, leaves):
    """Felsenstein's likelihood: children multiplied into parents, a list of arrays by node."""
    n = len(parents)
    partial = [np.ones(2) for _ in range(n)]
    for node, state in leaves:
        partial[node] = np.array([1.0 - state, float(state)])
    for node in range(n - 1, 0, -1):
        e = np.exp(-2.0 * branch_lengths[node])
        P = 0.5 * np.array([[1 + e, 1 - e], [1 - e, 1 + e]])
        up = parents[node]
        partial[up] = partial[up] * (P @ partial[node])
    return np.log(0.5 * partial[0].sum())


def prefix_scan_lanes(x, decay):
    """Associative scan by doubling strides, the array rebuilt from shifted parts."""
    y = x.copy()
    d = decay
    stride = 1
    while stride < len(y):
        shifted = np.concatenate([np.zeros(stride), y[:-stride]])
        y = y + d * shifted
        d = d * d
        stride *= 2
    return np.sum(y**2)
