"""Whether an index of integers surely names no element twice.

Such an adjoint may be added with `x_bar[index] += g`; any other needs `np.add.at`.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.analysis.memory import AliasFacts
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Dim, Kind

# What the result of each is used as: an index of its own that names every place once.
WHOLE_INDICES = frozenset(
    f"numpy.{name}"
    for name in ("nonzero", "flatnonzero", "diag_indices", "diag_indices_from", "tril_indices",
                 "tril_indices_from", "triu_indices", "triu_indices_from")
)  # fmt: skip

MadeBy = Callable[[str], Assign | None]
KindOf = Callable[[Assign, Atom], Kind]


def changed_sites(facts: AliasFacts) -> frozenset[int]:
    """Numbers of the sites of memory that is written, or may be."""
    found = (facts.written, facts.mutated, facts.clobbered)
    return frozenset(site.number for sites in found for all_ in sites.values() for site in all_)


def is_unique(index: Atom, made_by: MadeBy, kind_of: KindOf) -> bool:
    """True if an index names no element twice. `made_by`: the one statement that makes a name."""
    made = made_by(index.name) if isinstance(index, Var) else None
    if made is None:
        return False
    if made.fn == "copy":
        return is_unique(made.args[0], made_by, kind_of)
    if made.fn != "tuple":
        return made.fn in WHOLE_INDICES or _counts(made)
    arrays = [atom for atom in made.args if not _is_basic(kind_of(made, atom))]
    counting = [atom for atom in arrays if is_unique(atom, made_by, kind_of)]
    return bool(counting) and all(
        atom == counting[0] or _same_length(kind_of(made, atom), kind_of(made, counting[0]))
        for atom in arrays
    )


def _is_basic(kind: Kind) -> bool:
    """True for what neither repeats an element nor stretches the arrays beside it."""
    return kind.tag in ("slice", "ellipsis", "none") or kind.is_scalar and kind.dtype != "b"


def _same_length(kind: Kind, other: Kind) -> bool:
    """A longer array, or one of more axes, would stretch the other one, and repeat it.

    An array that is known not to have the length 1 is not stretched by any other of one axis.
    """
    length = other.shape[0] if other.rank == 1 and other.shape else 1
    never_one = length.big if isinstance(length, Dim) else length != 1
    if kind.tag == "list" and kind.items is not None:
        if not all(item.is_scalar for _, item in kind.items):
            return False  # it has two axes
        return never_one or other.shape == (len(kind.items),)
    return kind.is_array and kind.rank == 1 and (never_one or kind.shape == other.shape)


def _counts(made: Assign) -> bool:
    """True for `arange` and for displays of different numbers, from 0 on."""
    numbers = [atom.value for atom in made.args if isinstance(atom, Const)]
    if made.fn == "list":
        whole = len(numbers) == len(made.args) and all(type(n) is int for n in numbers)
        return whole and len(set(numbers)) == len(numbers) and min(numbers, default=0) >= 0
    if made.fn != "numpy.arange" or made.kwargs:
        return False
    if len(made.args) == 1:
        return True
    # `arange(-2, 2)` names the places from the end first, which may be those from 0 on
    start, step = made.args[0], made.args[2] if len(made.args) > 2 else Const(1)
    return all(
        isinstance(atom, Const) and type(atom.value) is int and atom.value >= least
        for atom, least in ((start, 0), (step, 1))
    )
