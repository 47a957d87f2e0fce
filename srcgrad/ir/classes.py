"""`dataclass` for the objects of the compiler: quick to define, and quick to create.

To the type checker it is the standard one: with `frozen=True` an assignment to a field is an error.
When the program runs, nothing checks that again, for that check makes a frozen object four times as
slow to create. The standard one also compiles half a dozen functions for each class, which is a
quarter of the time of the first derivative; here it is one text for all of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """As the standard one, which looks at each field anew each time."""
        cls = type(value)
        names = cls.__match_args__
        given = [changes.pop(name) if name in changes else getattr(value, name) for name in names]
        return cls(*given, **changes)

    def dataclass(
        *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> Callable[[type[Any]], type[Any]]:
        """As the standard one; what is frozen and compared by value has a hash."""

        def decorate(cls: type[Any]) -> type[Any]:
            if cls.__doc__ is None:
                cls.__doc__ = cls.__name__  # the standard one would look up the signature for it
            own = vars(cls).keys()
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            wanted = {"__init__"} - own
            wanted |= ({"__eq__"} - own) if eq else set()
            wanted |= ({"__hash__"} - own) if frozen and eq else set()
            for name, function in _methods(made, wanted).items():
                setattr(made, name, function)
            if eq and not frozen and "__hash__" not in own:
                made.__hash__ = None
            if "__repr__" not in own:
                made.__repr__ = _repr_of([p.name for p in dataclasses.fields(made) if p.repr])
            return made

        return decorate


def _methods(cls: type[Any], wanted: set[str]) -> dict[str, Any]:
    """Functions of a class whose fields are known, made from one text."""
    known: dict[str, Any] = {"_factory": _FACTORY}
    params, body = ["self"], []
    for part in dataclasses.fields(cls):
        value = part.name
        if part.default_factory is not dataclasses.MISSING:
            known[f"_make_{part.name}"] = part.default_factory
            value = f"_make_{part.name}()"
            if part.init:
                value += f" if {part.name} is _factory else {part.name}"
                params.append(f"{part.name}=_factory")
        elif part.default is not dataclasses.MISSING:
            known[f"_default_{part.name}"] = part.default
            value = part.name if part.init else f"_default_{part.name}"
            params += [f"{part.name}=_default_{part.name}"] if part.init else []
        elif part.init:
            params.append(part.name)
        else:
            continue
        body.append(f"self.{part.name} = {value}")
    body += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    names = [part.name for part in dataclasses.fields(cls) if part.compare]
    mine, theirs = (", ".join(f"{who}.{name}" for name in names) for who in ("self", "other"))
    if len(names) != 1:
        mine, theirs = f"({mine})", f"({theirs})"
    texts = {
        "__init__": f"({', '.join(params)}):\n {'; '.join(body) or 'pass'}",
        "__eq__": f"(self, other):\n if other.__class__ is self.__class__:\n"
        f"  return {mine} == {theirs}\n return NotImplemented",
        "__hash__": f"(self):\n return hash({mine})",
    }
    text = "\n".join(f"def {name}{texts[name]}" for name in sorted(wanted))
    made: dict[str, Any] = {}
    exec(text, known, made)
    for name, function in made.items():
        function.__qualname__ = f"{cls.__qualname__}.{name}"
        function.__module__ = cls.__module__
    return made


class _Factory:
    """Stands for an argument that is not given, where a new value is made for each object."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


def _repr_of(names: list[str]) -> Callable[[Any], str]:
    """Shows these fields."""

    def __repr__(self: Any) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in names]
        return f"{type(self).__qualname__}({', '.join(shown)})"

    return __repr__
