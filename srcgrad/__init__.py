"""srcgrad: the derivative of a NumPy program, as a NumPy program."""

from srcgrad.api import grad, transform, value_and_grad, vjp
from srcgrad.check import GradientError, check_grads, check_rule
from srcgrad.custom import CustomFunction, custom_vjp
from srcgrad.derivative import Derivative
from srcgrad.directional import jacfwd, jvp, linearize
from srcgrad.errors import SourceError, SrcgradError, UnsupportedError
from srcgrad.flat import flatten
from srcgrad.implicit import implicit
from srcgrad.jacobians import elementwise_grad, hessian, hvp, jacobian, jacrev, vhp
from srcgrad.registering import derivative_of
from srcgrad.sparsity import Pattern, sparse_hessian, sparse_jacobian
from srcgrad.support import stop_gradient

__all__ = [
    "CustomFunction",
    "Derivative",
    "GradientError",
    "Pattern",
    "SourceError",
    "SrcgradError",
    "UnsupportedError",
    "check_grads",
    "check_rule",
    "custom_vjp",
    "derivative_of",
    "elementwise_grad",
    "flatten",
    "grad",
    "hessian",
    "hvp",
    "implicit",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "sparse_hessian",
    "sparse_jacobian",
    "stop_gradient",
    "transform",
    "value_and_grad",
    "vhp",
    "vjp",
]
__version__ = "0.1.0"
