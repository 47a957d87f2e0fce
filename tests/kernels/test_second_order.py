"""Second derivatives of the kernels: Hessians times vectors against differences of gradients."""

from __future__ import annotations

from types import ModuleType

import pytest

from srcgrad import UnsupportedError
from tests.kernels.cases import Case
from tests.kernels.test_kernels import LIVE, arguments, of, positions
from tests.second import check_second

# Their gradients keep lists that a second one does not follow, or arrays under several names.
REFUSED = {
    "exponential_smoothing",
    "radiative_transfer",
    "softmax_batches",
}
# Tables of several kinds of rows: the items of their adjoints are known by annotations only.
UNTOLD = {"tree_pruning"}


@pytest.mark.parametrize(("module", "case"), LIVE, ids=of)
def test_hessian_times_a_vector(module: ModuleType, case: Case) -> None:
    kernel, args = getattr(module, case.name), arguments(case, 21)
    wrt = positions(kernel, case)
    if case.name in REFUSED:
        with pytest.raises(UnsupportedError):
            check_second(kernel, args, wrt)
    elif case.name in UNTOLD:
        with pytest.raises(TypeError, match="annotate the parameters"):
            check_second(kernel, args, wrt)
    else:
        check_second(kernel, args, wrt)
