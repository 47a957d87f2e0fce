"""Arguments that are dataclasses, taken apart: each field is a variable of the function.

Methods, properties and operators of the class are then written out as for an object made in the
function, and a field that is assigned changes a variable; the caller's object stays as it was.
"""

from __future__ import annotations

import dataclasses

from srcgrad.frontend.context import Context
from srcgrad.frontend.objects import Record, is_user_class
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Var


@dataclass(eq=False)
class Argument(Record):
    """An argument of the function: the object itself can be had while no field was assigned."""

    whole: str = ""

    @property
    def run_time(self) -> Var | None:
        return None if self.changed else Var(self.whole)


def take_apart(ctx: Context, name: str, cls: type) -> None:
    """Make the parameter `name`, an object of the dataclass `cls`, a record of variables."""
    if not dataclasses.is_dataclass(cls) or not is_user_class(cls):
        return
    found = Argument(cls, made=True, whole=name)
    for field in dataclasses.fields(cls):
        variable = found.attrs[field.name] = ctx.variable(field.name)
        ctx.add(Assign((variable,), f"attr.{field.name}", (Var(name),)))
        ctx.known.add(variable)
        ctx.cells.add(variable)
    ctx.statics[name] = found
