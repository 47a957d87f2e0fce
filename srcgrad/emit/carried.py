"""Carried helpers: functions of the support modules, whose source goes into generated files."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable
from typing import Any

from srcgrad import (
    support,
    support_arrays,
    support_checkpoints,
    support_complex,
    support_distributions,
    support_factors,
    support_hermitian,
    support_images,
    support_linear,
    support_matrices,
    support_pushforwards,
    support_roots,
    support_segments,
    support_series,
    support_shapes,
    support_signals,
    support_solvers,
    support_sparse,
    support_special,
    support_spectra,
    support_splines,
    support_statistics,
    support_tangents,
    support_tangentsolves,
    support_twice,
)

_HELPERS = (
    support,
    support_arrays,
    support_checkpoints,
    support_complex,
    support_distributions,
    support_linear,
    support_pushforwards,
    support_factors,
    support_images,
    support_hermitian,
    support_roots,
    support_segments,
    support_shapes,
    support_series,
    support_signals,
    support_solvers,
    support_sparse,
    support_special,
    support_splines,
    support_spectra,
    support_statistics,
    support_matrices,
    support_twice,
    support_tangents,
    support_tangentsolves,
)


def find_helper(name: str) -> Any:
    """A function of the support modules by name; None if there is none."""
    for module in _HELPERS:
        found = vars(module).get(name)
        if getattr(found, "__module__", "").startswith(support.__name__):
            return found
    return None


def helper(name: str) -> ast.FunctionDef:
    """A support function as it stands in the package, without its annotations."""
    text = inspect.getsource(find_helper(name))
    node = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef)
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef):
            inner.returns = None
        if isinstance(inner, ast.arg):
            inner.annotation = None
    return node


def with_callees(helpers: Iterable[str]) -> list[str]:
    """Helpers and the helpers they call, each once, in alphabetical order."""
    found: set[str] = set()
    pending = list(helpers)
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        for node in ast.walk(helper(name)):
            if isinstance(node, ast.Name) and node.id != name and find_helper(node.id) is not None:
                pending.append(node.id)
    return sorted(found)


def distant_imports(definition: ast.FunctionDef) -> dict[str, str]:
    """The parts of SciPy that a helper names in full, each with its import."""
    found = {}
    for node in ast.walk(definition):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("scipy."):
            words = ast.unparse(node).split(".")
            part = ".".join(words[: 3 if words[:3] == ["scipy", "sparse", "linalg"] else 2])
            if len(words) > part.count(".") + 1:
                found[part] = f"import {part}"
    return found
