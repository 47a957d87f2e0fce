"""`dataclass` for the small objects of which a compilation makes hundreds of thousands.

To the type checker it is the standard one: with `frozen=True` an assignment to a field is an error.
When the program runs, nothing checks that again, for that check makes a frozen object four times as
slow to create.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        *, frozen: bool, slots: bool = True, eq: bool = True
    ) -> Callable[[type[Any]], type[Any]]:
        """As the standard one; objects that are compared by value have a hash."""

        def decorate(cls: type[Any]) -> type[Any]:
            hashed = frozen and eq and "__hash__" not in vars(cls)
            return dataclasses.dataclass(eq=eq, slots=slots, unsafe_hash=hashed)(cls)

        return decorate
