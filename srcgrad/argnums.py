"""`argnums`: the parameters that a derivative is taken with respect to."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TypeAlias

from srcgrad.errors import SrcgradError
from srcgrad.signatures import STARS, positional_names

ArgNums: TypeAlias = int | str | Sequence[int | str]


def parameters(
    signature: inspect.Signature, argnums: ArgNums, name: str
) -> tuple[tuple[str, ...], bool]:
    """Names of the parameters that `argnums` stands for, and whether it is a single one."""
    if not isinstance(argnums, (int, str, Sequence)):
        raise SrcgradError(f"argnums takes positions and names, not {argnums!r}")
    single = isinstance(argnums, (int, str))
    wanted = [argnums] if isinstance(argnums, (int, str)) else list(argnums)
    found = [_parameter(signature, item, name) for item in wanted]
    if not found or len(set(found)) < len(found):
        raise SrcgradError(f"argnums must name at least one parameter, each once; got {argnums!r}")
    return tuple(found), single


def _parameter(signature: inspect.Signature, item: int | str, name: str) -> str:
    names = list(signature.parameters)
    kinds = {p.kind for p in signature.parameters.values()}
    if isinstance(item, str):
        if item not in names and not kinds & STARS:
            raise SrcgradError(f"{name} has no parameter `{item}`: its signature is {signature}")
        return item
    if not isinstance(item, int) or isinstance(item, bool):
        raise SrcgradError(f"argnums takes positions and names, not {item!r}")
    if inspect.Parameter.VAR_POSITIONAL in kinds and item >= 0:
        return positional_names(signature, item + 1)[item]
    if not -len(names) <= item < len(names):
        raise SrcgradError(f"{name} has no argument {item}: its signature is {signature}")
    return names[item]
