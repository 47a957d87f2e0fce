"""srcgrad: the derivative of a NumPy program, as a NumPy program."""

from srcgrad.api import grad, transform, value_and_grad, vjp
from srcgrad.check import GradientError, check_grads
from srcgrad.derivative import Derivative
from srcgrad.directional import jacfwd, jvp, linearize
from srcgrad.errors import SourceError, SrcgradError, UnsupportedError

__all__ = [
    "Derivative",
    "GradientError",
    "SourceError",
    "SrcgradError",
    "UnsupportedError",
    "check_grads",
    "grad",
    "jacfwd",
    "jvp",
    "linearize",
    "transform",
    "value_and_grad",
    "vjp",
]
__version__ = "0.1.0"
