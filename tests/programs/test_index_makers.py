"""Functions that give indices and grids: what they give is known, so that it may be written to."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def submatrix_that_is_a_copy(x):
    K = np.outer(x, x)
    B = K[np.ix_([0, 2], [1, 3])]
    K += B[0, 0]
    return np.sum(K * K) + np.sum(B)


def filled_by_triangles(x):
    n = 3
    A = np.zeros((n, n))
    iu = np.triu_indices(n)
    A[iu] = x
    A = A + A.T
    A[np.diag_indices(n)] *= 0.5
    return np.sum(A @ A)


def cholesky_factor(x):
    L = np.zeros((3, 3))
    L[np.tril_indices(3)] = x
    L[np.diag_indices_from(L)] = np.exp(np.diag(L))
    C = L @ L.T
    v = C[np.triu_indices_from(C, k=1)]
    C[np.triu_indices_from(C, 1)] += v * 2
    v *= 2
    return np.sum(C * C) + np.sum(v)


def sorted_by_keys(x):
    o = np.lexsort((x, np.round(x)))
    y = x[o]
    y[1:] += y[:-1]
    return np.sum(y * np.arange(6))


def pairs_of_a_triangle(x):
    A = np.outer(x, x)
    i, j = np.triu_indices(6, 1)
    d = A[i, j] - x[i] * x[j] ** 2
    d *= x[i]
    A[i, j] = d
    A[j, i] -= d
    return np.sum(A**2)


def free_and_fixed_rows(x):
    A = np.outer(x, x)
    free = np.array([True, False, True, True, False, False])
    K = A[np.ix_(free, free)]
    A[np.ix_(~free, [0])] = 1.0
    K[0] += 1
    return np.linalg.det(K + np.eye(3)) + np.sum(A[np.ix_([1, 1], [0, 2])])


def diagonal_of_three_axes(x):
    T = np.multiply.outer(np.outer(x[:3], x[:3]), x[3:])
    d = np.diag_indices(3, ndim=3)
    T[d] += x[:3]
    return np.sum(T[np.ix_([0, 2], [1], [0, 1, 1])] ** 2) + np.sum(T[d] ** 2)


def written_by_a_mesh(x):
    A = np.outer(x, x)
    r = [0, 3]
    A[np.ix_(r, r)] += np.array([[1.0, x[0]], [x[1], 2.0]])
    A[np.ix_([1, 1], [2])] += x[5]
    return np.sum(A**2)


def largest_element(x):
    A = np.outer(x, x)
    k = np.argmax(A)
    i, j = np.unravel_index(k, A.shape)
    A[i, j] *= x[0]
    return np.sum(A) * A[i, j]


def elements_at_flat_places(x):
    A = np.outer(x, x)
    r, c = np.unravel_index(np.array([1, 8, 14]), (6, 6))
    B = A[r, c]
    A += 1.0
    A[r, c] = B * x[:3]
    B *= 2
    return np.sum(A**2) + np.sum(B)


def flat_places_of_elements(x):
    A = np.outer(x, x)
    f = A.ravel()
    k = np.ravel_multi_index(([1, 2], [3, 4]), (6, 6))
    v = f[k]
    A *= 2.0
    return np.sum(v * A[1, 2])


def kernel_of_distances(x):
    I, J = np.indices((6, 6))
    K = np.exp(-((I - J) ** 2) / x[0]) * x[J]
    K[I == J] += x[1]
    return np.sum(K * np.outer(x, x))


def bump_on_a_grid(x):
    yy, xx = np.mgrid[0:3, 0:2]
    w = np.exp(-((yy - x[0]) ** 2 + (xx - x[1]) ** 2))
    w += x.reshape(3, 2)
    w[yy > 1] *= 2
    return np.sum(w**2)


def grid_that_is_written(x):
    g = np.mgrid[0:3.0, 0:2.0]
    y = g[0]
    y += x[0]
    y *= x[1]
    return np.sum(g * x.reshape(3, 2))


def grid_by_count(x):
    yy, xx = np.mgrid[0:1:3j, 0 : x.size // 3]
    yy[1] += x[1]
    xx = xx * x[2]
    z = yy * xx
    yy -= z[0]
    return np.sum(z * yy)


def one_axis_and_three(x):
    t = np.mgrid[0:6] * x
    t[2:] += t[:-2]
    k = np.mgrid[-1:2]
    return np.sum(t[k] ** 2) + np.sum(np.mgrid[0:2, 0:3, 0:1] * x[:3][:, None])


def grid_of_an_argument_s_length(x):
    n = len(x)
    i, j = np.mgrid[:n, :n]
    A = np.where(i > j, x[i] * x[j], 0.0)
    A[i == j] = x
    i += 1
    return np.sum(A / i)


def grids_in_a_loop(x):
    s = 0.0
    for k in range(1, 4):
        a, b = np.mgrid[0:k, 1 : k + 1]
        w = x[a] * x[b] / (a + b)
        w[0] *= 2
        s = s + np.sum(w * w)
    return s


def open_grid(x):
    a = np.ogrid[0:3, 0:2]
    w = np.sin(a[0] * x[0]) + a[1] * x[1]
    w[1:] += x[2:4]
    return np.sum(w**2)


def grid_with_steps(x):
    lo, hi = 0, 3
    a, b = np.mgrid[lo:hi:2, lo:hi:1]
    w = a * x[0] + b * x[1:2]
    w[:, 0] = x[3]
    return np.sum(w**3)


def grid_under_another_name(x):
    m = np.mgrid
    a = m[0:2, 0:3]
    return np.sum(a[0] * x.reshape(2, 3) ** 2) * np.sum(a[1])


ALL = [
    submatrix_that_is_a_copy,
    filled_by_triangles,
    cholesky_factor,
    sorted_by_keys,
    pairs_of_a_triangle,
    free_and_fixed_rows,
    diagonal_of_three_axes,
    written_by_a_mesh,
    largest_element,
    elements_at_flat_places,
    flat_places_of_elements,
    kernel_of_distances,
    bump_on_a_grid,
    grid_that_is_written,
    grid_by_count,
    one_axis_and_three,
    grid_of_an_argument_s_length,
    grids_in_a_loop,
    open_grid,
    grid_with_steps,
    grid_under_another_name,
]


@pytest.mark.parametrize("program", ALL, ids=lambda f: f.__name__)
def test_gradients(program):
    check_grads(program, (RNG.uniform(0.3, 1.3, size=6),), order=2)


def test_what_is_known_of_a_grid_makes_its_text_short():
    text = grad(bump_on_a_grid).lower(np.ones(6)).source
    assert "np.sum(w_5_bar * (2 * w_1))" in text and "accumulate" not in text


def test_masks_for_indices():
    def chosen(x, keep):
        part = np.outer(x, x)[np.ix_(keep, [0, 1])]
        part *= x[:2]
        return np.sum(part)

    x, keep = RNG.uniform(0.3, 1.3, size=4), np.array([True, False, True, True])
    check_grads(chosen, (x, keep))
