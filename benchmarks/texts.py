"""The texts written for all programs of the tests, saved in a file or compared with a saved one.

What makes the compiler faster must not change what it writes, refusals included.
Run from the root: PYTHONPATH=. python benchmarks/texts.py save|compare FILE
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from difflib import unified_diff
from importlib import import_module
from itertools import islice
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np

from srcgrad import transform, value_and_grad
from tests import programs
from tests.kernels.cases import CASES
from tests.language.cases import read_cases
from tests.programs.test_programs import ROWS, differentiated, inputs

ROOT = Path(__file__).resolve().parent.parent
Texts = dict[str, str]


def text_of(write: Callable[..., str], *args: Any, **kwargs: Any) -> str:
    """What is written, or the words of the refusal."""
    try:
        text = write(*args, **kwargs)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    return text.replace(str(ROOT), "")


def modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(programs.__path__, "tests.programs."):
        if not info.name.split(".")[-1].startswith("test_"):
            yield import_module(info.name)
    yield from CASES


def ahead(fn: Any) -> str:
    """Of a function in a file, of which nothing is known."""
    return transform(Path(inspect.getsourcefile(fn) or ""), functions=[fn.__name__])


def live(fn: Any, wrt: Any, args: tuple[Any, ...]) -> str:
    """Of a function with arguments of known kinds."""
    return value_and_grad(fn, wrt).lower(*args).source


def texts() -> Texts:
    found: Texts = {}
    for module in modules():
        for name, fn in inspect.getmembers(module, inspect.isfunction):
            if fn.__module__ == module.__name__ and not name.startswith("_"):
                found[f"ahead {module.__name__}.{name}"] = text_of(ahead, fn)
    for module, kernels in CASES.items():
        for case in kernels:
            args = case.make(np.random.default_rng(1))
            written = text_of(live, getattr(module, case.name), case.wrt, args)
            found[f"live {module.__name__}.{case.name}"] = written
    for number, (fn, make) in enumerate(ROWS):
        args = make(**inputs(1))
        found[f"live {number} {fn.__name__}"] = text_of(live, fn, differentiated(args), args)
    for item in read_cases():
        of_file = {"filename": item.file, "functions": [item.name]}
        found[f"ahead language.{item.name}"] = text_of(transform, item.program, **of_file)
    return found


def main() -> int:
    command, path = sys.argv[1], Path(sys.argv[2])
    start = process_time()
    new = texts()
    refused = sum(text.partition(":")[0].endswith("Error") for text in new.values())
    print(f"{len(new)} texts, {refused} of them refusals: {process_time() - start:.1f} s")
    if command == "save":
        path.write_text(json.dumps(new), encoding="utf-8")
        return 0
    old = json.loads(path.read_text(encoding="utf-8"))
    differing = [name for name in new if new[name] != old.get(name)]
    for name in differing:
        lines = unified_diff(old.get(name, "").splitlines(), new[name].splitlines(), lineterm="")
        print("---", name, *islice(lines, 12), sep="\n")
    print(f"{len(differing)} differ, {len(old.keys() - new.keys())} are gone")
    return bool(differing)


if __name__ == "__main__":
    raise SystemExit(main())
