"""Derivatives of what sparse matrices are used for: products and systems of equations.

A sparse matrix is a constant: what is solved for, or multiplied, is differentiated. Real numbers.
"""

from __future__ import annotations

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import COMPLEX, only_when
from srcgrad.support_sparse import factors_adjoint, iterated_adjoint_a, iterated_adjoint_b

linalg = Distant("scipy.sparse.linalg")


def _real(call: Call) -> bool:
    return all(kind.dtype not in COMPLEX for kind in call.kinds.values())


def _array(call: Call) -> Kind:
    return Kind("array", "?")


def _with_status(call: Call) -> Kind:
    return Kind("tuple", items=((0, _array(call)), (1, Kind("scalar", "?", ()))))


primitive("scipy.sparse.linalg.spsolve", "A, b", kind=_array)
pullback("scipy.sparse.linalg.spsolve", b=lambda g, y, A: linalg.spsolve(A.T, g), when=_real)
# A solver in `lu = splu(A)`: what else has a method `solve` raises an error in the derivative.
primitive("method.solve", "lu, b, trans='N'", kind=lambda call: Kind("unknown"))
pullback("method.solve", b=lambda g, y, lu, trans: factors_adjoint(g, lu, trans), when=_real)

# Iterative solvers: the derivative is that of the solution, and as good as the tolerance
_ITERATED = "A, b, x0=None, *, rtol=1e-5, atol=0.0, maxiter=None, M=None"
for _name in ("cg", "bicgstab", "gmres"):
    primitive(f"scipy.sparse.linalg.{_name}", _ITERATED, kind=_with_status, silent=("x0",))
pullback(
    "scipy.sparse.linalg.cg",
    A=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_a(
        linalg.cg(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter), y[0], A
    ),
    b=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_b(
        linalg.cg(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter)
    ),
    when=_real,
)
pullback(
    "scipy.sparse.linalg.bicgstab",
    A=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_a(
        linalg.bicgstab(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter), y[0], A
    ),
    b=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_b(
        linalg.bicgstab(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter)
    ),
    when=_real,
)
pullback(
    "scipy.sparse.linalg.gmres",
    A=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_a(
        linalg.gmres(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter), y[0], A
    ),
    b=lambda g, y, A, rtol, atol, maxiter: iterated_adjoint_b(
        linalg.gmres(A.T, g[0], rtol=rtol, atol=atol, maxiter=maxiter)
    ),
    when=_real,
)


def _no_sparse_matrix(call: Call) -> bool:
    """`A * x` is a product of matrices for some types of sparse ones: `@` is for all of them."""
    return not any(
        kind.tag == "object" and kind.cls is not None and kind.cls.__module__.startswith("scipy.")
        for kind in call.kinds.values()
    )


for _name in ("operator.mul", "operator.imul", "numpy.multiply", "numpy.dot"):
    only_when(_name, _no_sparse_matrix)
