"""What is asked of the compiler: the only options object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Kind

# No derivatives: "value" is the function itself, "given" of what its gathers `wrt` read as well
Mode = Literal[
    "grad", "value_and_grad", "vjp", "vjps", "pull", "jvp", "jvps", "tangents", "given", "value"
]  # fmt: skip

Snapshots = tuple[tuple[str, int, int], ...]  # key of a function, unit of a loop, how many
# Key of a function, a value of it that is computed again, and a note on that.
Remakes = tuple[tuple[str, str, str], ...]

VARIABLE = "SRCGRAD_OPTIMIZE"
# What is done for speed and for the reader; a derivative is right without any of it.
PASSES = (
    "inline_calls",
    "preaccumulate",
    "spell_indices",
    "first_stores",
    "read_views",
    "stored_values",
    "read_records",
    "first_items",
    "item_parts",
    "leaf_parts",
    "fold_numbers",
    "fold_factors",
    "fold_sums",
    "scatter_rows",
    "dead_code",
    "fuse_sweeps",
    "unread_records",
    "place_extrema",
    "fill_parts",
    "share_values",
    "cross_rows",
    "keep_bits",
    "sum_terms",
    "sum_products",
    "sum_rows",
    "name_values",
    "reuse_buffers",
    "spare_buffers",
    "release_in_loops",
    "name_rows",
    "name_parts",
    "store_results",
    "fold_temporaries",
    "release_arrays",
)
# Faster in NumPy, with no form as loops.
WHOLE_ARRAYS = (
    "item_parts",
    "leaf_parts",
    "fuse_sweeps",
    "place_extrema",
    "cross_rows",
    "keep_bits",
    "sum_terms",
    "sum_products",
    "sum_rows",
    "scatter_rows",
    "reuse_buffers",
    "spare_buffers",
    "release_in_loops",
    "name_rows",
    "name_parts",
    "store_results",
    "release_arrays",
)
# What they leave behind, other names of memory or helpers, is not differentiated again.
SHARING = (
    "item_parts",
    "leaf_parts",
    "fuse_sweeps",
    "cross_rows",
    "keep_bits",
    "sum_rows",
    "reuse_buffers",
    "spare_buffers",
    "release_in_loops",
    "name_rows",
    "name_parts",
    "store_results",
)
# By level: nothing; what makes the text shorter; everything.
LEVELS = (), ("dead_code", "name_values", "fold_temporaries"), PASSES


def chosen_passes(optimize: int | str | None = None) -> tuple[str, ...]:
    """The passes of a level, with some left out or added: `1`, `"2 -fold_sums"`, `"+dead_code"`.

    Without one, `SRCGRAD_OPTIMIZE` says it, and else all are run. Raises `SrcgradError`.
    """
    said = os.environ.get(VARIABLE, "") if optimize is None else str(optimize)
    words = said.split()
    level = words.pop(0) if words and words[0].isdigit() else "2"
    wrong = [w for w in words if w[0] not in "+-" or w[1:] not in PASSES]
    if wrong or int(level) >= len(LEVELS):
        names = ", ".join(PASSES)
        raise SrcgradError(
            f"optimize={said!r}: a level from 0 to {len(LEVELS) - 1}, then passes to leave out or "
            f"to add, as `2 -fold_sums`; there are {names}"
        )
    chosen = {*LEVELS[int(level)], *(w[1:] for w in words if w[0] == "+")}
    chosen -= {w[1:] for w in words if w[0] == "-"}
    return tuple(name for name in PASSES if name in chosen)


def passes_before_another(passes: tuple[str, ...]) -> tuple[str, ...]:
    """Those for a text that is to be differentiated again."""
    return tuple(name for name in passes if name not in SHARING)


@dataclass(frozen=True, slots=True)
class Request:
    """A derivative to be made.

    `wrt`: names of parameters; a single name gives a single gradient, a tuple a tuple of them.
    `kinds`: what is known of the parameters; nothing for those left out.
    """

    mode: Mode
    wrt: tuple[str, ...]
    single: bool = True
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    has_aux: bool = False  # the function returns (value, aux)
    passes: tuple[str, ...] = PASSES  # of the optimiser; one choice for a module
    plain: bool = False  # nothing is checkpointed: the text is to be differentiated again
    holomorphic: bool = False  # the function has a complex derivative, which is asked for
    snapshots: Snapshots = ()  # of loops that are checkpointed to save memory
    again: Remakes = ()  # values that are computed again to save memory
    # The forward sweep only, which counts what it would keep; for loops what else is looked at.
    weighs: Mapping[str, Mapping[int, Any]] | None = None
    parallel: bool = False  # loops of compiled code may run on several cores
    part: int | None = None  # of the value, where the mode is "given"
