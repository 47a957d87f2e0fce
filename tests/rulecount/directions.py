"""How library functions are done along many directions, by the sample calls of their rules.

    python -m tests.rulecount.directions

At once: by a form of their own. One by one: by a loop around the call. Neither: the whole function
that calls it is run once for each direction.
"""

from __future__ import annotations

import importlib.util
import inspect
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from srcgrad import UnsupportedError
from srcgrad.manydirections import many_directions
from tests.rules.harness import thinned
from tests.rules.test_end_to_end import HEAD, is_float, rows, text_of

AT_ONCE, ONE_BY_ONE, NEITHER = "at once", "one by one", "neither"


def loaded(texts: list[str], folder: Path) -> ModuleType:
    path = folder / "direction_samples.py"
    path.write_text(HEAD + "\n\n".join(texts), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found() -> Iterator[tuple[str, str, str]]:
    """Each function with how its samples are done, the worst of them, and why."""
    made = {}
    for number, row in enumerate(thinned(rows())):
        text = text_of(row, number)
        if text is not None:
            made[number] = row, text
    worst: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        module = loaded([text for _, (text, _) in made.values()], Path(folder))
        for number, (row, (_, args)) in made.items():
            function = getattr(module, f"f{number}")
            wrt = [k for k, arg in enumerate(args) if is_float(arg)]
            names = list(inspect.signature(function).parameters)
            if not wrt:
                continue
            try:
                made_for = many_directions(function, tuple(names[k] for k in wrt))
                lowered = made_for.lower(tuple(args), {})
            except UnsupportedError:  # in forward mode altogether
                continue
            how = NEITHER
            if not isinstance(lowered, str):
                how = ONE_BY_ONE if "for direction" in lowered.source else AT_ONCE
            elif "many directions" not in lowered:
                continue
            order = (AT_ONCE, ONE_BY_ONE, NEITHER)
            known = worst.get(row.name, (AT_ONCE, ""))
            if order.index(how) >= order.index(known[0]):
                worst[row.name] = how, lowered if isinstance(lowered, str) else ""
    for name, (how, why) in sorted(worst.items()):
        yield name, how, why


if __name__ == "__main__":
    results = list(found())
    for how in (AT_ONCE, ONE_BY_ONE, NEITHER):
        names = [name for name, own, _ in results if own == how]
        print(f"{how}: {len(names)} of {len(results)} functions")
        if how != AT_ONCE:
            print(textwrap.indent(textwrap.fill(" ".join(names), 90), "    "))
