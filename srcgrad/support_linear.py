"""Carried helpers for products and linear algebra, for ranks unknown or unusual.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. `g` is the cotangent of the result `y`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import unbroadcast
from srcgrad.support_arrays import divide_or_zero, expand_reduced, product_of_others, share_extremum


def matmul_adjoint_a(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `a @ b`, of any ranks; `b` may be sparse."""
    if np.ndim(b) == 1:
        a_bar = np.expand_dims(g, -1) * b
    elif np.ndim(a) == 1:
        a_bar = (b @ np.expand_dims(g, -1))[..., 0]
    else:
        a_bar = g @ (b.T if np.ndim(b) == 2 else np.swapaxes(b, -1, -2))
    return unbroadcast(a_bar, a)


def matmul_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `a @ b`, of any ranks; `a` may be sparse."""
    if np.ndim(a) == 2:
        b_bar = a.T @ g
    elif np.ndim(b) == 1:
        b_bar = np.expand_dims(g, -1) * a
    elif np.ndim(a) == 1:
        b_bar = np.expand_dims(a, -1) * np.expand_dims(g, -2)
    else:
        b_bar = np.swapaxes(a, -1, -2) @ g
    return unbroadcast(b_bar, b)


def inner_adjoint_a(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `np.inner(a, b)`; that of `b` follows by symmetry."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(g * b, a)
    return np.tensordot(g, b, np.ndim(b) - 1)


def inner_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(g * a, b)
    free = range(np.ndim(a) - 1)
    return np.tensordot(g, a, (free, free))


def dot_adjoint_a(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `np.dot(a, b)`: the inner product with `b` turned round."""
    turned = np.ndim(a) > 0 and np.ndim(b) > 1
    return inner_adjoint_a(g, a, np.swapaxes(b, -1, -2) if turned else b)


def dot_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `np.dot(a, b)`, or in `a.dot(b)` of a sparse `a`."""
    if np.ndim(a) == 2 and np.ndim(b) in (1, 2):
        return a.T @ g
    if np.ndim(a) == 0 or np.ndim(b) < 2:
        return inner_adjoint_b(g, a, b)
    return np.swapaxes(inner_adjoint_b(g, a, np.swapaxes(b, -1, -2)), -1, -2)


def contracted_axes(a: Any, b: Any, axes: Any) -> Any:
    """The axes that `np.tensordot` sums over in each operand, and those it keeps."""
    if np.ndim(axes) == 0 and not isinstance(axes, (tuple, list)):
        of_a, of_b = list(range(np.ndim(a) - axes, np.ndim(a))), list(range(axes))
    else:
        of_a = [int(i) % np.ndim(a) for i in np.atleast_1d(axes[0])]
        of_b = [int(i) % np.ndim(b) for i in np.atleast_1d(axes[1])]
    free_a = [i for i in range(np.ndim(a)) if i not in of_a]
    free_b = [i for i in range(np.ndim(b)) if i not in of_b]
    return of_a, of_b, free_a, free_b


def tensordot_adjoint_a(g: Any, a: Any, b: Any, axes: Any) -> Any:
    """Cotangent of `a` in `np.tensordot(a, b, axes)`."""
    of_a, of_b, free_a, free_b = contracted_axes(a, b, axes)
    a_bar = np.tensordot(g, b, (range(len(free_a), np.ndim(g)), free_b))
    order = [*free_a, *(of_a[of_b.index(i)] for i in sorted(of_b))]
    return np.transpose(a_bar, np.argsort(order))


def tensordot_adjoint_b(g: Any, a: Any, b: Any, axes: Any) -> Any:
    """Cotangent of `b` in `np.tensordot(a, b, axes)`."""
    of_a, of_b, free_a, free_b = contracted_axes(a, b, axes)
    b_bar = np.tensordot(a, g, (free_a, range(len(free_a))))
    order = [*(of_b[of_a.index(i)] for i in sorted(of_a)), *free_b]
    return np.transpose(b_bar, np.argsort(order))


def einsum_scatter(g: Any, x: Any, source: str, target: str) -> Any:
    """Cotangent of an operand of `np.einsum` from the part `g` that the others determine.

    `target` are the operand's subscripts, `source` those of `g`: a repeated one is a diagonal, one
    that `g` lacks was summed in this operand alone.
    """
    x_bar = np.zeros_like(x, dtype=np.result_type(x, g))
    if not target:  # a number has no parts to be seen
        return x_bar + g
    unique = "".join(dict.fromkeys(target))
    view = np.einsum(f"{target}->{unique}", x_bar)
    missing = tuple(i for i, letter in enumerate(unique) if letter not in source)
    view[...] = unbroadcast(np.expand_dims(g, missing), view)
    return x_bar


def kron_adjoint_a(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `np.kron(a, b)`."""
    rank = max(np.ndim(a), np.ndim(b))
    shape_a = (1,) * (rank - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (rank - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(g, [n for pair in zip(shape_a, shape_b, strict=True) for n in pair])
    spread = np.reshape(b, [n for m in shape_b for n in (1, m)])
    return np.reshape(np.sum(blocks * spread, axis=tuple(range(1, 2 * rank, 2))), np.shape(a))


def kron_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `np.kron(a, b)`."""
    rank = max(np.ndim(a), np.ndim(b))
    shape_a = (1,) * (rank - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (rank - np.ndim(b)) + np.shape(b)
    blocks = np.reshape(g, [n for pair in zip(shape_a, shape_b, strict=True) for n in pair])
    spread = np.reshape(a, [n for m in shape_a for n in (m, 1)])
    return np.reshape(np.sum(blocks * spread, axis=tuple(range(0, 2 * rank, 2))), np.shape(b))


def convolve_adjoint(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """Cotangent of `a` in `np.convolve(a, v, mode)`; the two operands play the same part."""
    shape, a, v = np.shape(a), np.ravel(a), np.ravel(v)  # of numbers too
    short, full = min(len(a), len(v)), len(a) + len(v) - 1
    before = {"full": 0, "same": (short - 1) // 2, "valid": short - 1}[mode]
    g = np.pad(g, (before, full - before - len(g)))
    return np.reshape(np.convolve(g, v[::-1], "valid"), shape)


def solve_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `np.linalg.solve(a, b)`, stacks of systems too."""
    turned = np.swapaxes(a, -1, -2)
    if np.ndim(b) == 1:
        return unbroadcast(np.linalg.solve(turned, g[..., np.newaxis])[..., 0], b)
    return unbroadcast(np.linalg.solve(turned, g), b)


def solve_adjoint_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `y = np.linalg.solve(a, b)`, stacks of systems too."""
    if np.ndim(b) == 1:
        g, y = g[..., np.newaxis], y[..., np.newaxis]
    return unbroadcast(-np.linalg.solve(np.swapaxes(a, -1, -2), g) @ np.swapaxes(y, -1, -2), a)


def cofactors(a: Any) -> Any:
    """Derivative of `np.linalg.det(a)`, of a singular matrix too."""
    u, s, vh = np.linalg.svd(a)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    scaled = u * np.expand_dims(product_of_others(s, -1), -2)
    return np.expand_dims(sign, (-2, -1)) * (scaled @ vh)


def norm_adjoint(g: Any, y: Any, x: Any, ord: Any, axis: Any) -> Any:
    """Cotangent of a vector norm of any order; 0 where the norm is 0."""
    if np.isinf(ord):
        return share_extremum(g, np.abs(x), y, axis) * np.sign(x)
    if ord == 0:
        return np.zeros_like(x)
    size = np.abs(x)
    ratio = size * expand_reduced(divide_or_zero(1, y), x, axis)
    # Adding 1 to a zero keeps a small order from raising 0 to a negative power.
    power = (ratio + (size == 0)) ** (ord - 1) * np.sign(x)
    return (expand_reduced(g, x, axis) * power).astype(np.result_type(x))


def norm_order_adjoint(g: Any, y: Any, x: Any, ord: Any, axis: Any) -> Any:
    """Cotangent of the order of a vector norm."""
    if np.isinf(ord) or ord == 0:
        return 0.0
    ratio = np.abs(x) * expand_reduced(divide_or_zero(1, y), x, axis)
    logs = ratio**ord * np.log(ratio + (ratio == 0)) * (ratio != 0)
    return np.sum(expand_reduced(g * y, x, axis) * logs) / ord


def fold_lower(s: Any) -> Any:
    """Cotangent of a matrix of which only the lower triangle is read."""
    return np.tril(s + np.swapaxes(s, -1, -2), -1) + np.tril(np.triu(s))


def cholesky_adjoint(g: Any, y: Any) -> Any:
    """Cotangent of `a` in `y = np.linalg.cholesky(a)`: NumPy reads only its lower triangle."""
    turned = np.swapaxes(y, -1, -2)
    inside = np.tril(turned @ g)
    inside = inside - np.tril(np.triu(inside)) / 2
    half = np.linalg.solve(turned, inside)  # half of the product on either side
    half = np.linalg.solve(turned, np.swapaxes(half, -1, -2))
    return fold_lower((half + np.swapaxes(half, -1, -2)) / 2)


def eigh_adjoint(w_bar: Any, v_bar: Any, w: Any, v: Any) -> Any:
    """Cotangent of a symmetric matrix from those of its eigenvalues and vectors.

    NumPy reads only its lower triangle. Between vectors of equal eigenvalues nothing flows.
    """
    turned = np.swapaxes(v, -1, -2)
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    middle = divide_or_zero(turned @ v_bar, gaps)
    middle = middle + np.expand_dims(w_bar, -1) * np.eye(w.shape[-1], dtype=w.dtype)
    whole = v @ middle @ turned
    return fold_lower((whole + np.swapaxes(whole, -1, -2)) / 2)


def eigvalsh_adjoint(g: Any, a: Any) -> Any:
    """Cotangent of `a` in `np.linalg.eigvalsh(a)`."""
    w, v = np.linalg.eigh(a)
    return eigh_adjoint(g, np.zeros_like(v), w, v)


def pinv_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of `a` in `y = np.linalg.pinv(a)`, where the rank does not change."""
    g_t, y_t = np.swapaxes(g, -1, -2), np.swapaxes(y, -1, -2)
    rows = (np.eye(np.shape(a)[-2], dtype=a.dtype) - a @ y) @ g_t @ y @ y_t
    columns = y_t @ y @ g_t @ (np.eye(np.shape(a)[-1], dtype=a.dtype) - y @ a)
    return rows + columns - y_t @ g @ y_t


def matrix_power_adjoint(g: Any, a: Any, n: Any) -> Any:
    """Cotangent of `a` in `np.linalg.matrix_power(a, n)`."""
    if n < 0:
        inverse = np.swapaxes(np.linalg.inv(a), -1, -2)
        return -inverse @ matrix_power_adjoint(g, np.swapaxes(inverse, -1, -2), -n) @ inverse
    turned = np.swapaxes(a, -1, -2)
    a_bar = np.zeros_like(a)
    for i in range(n):
        a_bar += np.linalg.matrix_power(turned, i) @ g @ np.linalg.matrix_power(turned, n - 1 - i)
    return a_bar


def cross_rows(a: Any, b: Any) -> Any:
    """`np.cross(a, b)` of vectors with three components, along the last axis."""
    y = np.empty(np.broadcast_shapes(a.shape, b.shape), np.result_type(a, b))
    for i, j, k in (0, 1, 2), (1, 2, 0), (2, 0, 1):
        y[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return y


def cross_adjoint(g: Any, a: Any, b: Any, axis: Any) -> Any:
    """Cotangent of `a` in `np.cross(a, b)`, of vectors with three components."""
    if not np.shape(a)[axis] == np.shape(b)[axis] == 3:
        raise ValueError("the derivative of np.cross is supported for vectors of three components")
    return unbroadcast(np.cross(b, g, axis=axis), a)


def any_cross_adjoint(g: Any, a: Any, b: Any, axes: Any, axis: Any) -> Any:
    """Cotangent of `a` in `np.cross(a, b)`, of vectors with two or three components."""
    of_a, of_b, of_g = axes if axis is None else (axis, axis, axis)
    rows, others = np.moveaxis(a, of_a, -1), np.moveaxis(b, of_b, -1)
    sizes = np.shape(rows)[-1], np.shape(others)[-1]
    g = np.expand_dims(g, -1) if sizes == (2, 2) else np.moveaxis(g, of_g, -1)
    if sizes == (2, 2):
        g = np.concatenate((np.zeros_like(g), np.zeros_like(g), g), axis=-1)
    if sizes[1] == 2:
        others = np.concatenate((others, np.zeros_like(others[..., :1])), axis=-1)
    return np.moveaxis(unbroadcast(np.cross(others, g)[..., : sizes[0]], rows), -1, of_a)
