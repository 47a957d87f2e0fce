"""Derivatives of functions in files, made without importing them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from srcgrad.argnums import ArgNums, parameters
from srcgrad.errors import SrcgradError
from srcgrad.frontend import StaticModule, open_file, read_text
from srcgrad.ir.kinds import UNKNOWN
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Mode, Request
from srcgrad.texts import write


def module_text(
    source: str | os.PathLike[str],
    *,
    functions: Sequence[str] | None,
    wrt: str | Sequence[str] | None,
    mode: Mode,
    filename: str | None,
    at: Mapping[str, Any],
    command: str,
    backend: str,
    passes: tuple[str, ...],
    parallel: bool = False,
) -> str:
    """The text that `srcgrad.transform` returns; the arguments are its own."""
    is_path = isinstance(source, os.PathLike) or "\n" not in source and source.endswith(".py")
    name = filename or (os.fspath(source) if is_path else "<text>")
    module = open_file(source) if is_path else read_text(str(source), name)
    how: dict[str, Any] = {"passes": passes, "parallel": parallel}
    requests = [
        (module.functions[fn], replace(_request(module, fn, wrt, mode, at), **how))
        for fn in _chosen(module, functions, name)
    ]
    if backend == "numba":
        from srcgrad.compiled import write_loops

        return write_loops(module, requests, command)[0].written.text
    return write(module, requests, command).text


def _chosen(module: StaticModule, functions: Sequence[str] | None, name: str) -> list[str]:
    if functions is None:
        chosen = [fn for fn in module.functions if fn in module.decorated] or list(module.public)
        if not chosen:
            raise SrcgradError(f"{name} has no function to differentiate")
        return chosen
    missing = [fn for fn in functions if fn not in module.functions]
    if missing:
        raise SrcgradError(f"{name} has no function `{missing[0]}`")
    return list(functions)


def _request(
    module: StaticModule,
    fn: str,
    wrt: str | Sequence[str] | None,
    mode: Mode,
    at: Mapping[str, Any],
) -> Request:
    function = module.lower(module.functions[fn])
    names = [p.name for p in function.params]
    marks = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    decorated = module.decorated.get(fn)
    wanted: ArgNums = 0
    if decorated is not None and decorated.argnums is not None:
        wanted = decorated.argnums
    if wrt is not None:
        wanted = wrt if isinstance(wrt, str) else tuple(wrt)
    if not names:
        raise SrcgradError(f"{fn} has no parameter to differentiate")
    found, single = parameters(inspect.Signature(marks), wanted, fn)
    chosen: Mode = mode
    if decorated is not None and mode == "grad":
        chosen = "value_and_grad" if decorated.mode == "value_and_grad" else "grad"
    kinds = {name: kind_of_value(value, name) for name, value in at.items() if name in names}
    return Request(chosen, found, single, {n: k for n, k in kinds.items() if k != UNKNOWN})
