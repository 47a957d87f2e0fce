"""Where an import statement finds a module: a library, or a file of the user's."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from srcgrad.frontend.environment import Foreign

# Imported here, for what their names mean. Of any other module the names alone are known.
IMPORTED = frozenset({"builtins", "cmath", "functools", "math", "numpy", "operator"})


def library(name: str) -> ModuleType | Foreign:
    try:
        return importlib.import_module(name)
    except ImportError:
        return Foreign(name)


def path_of(importer: str, name: str, level: int) -> Path | None:
    """The file of a user's module: in the importer's folder, or from the root of its package."""
    folder = Path(importer).parent
    if level:
        roots = [folder.joinpath(*[".."] * (level - 1))]
    elif name.split(".")[0] in IMPORTED | {"scipy", "srcgrad"}:
        return None
    else:
        top = folder
        while (top / "__init__.py").exists() and top.parent != top:
            top = top.parent
        roots = list(dict.fromkeys([folder, top]))
    for root in roots:
        base = root.joinpath(*name.split(".")) if name else root
        for path in (base.with_suffix(".py") if name else None, base / "__init__.py"):
            if path is not None and path.is_file():
                return path
    return None
