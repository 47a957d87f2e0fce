"""Sparse Jacobians and Hessians against dense ones; colourings against their definitions."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.csgraph

from srcgrad import (
    Pattern,
    SrcgradError,
    grad,
    hessian,
    hvp,
    jacobian,
    sparse_hessian,
    sparse_jacobian,
)
from srcgrad.sparsity.acyclic import planned_acyclic
from srcgrad.sparsity.colouring import columns, star
from srcgrad.sparsity.recover import planned, planned_symmetric


def banded(x: Any) -> Any:
    y = 2.0 * x
    y[1:] -= x[:-1] * x[1:]
    y[:-1] += np.sin(x[1:])
    return y


def sums(x: Any, scale: Any) -> Any:
    return scale * np.sum(x.reshape(-1, 4) ** 2, axis=1)


def one_row(x: Any) -> Any:
    y = x * x
    y[0] = np.sum(x**3)
    return y


def valley(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def arrow(x: Any) -> Any:
    return np.sum(x[1:] ** 2 * x[0]) + np.sum(x**3)


def grid(x: Any) -> Any:
    u = x.reshape(4, 3)
    return np.sum((u[1:] - u[:-1]) ** 4) + np.sum(np.exp(u[:, 1:] * u[:, :-1]))


def test_jacobians() -> None:
    x = np.random.default_rng(1).normal(size=12)
    J = sparse_jacobian(banded)
    found = J(x)
    assert isinstance(found, scipy.sparse.csr_matrix)
    np.testing.assert_allclose(found.toarray(), jacobian(banded)(x), rtol=1e-13)
    assert J.plan(x).count == 3 and found.nnz == 34
    by_rows = sparse_jacobian(sums)
    np.testing.assert_allclose(by_rows(x, 2.0).toarray(), jacobian(sums)(x, 2.0), rtol=1e-13)
    assert by_rows.plan(x, 2.0).count == 1 and by_rows.plan(x, 2.0).way == "rows"
    np.testing.assert_allclose(
        sparse_jacobian(one_row)(x).toarray(), jacobian(one_row)(x), rtol=1e-13
    )


def test_several_arguments_and_containers() -> None:
    def f(p: Any, s: float) -> Any:
        return {"u": p["w"] * s, "v": p["b"] * p["w"][0]}

    p, s = {"w": np.array([1.0, 2.0]), "b": 3.0, "n": 4}, 0.5
    found = sparse_jacobian(f, ("p", "s"))(p, s).toarray()
    expected = [[0.5, 0.0, 0.0, 1.0], [0.0, 0.5, 0.0, 2.0], [3.0, 0.0, 1.0, 0.0]]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(("f", "colours"), [(valley, 3), (arrow, 2), (grid, 6)])
def test_hessians(f: Any, colours: int) -> None:
    x = np.random.default_rng(2).normal(size=12)
    H = sparse_hessian(f)
    np.testing.assert_allclose(H(x).toarray(), hessian(f)(x), rtol=1e-11, atol=1e-12)
    assert H.plan(x).count <= colours


def test_patterns_are_kept_while_they_hold() -> None:
    def f(x: Any, order: Any, on: bool) -> Any:
        y = x * x[order]
        return y if on else y * x[0]

    rng = np.random.default_rng(3)
    J, x = sparse_jacobian(f), rng.normal(size=6)
    for order, on in itertools.product((np.arange(6)[::-1], np.zeros(6, dtype=int)), (True, False)):
        np.testing.assert_allclose(J(x, order, on).toarray(), jacobian(f)(x, order, on))
    order = np.arange(6)
    first = J.plan(x, order, True)
    assert J.plan(x + 1.0, order, True) is first
    order[0] = 5  # in place
    np.testing.assert_allclose(J(x, order, True).toarray(), jacobian(f)(x, order, True))


def test_branches_on_the_inputs() -> None:
    def f(x: Any) -> Any:
        return x * x[0] if x[1] > 0 else x * x[2]

    J, x = sparse_jacobian(f), np.array([1.0, 2.0, 3.0, 4.0])
    for at in (x, x * [1.0, -1.0, 1.0, 1.0], x):
        np.testing.assert_allclose(J(at).toarray(), jacobian(f)(at))


TABLE = np.array([0, 1, 2])


def test_global_tables() -> None:
    J, x = sparse_jacobian(lambda x: x[TABLE] ** 2), np.array([1.0, 2.0, 3.0])
    for shift in range(3):
        TABLE[:] = (np.arange(3) + shift) % 3
        expected = np.zeros((3, 3))
        expected[np.arange(3), TABLE] = 2.0 * x[TABLE]
        np.testing.assert_allclose(J(x).toarray(), expected)


def test_given_patterns() -> None:
    x = np.random.default_rng(4).normal(size=8)
    kept = sparse_jacobian(banded).pattern(x)
    plan = pickle.loads(pickle.dumps(sparse_jacobian(banded).plan(x)))
    for pattern in (kept, plan, kept.toarray(), scipy.sparse.csr_array(kept.toarray())):
        J = sparse_jacobian(banded, pattern=pattern)
        np.testing.assert_allclose(J(x).toarray(), jacobian(banded)(x), rtol=1e-13)
    with pytest.raises(SrcgradError, match="misses elements"):
        sparse_jacobian(banded, pattern=np.eye(8))(x)
    with pytest.raises(SrcgradError, match="7 columns"):
        sparse_jacobian(banded, pattern=np.ones((8, 7)))(x)
    with pytest.raises(SrcgradError, match="misses elements"):
        sparse_hessian(valley, pattern=np.eye(8))(x)


def turned(r: Any, X: Any) -> Any:
    """Points turned by rotation vectors, row by row."""
    theta = np.sqrt(np.sum(r * r, axis=1))[:, None]
    w = r / theta
    c, s = np.cos(theta), np.sin(theta)
    return c * X + s * np.cross(w, X) + (1 - c) * np.sum(w * X, axis=1)[:, None] * w


def reprojection(cameras: Any, points: Any, obs: Any, feats: Any) -> Any:
    """Bundle adjustment: residuals of points seen by cameras with radial distortion."""
    cam = cameras[obs[:, 0]]
    P = turned(cam[:, 0:3], points[obs[:, 1]] - cam[:, 3:6])
    p = P[:, 0:2] / P[:, 2:3]
    rsq = np.sum(p * p, axis=1)
    L = 1 + cam[:, 9] * rsq + cam[:, 10] * rsq * rsq
    return cam[:, 6:7] * (p * L[:, None]) + cam[:, 7:9] - feats


def test_bundle_adjustment() -> None:
    rng = np.random.default_rng(8)
    cameras, points = rng.normal(size=(3, 11)), rng.normal(size=(5, 3)) + np.array([0.0, 0.0, 5.0])
    obs = np.array([[k % 3, (2 * k) % 5] for k in range(12)])
    args = cameras, points, obs, rng.normal(size=(12, 2))
    J = sparse_jacobian(reprojection, (0, 1))
    by_camera, by_point = jacobian(reprojection, (0, 1))(*args)
    dense = np.concatenate([by_camera.reshape(24, -1), by_point.reshape(24, -1)], axis=1)
    np.testing.assert_allclose(J(*args).toarray(), dense, rtol=1e-10, atol=1e-10)
    plan = J.plan(*args)
    assert plan.pattern.nnz == 24 * 13  # in a row: one camera, one point
    assert plan.count <= 13


def in_place(u: Any, steps: int) -> Any:
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += 0.2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u *= 1.0 - 0.1 * u
    return np.sum(u**2)


def test_hessians_of_programs_in_place() -> None:
    rng = np.random.default_rng(9)
    u, v = rng.random(7), rng.normal(size=7)
    slope = grad(in_place)
    expected = (slope(u + 1e-6 * v, 2) - slope(u - 1e-6 * v, 2)) / 2e-6
    for found in (
        hvp(in_place)(u, 2, v),
        hessian(in_place)(u, 2) @ v,
        sparse_hessian(in_place)(u, 2) @ v,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-8)


def test_decorators_and_empty_values() -> None:
    @sparse_jacobian
    def f(x: Any) -> Any:
        return np.zeros_like(x)

    assert f(np.ones(3)).nnz == 0 and f(np.ones(3)).shape == (3, 3)


@pytest.mark.parametrize("seed", range(12))
def test_columns_of_one_colour_share_no_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.random((9, 7)) < rng.uniform(0.05, 0.5)
    colours = columns(Pattern.of(dense))
    for colour in set(colours.tolist()):
        assert np.all(dense[:, colours == colour].sum(axis=1) <= 1)
    plan = planned(Pattern.of(dense))
    values = np.where(dense, rng.normal(size=dense.shape), 0.0)
    products = plan.seeds() @ (values if plan.way == "rows" else values.T)
    np.testing.assert_allclose(plan.elements(products), values[dense])


@pytest.mark.parametrize("seed", range(25))
def test_star_colourings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 11
    dense = rng.random((size, size)) < rng.uniform(0.03, 0.4)
    dense = dense | dense.T
    pattern = Pattern.of(dense)
    colours = star(pattern)
    edges = dense & ~np.eye(size, dtype=bool)
    assert not np.any(edges & (colours[:, None] == colours))
    for a, b, c, d in itertools.permutations(range(size), 4):
        if edges[a, b] and edges[b, c] and edges[c, d]:
            assert len({colours[v] for v in (a, b, c, d)}) > 2
    plan = planned_symmetric(pattern)
    values = np.where(dense, rng.normal(size=dense.shape), 0.0)
    values = values + values.T
    np.testing.assert_allclose(plan.elements(plan.seeds() @ values.T), values[dense])


@pytest.mark.parametrize("seed", range(40))
def test_acyclic_colourings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 14
    dense = rng.random((size, size)) < rng.uniform(0.03, 0.4)
    dense = dense | dense.T
    pattern = Pattern.of(dense)
    plan = planned_acyclic(pattern)
    edges = dense & ~np.eye(size, dtype=bool)
    assert not np.any(edges & (plan.colours[:, None] == plan.colours))
    for one, other in itertools.combinations(range(plan.count), 2):
        both = np.flatnonzero((plan.colours == one) | (plan.colours == other))
        graph = scipy.sparse.csr_array(edges[np.ix_(both, both)])
        trees, _ = scipy.sparse.csgraph.connected_components(graph, directed=False)
        assert graph.nnz // 2 == len(both) - trees  # a forest
    values = np.where(dense, rng.normal(size=dense.shape), 0.0)
    values = values + values.T
    np.testing.assert_allclose(plan.elements(plan.seeds() @ values.T), values[dense], atol=1e-12)
    assert plan.count <= planned_symmetric(pattern).count


def test_a_hessian_by_substitution() -> None:
    def energy(x: np.ndarray) -> float:  # springs between neighbours of a grid
        u = x.reshape(8, 8)
        return np.sum(np.diff(u, axis=0) ** 4) + np.sum(np.diff(u, axis=1) ** 4) + np.sum(u**2)

    x = np.random.default_rng(1).normal(size=64)
    star_like, fewer = sparse_hessian(energy), sparse_hessian(energy, colouring="acyclic")
    assert fewer.plan(x).count < star_like.plan(x).count
    np.testing.assert_allclose(fewer(x).toarray(), hessian(energy)(x), atol=1e-10)
    with pytest.raises(SrcgradError, match="colouring='greedy': one of star, acyclic"):
        sparse_hessian(energy, colouring="greedy")


def test_large_and_sparse() -> None:
    x = np.linspace(0.0, 1.0, 20_000)
    J = sparse_jacobian(banded)(x)
    assert J.shape == (20_000, 20_000) and J.nnz == 59_998
    v = np.random.default_rng(5).normal(size=x.shape)
    step = 1e-6
    slope = (banded(x + step * v) - banded(x - step * v)) / (2 * step)
    np.testing.assert_allclose(J @ v, slope, rtol=1e-6, atol=1e-7)
