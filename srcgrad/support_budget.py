"""How many bytes a derivative would keep: counted by a run that keeps none of them."""

from __future__ import annotations

from typing import Any


def weigh(value: Any, loop: str, what: str, known: dict[str, Any] = {}) -> None:  # noqa: B006
    """Count what is recorded, in `known`. `what`: "kept" is recorded now; "state" and "parts" stand
    where a step of `loop` begins, which is entered ("enter") and left ("leave")."""
    inside, last = known.setdefault("inside", []), known.setdefault("last", {})
    loops = known.setdefault("loops", {})
    if what == "leave":
        inside.pop()
        return
    if what == "enter":
        around = inside[-1] if inside else ""
        inside.append(loop)
        new = {"around": around, "runs": 0, "steps": 0, "state": 0, "parts": 0, "kept": 0}
        found = loops.setdefault(loop, new)
        found["runs"] += 1
        return
    size, parts = 0, [value]
    while parts:
        part = parts.pop()
        if isinstance(part, (tuple, list)):
            parts += part
        elif isinstance(part, dict):
            parts += part.values()
        size += part.nbytes + 100 if hasattr(part, "nbytes") and part.ndim else 32
    if what == "kept":
        if last.get(loop) is not value:  # the same object is kept once
            last[loop] = value
            where = loops[inside[-1]] if inside else known
            where["kept"] = where.get("kept", 0) + size
        return
    loops[loop][what] = max(loops[loop][what], size)
    if what == "state":
        loops[loop]["steps"] += 1
