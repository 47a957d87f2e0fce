"""Images, curves, meshes and rays."""

import numpy as np


def rodrigues(r, X):
    theta2 = np.dot(r, r)
    if theta2 > 1e-12:
        theta = np.sqrt(theta2)
        w = r / theta
        c, s = np.cos(theta), np.sin(theta)
        return c * X + s * np.cross(w, X) + (1 - c) * np.dot(w, X) * w
    return X + np.cross(r, X)


def bundle_adjustment(cameras, points, weights, feats, obs):
    """Reprojection errors with radial distortion, one observation at a time."""
    err = np.empty((len(obs), 2))
    for i in range(len(obs)):
        cam = cameras[obs[i, 0]]
        X = points[obs[i, 1]]
        P = rodrigues(cam[0:3], X - cam[3:6])
        p = P[0:2] / P[2]
        rsq = p @ p
        L = 1 + cam[9] * rsq + cam[10] * rsq * rsq
        proj = cam[6] * (p * L) + cam[7:9]
        err[i] = weights[i] * (proj - feats[i])
    w_err = 1 - weights**2
    return 0.5 * np.sum(err**2) + np.sum(w_err**2)


def natural_cubic_spline(xk, yk, xq):
    """Second derivatives by a tridiagonal sweep, evaluation with searchsorted."""
    n = len(xk)
    h = np.diff(xk)
    u = np.zeros(n)
    m = np.zeros(n)
    d = np.zeros(n)
    for i in range(1, n - 1):
        rhs = 6 * ((yk[i + 1] - yk[i]) / h[i] - (yk[i] - yk[i - 1]) / h[i - 1])
        p = 2 * (h[i - 1] + h[i]) - h[i - 1] * u[i - 1]
        u[i] = h[i] / p
        d[i] = (rhs - h[i - 1] * d[i - 1]) / p
    for i in range(n - 2, 0, -1):
        m[i] = d[i] - u[i] * m[i + 1]
    j = np.clip(np.searchsorted(xk, xq) - 1, 0, n - 2)
    a = (xk[j + 1] - xq) / h[j]
    b = (xq - xk[j]) / h[j]
    s = a * yk[j] + b * yk[j + 1]
    s += ((a**3 - a) * m[j] + (b**3 - b) * m[j + 1]) * h[j] ** 2 / 6
    return np.sum(s * np.sin(xq))


def catmull_rom(points, t):
    """Cubic interpolation of a closed curve at parameters, neighbours by modular indices."""
    n = points.shape[0]
    k = np.floor(t).astype(int)
    f = (t - k)[:, None]
    p0, p1, p2, p3 = (points[(k + o) % n] for o in (-1, 0, 1, 2))
    c = 0.5 * (
        2 * p1
        + (p2 - p0) * f
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2
        + (3 * p1 - p0 - 3 * p2 + p3) * f**3
    )
    return np.sum(np.linalg.norm(np.diff(c, axis=0), axis=1))


def bilinear_warp(image, flow):
    """Sample an image at displaced positions, clamped to its border."""
    h, w = image.shape
    yy, xx = np.meshgrid(np.arange(h), np.arange(w), indexing="ij")
    y = np.clip(yy + flow[0], 0, h - 1.001)
    x = np.clip(xx + flow[1], 0, w - 1.001)
    y0 = np.floor(y).astype(int)
    x0 = np.floor(x).astype(int)
    wy = y - y0
    wx = x - x0
    out = (1 - wy) * ((1 - wx) * image[y0, x0] + wx * image[y0, x0 + 1])
    out += wy * ((1 - wx) * image[y0 + 1, x0] + wx * image[y0 + 1, x0 + 1])
    return np.sum((out - image) ** 2)


def ray_trace_spheres(centers, radii, light, dirs):
    """Nearest hits of rays from the origin, shaded where they hit; depth kept by masks."""
    depth = np.full(len(dirs), np.inf)
    color = np.zeros(len(dirs))
    for c, r in zip(centers, radii):
        b = dirs @ c
        disc = b**2 - (c @ c - r**2)
        hit = disc > 0
        t = np.where(hit, b - np.sqrt(np.where(hit, disc, 1.0)), np.inf)
        nearer = hit & (t > 0) & (t < depth)
        if not nearer.any():
            continue
        p = t[nearer][:, None] * dirs[nearer]
        normal = (p - c) / r
        color[nearer] = np.maximum(normal @ light, 0) + 0.05
        depth[nearer] = t[nearer]
    seen = np.isfinite(depth)
    return np.sum(color**2) + np.mean(1.0 / depth[seen])


def fem_truss_energy(nodes, elements, stiffness, loads):
    """Assembly of a stiffness matrix with np.add.at, supports eliminated, compliance."""
    ndof = nodes.size
    K = np.zeros((ndof, ndof))
    for e in range(len(elements)):
        a, b = elements[e]
        d = nodes[b] - nodes[a]
        length = np.sqrt(d @ d)
        c = d / length
        B = np.concatenate([-c, c])
        ke = stiffness[e] / length * np.outer(B, B)
        dof = np.array([2 * a, 2 * a + 1, 2 * b, 2 * b + 1])
        np.add.at(K, (dof[:, None], dof[None, :]), ke)
    free = np.arange(4, ndof)
    u = np.zeros(ndof)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], loads[free])
    return loads @ u


def fem_poisson_1d(x, source):
    """Linear elements, local matrices scattered into global ones, a dense solve."""
    n = x.size
    K = np.zeros((n, n))
    f = np.zeros(n)
    local = np.array([[1.0, -1.0], [-1.0, 1.0]])
    for e in range(n - 1):
        h = x[e + 1] - x[e]
        K[e : e + 2, e : e + 2] += local / h
        f[e : e + 2] += 0.5 * h * source[e : e + 2]
    K[0, :] = 0
    K[0, 0] = 1
    K[-1, :] = 0
    K[-1, -1] = 1
    f[0] = f[-1] = 0
    u = np.linalg.solve(K, f)
    return np.dot(f, u)


def mesh_smoothing(vertices, triangles, rate, iterations):
    """Laplacian smoothing with sums of neighbours by np.add.at, then area and volume."""
    v = vertices.copy()
    n = len(v)
    for _ in range(iterations):
        acc = np.zeros_like(v)
        deg = np.zeros(n)
        for a, b in ((0, 1), (1, 2), (2, 0)):
            i, j = triangles[:, a], triangles[:, b]
            np.add.at(acc, i, v[j])
            np.add.at(deg, i, 1)
        v += rate * (acc / np.maximum(deg, 1)[:, None] - v)
    p, q, r = v[triangles[:, 0]], v[triangles[:, 1]], v[triangles[:, 2]]
    normals = np.cross(q - p, r - p)
    area = 0.5 * np.sqrt((normals**2).sum(axis=1)).sum()
    volume = np.einsum("ij,ij->", p, normals) / 6
    return area + volume


def polygon_moments(poly):
    """Shoelace area and second moment by a loop over edges with a wrapped index."""
    area = 0.0
    moment = 0.0
    n = len(poly)
    for i in range(n):
        x0, y0 = poly[i]
        x1, y1 = poly[(i + 1) % n]
        cr = x0 * y1 - x1 * y0
        area += cr
        moment += cr * (x0 * x0 + x0 * x1 + x1 * x1)
    return abs(area) / 2 + moment / 12


def icp_alignment(src, dst, angle, shift):
    """Nearest neighbours under a rotation, then a robust sum of distances."""
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s], [s, c]])
    moved = src @ R.T + shift
    total = 0.0
    for p in moved:
        d = np.sum((dst - p) ** 2, axis=1)
        total += np.log1p(d[np.argmin(d)])
    return total


def robot_arm(angles, lengths, goal):
    """Forward kinematics with homogeneous transforms; every joint keeps off the floor."""
    T = np.eye(3)
    penalty = 0.0
    for a, l in zip(angles, lengths):
        rot = np.eye(3)
        rot[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
        trans = np.eye(3)
        trans[0, 2] = l
        T = T @ rot @ trans
        if T[1, 2] < 0:
            penalty += T[1, 2] ** 2
    return np.sum((T[:2, 2] - goal) ** 2) + penalty


def total_variation_flow(image, lam, rate, steps):
    """Gradient descent on a smoothed total variation, differences padded by hand."""
    u = image.copy()
    gx = np.zeros_like(u)
    gy = np.zeros_like(u)
    div = np.zeros_like(u)
    for _ in range(steps):
        gx[:, :-1] = u[:, 1:] - u[:, :-1]
        gy[:-1, :] = u[1:, :] - u[:-1, :]
        mag = np.sqrt(gx**2 + gy**2 + 0.01)
        px, py = gx / mag, gy / mag
        div[:] = px + py
        div[:, 1:] -= px[:, :-1]
        div[1:, :] -= py[:-1, :]
        u += rate * (div - lam * (u - image))
    return np.sum(mag) + 0.5 * lam * np.sum((u - image) ** 2)
