"""Programs of SciPy's functions through the whole compiler: what single rows cannot show.

Factors that go from one call to another, results whose signs are free, second derivatives.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from srcgrad import UnsupportedError, grad, transform
from srcgrad.differences import central_differences
from srcgrad.support_sparse import factors_adjoint
from tests.agreement import assert_near
from tests.rules import scipy_programs as programs

_random = np.random.default_rng(17)


def real(*shape: int) -> Any:
    return _random.normal(size=shape)


SQUARE = real(3, 3) + 3 * np.eye(3)
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (programs.by_lu, (SQUARE, real(3))),
    (programs.by_turned_lu, (SQUARE, real(3, 2))),
    (programs.by_cholesky, (SQUARE, real(3, 2))),
    (programs.by_lower_cholesky, (SQUARE, real(3))),
    (programs.projector, (SQUARE,)),
    (programs.tridiagonal, (real(4) + 3, real(3))),
    (programs.full_qr, (SQUARE,)),
    (programs.pivoted_lu, (SQUARE[[2, 0, 1]],)),
    (programs.symmetric_root, (SQUARE,)),
    (programs.normal_process, (SQUARE, real(3))),
    (programs.mixture, (real(2), real(2) ** 2 + 0.5, real(5))),
    (programs.counts, (0.3, real(2))),
    (programs.shares, (real(3),)),
    (programs.sparse_chain, (real(3),)),
    (programs.sparse_factors, (real(3),)),
    (programs.frozen, (real(3),)),
    (programs.frozen_vector, (real(3),)),
]

COMPLEX: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (programs.cross_spectrum, (real(11), real(11))),
    (programs.short_time_transform, (real(11),)),
    (programs.envelope, (real(6),)),
    (programs.back_again, (real(11),)),
    (programs.turned_spectrum, (real(11),)),
]


def _ids(value: Any) -> str | None:
    return value.__name__ if callable(value) else None


@pytest.mark.filterwarnings("ignore:Some rows of .p. do not sum:FutureWarning")
@pytest.mark.parametrize(("program", "args"), PROGRAMS + COMPLEX, ids=_ids)
def test_program(program: Callable[..., Any], args: tuple[Any, ...]) -> None:
    wrt = tuple(range(len(args)))
    expected = central_differences(program, args, wrt)
    for found, slope in zip(grad(program, wrt)(*args), expected, strict=True):
        np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-6)


_WEIGHED = """

def weighed({params}, weights):
    import numpy
    return numpy.sum({name}_grad({params}) * weights)
"""


@pytest.mark.parametrize(("program", "args"), PROGRAMS, ids=_ids)
def test_second_derivative(
    program: Callable[..., Any], args: tuple[Any, ...], tmp_path: Path
) -> None:
    """The gradient in the first argument as a file: the gradient of what the file computes."""
    name, params = program.__name__, ", ".join(inspect.signature(program).parameters)
    path = tmp_path / f"{name}_derivative.py"
    slope = grad(program)
    slope(*args)
    path.write_text(slope.source + _WEIGHED.format(name=name, params=params))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).setdefault("GRID", programs.GRID)  # a value that has no text
    weighed = (*args, np.cos(np.arange(np.size(args[0]))).reshape(np.shape(args[0])))
    (expected,) = central_differences(module.weighed, weighed, (0,))
    assert_near(grad(module.weighed)(*weighed), expected, rtol=1e-4, atol=1e-5)


def test_ahead_of_time(tmp_path: Path) -> None:
    names = [program.__name__ for program, _ in PROGRAMS]
    namespace: dict[str, Any] = {}
    exec(transform(programs.__file__, functions=names), namespace)
    for program, args in PROGRAMS:
        (expected,) = central_differences(program, args, (0,))
        found = namespace[f"{program.__name__}_grad"](*args)
        assert_near(found, expected, rtol=1e-5, atol=1e-6, err_msg=program.__name__)


SPARSE = scipy.sparse.csr_matrix(SQUARE)  # whose `*` is a product of matrices


def starred(x: Any) -> Any:
    return np.sum((SPARSE * x) ** 2)


def dotted(x: Any) -> Any:
    return np.sum(SPARSE.dot(x) ** 2)


@pytest.mark.parametrize("program", [starred, dotted])
def test_other_products_of_sparse_matrices_are_refused(program: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match="no derivative rule"):
        grad(program)(real(3, 3))


def test_a_solver_of_another_class_is_no_factorisation() -> None:
    with pytest.raises(TypeError, match="Other"):
        factors_adjoint(np.ones(3), type("Other", (), {})(), "N")
