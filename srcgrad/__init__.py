"""srcgrad: the derivative of a NumPy program, as a NumPy program."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from srcgrad.alone import standalone
from srcgrad.api import grad, transform, value_and_grad
from srcgrad.checkpoint import CheckpointedFunction, checkpoint
from srcgrad.custom import CustomFunction, custom_jvp, custom_vjp
from srcgrad.derivative import Derivative
from srcgrad.errors import SourceError, SrcgradError, UnsupportedError
from srcgrad.flat import flatten
from srcgrad.implicit import implicit
from srcgrad.pulling import vjp
from srcgrad.support import stop_gradient
from srcgrad.support_checkpoints import checkpointed
from srcgrad.support_limits import converging
from srcgrad.surgery import gradient_of, on_gradient

if TYPE_CHECKING:
    from srcgrad.check import GradientError, check_grads, check_rule
    from srcgrad.columns import jacfwd
    from srcgrad.directional import jvp, linearize
    from srcgrad.jacobians import elementwise_grad, hessian, hvp, jacobian, jacrev, vhp
    from srcgrad.registering import derivative_of
    from srcgrad.sparsity import Pattern, sparse_hessian, sparse_jacobian

__all__ = [
    "CheckpointedFunction",
    "CustomFunction",
    "Derivative",
    "GradientError",
    "Pattern",
    "SourceError",
    "SrcgradError",
    "UnsupportedError",
    "check_grads",
    "check_rule",
    "checkpoint",
    "checkpointed",
    "converging",
    "custom_jvp",
    "custom_vjp",
    "derivative_of",
    "elementwise_grad",
    "flatten",
    "grad",
    "gradient_of",
    "hessian",
    "hvp",
    "implicit",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "on_gradient",
    "sparse_hessian",
    "sparse_jacobian",
    "standalone",
    "stop_gradient",
    "transform",
    "value_and_grad",
    "vhp",
    "vjp",
]
__version__ = "0.1.0"

# What not every program needs is imported when it is first asked for: importing srcgrad is quick.
_LATER = {
    "check": "GradientError, check_grads, check_rule",
    "columns": "jacfwd",
    "directional": "jvp, linearize",
    "jacobians": "elementwise_grad, hessian, hvp, jacobian, jacrev, vhp",
    "registering": "derivative_of",
    "sparsity": "Pattern, sparse_hessian, sparse_jacobian",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        for module, names in _LATER.items():
            if name in names.split(", "):
                found = globals()[name] = getattr(import_module(f"srcgrad.{module}"), name)
                return found
        raise AttributeError(f"module 'srcgrad' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
