"""Rules of the user's: what stands in for the derivative of a function.

These are markers that do nothing when called; the compiler looks for them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from srcgrad.errors import SrcgradError


class CustomFunction:
    """A function that carries its own derivative. Calling it calls the function as written."""

    def __init__(
        self,
        primal: Callable[..., Any],
        rule: Callable[..., Any],
        pushes: bool = False,
        tangent: Callable[..., Any] | None = None,
    ) -> None:
        functools.update_wrapper(self, primal)
        self.primal = primal
        self.rule = rule
        self.pushes = pushes  # the rule gives tangents, not cotangents
        self.tangent = tangent  # one that does, beside one that does not
        self._check(rule, pushes)
        if tangent is not None:
            self._check(tangent, True)

    def _check(self, rule: Callable[..., Any], pushes: bool) -> None:
        own, given = len(_parameters(self.primal)), len(_parameters(rule))
        arguments = f"{own} argument{'s' * (own != 1)}"
        wanted = f"a cotangent, the value and {arguments}"
        if pushes:
            wanted = f"the value, {arguments} and as many tangents"
        if given != (2 * own + 1 if pushes else own + 2):
            raise SrcgradError(
                f"the rule of {self.__name__} must take {wanted}; it takes {given} parameters"
            )

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.primal(*args, **kwargs)

    def __reduce__(self) -> str:
        return self.__name__  # by name, as functions are

    def __repr__(self) -> str:
        return f"<function {self.__name__} with a rule>"


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise SrcgradError(f"a rule: {function!r} does not tell its parameters") from error


def custom_vjp(
    rule: Callable[..., Any], *, tangent: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], CustomFunction]:
    """Give a function a derivative of your own: `@custom_vjp(rule)`.

    `rule(g, y, *args)` gets the cotangent of the value, the value and all arguments. It returns one
    cotangent for each argument, as a tuple, with None for those that have none; for a function of
    one argument it returns that cotangent. The rule may be differentiated itself, so that it serves
    every order; forward mode transposes it, if it is seen to be linear in `g`, or else takes
    `tangent`, a rule as for `custom_jvp`. The function must not write into its arguments; how it
    works is not looked at.
    """
    if not callable(rule):
        raise SrcgradError("custom_vjp takes the rule: `@custom_vjp(rule)` above the function")
    return lambda primal: CustomFunction(primal, rule, tangent=tangent)


def custom_jvp(rule: Callable[..., Any]) -> Callable[[Callable[..., Any]], CustomFunction]:
    """Give a function a derivative of your own by its tangent: `@custom_jvp(rule)`.

    `rule(y, *args, *tangents)` gets the value, all arguments and a tangent for each, zeros for
    those that do not vary. It returns the tangent of the value, and is linear in the tangents:
    reverse mode transposes it. It may be differentiated itself, so that it serves every order. The
    function must not write into its arguments; how it works is not looked at.
    """
    if not callable(rule):
        raise SrcgradError("custom_jvp takes the rule: `@custom_jvp(rule)` above the function")
    return lambda primal: CustomFunction(primal, rule, pushes=True)
