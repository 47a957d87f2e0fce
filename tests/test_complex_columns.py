"""Complex arrays that are made from real ones and written: Jacobians by columns and by rows."""

from __future__ import annotations

import itertools
import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import jacfwd, jacrev
from srcgrad.differences import central_differences

MADE = (
    "x + 1j",
    "np.where(x > 0.5, x, 0j)",
    "np.array([x[0], x[1], 1j])",
    "np.asarray(x, dtype=complex)",
    "x.astype(complex)",
    "np.concatenate([x[:2], [1j]])",
)
WRITTEN = (
    "z[0] = z[1] * z[2] * 1j",
    "z.imag = x**2",
    "z *= 1j",
    "np.add.at(z, [0, 1], 1j * x[:2])",
    "np.multiply(z, 1j * x, out=z)",
    "z[x > 0.5] = 1j * x[0]",
)


def program(made: str, written: str) -> Callable[..., Any]:
    text = f"def f(x):\n    z = {made}\n    {written}\n    return z.real * z.imag\n"
    name = f"<complex {made} {written}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np, "__name__": __name__}
    exec(compile(text, name, "exec"), space)
    found: Callable[..., Any] = space["f"]
    return found


@pytest.mark.parametrize(("made", "written"), [*itertools.product(MADE, WRITTEN)])
def test_columns_and_rows(made: str, written: str) -> None:
    f, x = program(made, written), np.array([0.6, 0.3, 0.8])
    right = np.stack([central_differences(lambda v, i=i: f(v)[i], (x,), (0,))[0] for i in range(3)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy warns where an imaginary part is dropped
        for jacobian in (jacfwd, jacrev):
            np.testing.assert_allclose(jacobian(f)(x), right, atol=1e-6)
