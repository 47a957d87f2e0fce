"""One call of a primitive as rules see it: arguments by parameter name, their kinds, literal
values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const
from srcgrad.ir.kinds import NONE, UNKNOWN, Kind


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments bound to the primitive's parameters.

    `args` holds what the call gives, `defaults` the literal defaults of the rest. A variadic
    parameter
    `*xs` is bound to `xs[0]`, `xs[1]`, ...
    """

    name: str
    args: Mapping[str, Atom]
    kinds: Mapping[str, Kind]  # of the arguments given
    defaults: Mapping[str, Any]
    result: Kind = UNKNOWN  # known once the kind rule has run
    checked: frozenset[str] = frozenset()  # arguments that the run has to find real

    def given(self, name: str) -> bool:
        return name in self.args

    def kind(self, name: str) -> Kind:
        """Kind of an argument; that of its default when it is not given."""
        if name in self.kinds:
            return self.kinds[name]
        return NONE if self.defaults.get(name, 0) is None else UNKNOWN

    def is_literal(self, name: str) -> bool:
        """True if the value is written in the call (or is the default)."""
        return name not in self.args or isinstance(self.args[name], Const)

    def literal(self, name: str) -> Any:
        """The value written in the call, or the default. Ask `is_literal` first."""
        atom = self.args.get(name)
        if atom is None:
            return self.defaults.get(name)
        assert isinstance(atom, Const), f"{self.name}: {name} is not a literal"
        return atom.value

    def axes(self, name: str = "axis") -> tuple[int, ...] | None:
        """A literal axis or tuple of axes as a tuple; None when it is None or not known.

        Tuples of literals reach a call as kinds with known int values.
        """
        if self.is_literal(name):
            value = self.literal(name)
            return (value,) if isinstance(value, int) else None
        kind = self.kind(name)
        if kind.tag == "scalar" and isinstance(kind.value, int):
            return (kind.value,)
        if kind.tag == "tuple" and kind.items is not None:
            values = [item.value for _, item in kind.items]
            if all(isinstance(v, int) for v in values):
                return tuple(v for v in values if isinstance(v, int))
        return None

    def variadic(self, name: str) -> list[str]:
        """Names `xs[0]`, `xs[1]`, ... of the arguments bound to `*xs`."""
        return [key for key in self.args if key.startswith(f"{name}[")]


KindRule: TypeAlias = Callable[[Call], Kind]
Condition: TypeAlias = Callable[[Call], bool]
