"""What is asked of the compiler: the only options object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from srcgrad.ir.kinds import Kind

Mode = Literal["grad", "value_and_grad", "vjp", "jvp", "jvps"]


@dataclass(frozen=True, slots=True)
class Request:
    """A derivative to be made.

    `wrt`: names of parameters; a single name gives a single gradient, a tuple a tuple of them.
    `kinds`: what is known of the parameters; nothing for those left out.
    """

    mode: Mode
    wrt: tuple[str, ...]
    single: bool = True
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    has_aux: bool = False  # the function returns (value, aux)
