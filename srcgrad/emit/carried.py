"""Carried helpers: functions of the support modules, whose source goes into generated files."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from srcgrad import (
    support,
    support_arrays,
    support_budget,
    support_checkpoints,
    support_complex,
    support_curves,
    support_densities,
    support_directions,
    support_distributions,
    support_draws,
    support_factors,
    support_hermitian,
    support_images,
    support_layout,
    support_limits,
    support_linear,
    support_matrices,
    support_pushforwards,
    support_roots,
    support_segments,
    support_selection,
    support_series,
    support_shapes,
    support_signals,
    support_solvers,
    support_sparse,
    support_special,
    support_spectra,
    support_splines,
    support_statistics,
    support_systems,
    support_tangents,
    support_tangentsolves,
    support_twice,
)
from srcgrad.emit.printer import print_module

_HELPERS = (
    support,
    support_arrays,
    support_budget,
    support_checkpoints,
    support_complex,
    support_curves,
    support_densities,
    support_directions,
    support_distributions,
    support_draws,
    support_layout,
    support_limits,
    support_linear,
    support_pushforwards,
    support_factors,
    support_images,
    support_hermitian,
    support_roots,
    support_segments,
    support_selection,
    support_shapes,
    support_series,
    support_signals,
    support_solvers,
    support_sparse,
    support_special,
    support_splines,
    support_spectra,
    support_statistics,
    support_systems,
    support_matrices,
    support_twice,
    support_tangents,
    support_tangentsolves,
)


@functools.cache
def find_helper(name: str) -> Any:
    """A function of the support modules by name; None if there is none."""
    for module in _HELPERS:
        found = vars(module).get(name)
        if getattr(found, "__module__", "").startswith(support.__name__):
            return found
    return None


@functools.cache
def helper(name: str) -> ast.FunctionDef:
    """A support function as it stands in the package, without its annotations. Not to be changed:
    every file that carries it has this very tree."""
    text = inspect.getsource(find_helper(name))
    node = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef)
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef):
            inner.returns = None
        if isinstance(inner, ast.arg):
            inner.annotation = None
    return node


@functools.cache
def helper_text(name: str) -> str:
    """A support function as a file that carries it has it. It is printed once for all of them."""
    return print_module(ast.Module([helper(name)], [])).strip("\n")


@functools.cache
def callees(name: str) -> frozenset[str]:
    """The helpers that a helper calls, or hands to others."""
    nodes = list(ast.walk(helper(name)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(other for other in used - own - {name} if find_helper(other) is not None)


def with_callees(helpers: Iterable[str]) -> list[str]:
    """Helpers and the helpers they call, each once, in alphabetical order."""
    found: set[str] = set()
    pending = list(helpers)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += callees(name)
    return sorted(found)


@functools.cache
def distant_imports(definition: ast.FunctionDef) -> Mapping[str, str]:
    """What a helper names in full, parts of SciPy or `warnings`, each with its import."""
    found = {}
    for node in ast.walk(definition):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("scipy."):
            words = ast.unparse(node).split(".")
            part = ".".join(words[: 3 if words[:3] == ["scipy", "sparse", "linalg"] else 2])
            if len(words) > part.count(".") + 1:
                found[part] = f"import {part}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "warnings.warn":
            found["warnings"] = "import warnings"
    return found
