"""srcgrad: the derivative of a NumPy program, as a NumPy program."""

from srcgrad.api import grad, transform, value_and_grad, vjp
from srcgrad.check import GradientError, check_grads
from srcgrad.derivative import Derivative
from srcgrad.errors import SourceError, SrcgradError, UnsupportedError
from srcgrad.jacobians import elementwise_grad, hessian, hvp, jacobian, jacrev, vhp

__all__ = [
    "Derivative",
    "GradientError",
    "SourceError",
    "SrcgradError",
    "UnsupportedError",
    "check_grads",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jacrev",
    "transform",
    "value_and_grad",
    "vhp",
    "vjp",
]
__version__ = "0.1.0"
