"""`argnums`: the parameters that a derivative is taken with respect to."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TypeAlias

from srcgrad.errors import SrcgradError

ArgNums: TypeAlias = int | str | Sequence[int | str]


def parameters(
    signature: inspect.Signature, argnums: ArgNums, name: str
) -> tuple[tuple[str, ...], bool]:
    """Names of the parameters that `argnums` stands for, and whether it is a single one."""
    names = list(signature.parameters)
    if not isinstance(argnums, (int, str, Sequence)):
        raise SrcgradError(f"argnums takes positions and names, not {argnums!r}")
    single = isinstance(argnums, (int, str))
    wanted = [argnums] if isinstance(argnums, (int, str)) else list(argnums)
    found = []
    for item in wanted:
        if isinstance(item, str):
            if item not in names:
                raise SrcgradError(
                    f"{name} has no parameter `{item}`: its signature is {signature}"
                )
            found.append(item)
        elif not isinstance(item, int) or isinstance(item, bool):
            raise SrcgradError(f"argnums takes positions and names, not {item!r}")
        elif not -len(names) <= item < len(names):
            raise SrcgradError(f"{name} has no argument {item}: its signature is {signature}")
        else:
            found.append(names[item])
    if not found or len(set(found)) < len(found):
        raise SrcgradError(f"argnums must name at least one parameter, each once; got {argnums!r}")
    return tuple(found), single
