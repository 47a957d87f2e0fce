"""What is known of a variable of the program wherever it is read."""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.ad.prepare import Prepared
from srcgrad.ir.kinds import UNKNOWN, Kind, array, join
from srcgrad.ir.walk import walk, writes


def lasting_kinds(prepared: Prepared, params: Mapping[str, Kind]) -> dict[str, Kind]:
    """Kinds of the program's variables that are numbers or arrays of one kind throughout, and
    what is known of those that change.

    What a list holds may change while its name stays.
    """
    found: dict[str, Kind] = dict(params)
    changing: dict[str, Kind] = {}
    for stmt in walk(prepared.fn.body):
        for name in writes(stmt):
            kind = prepared.kinds.after(stmt, name)
            known = found.setdefault(name, kind)
            if known is not kind and known != kind:
                changing[name] = _either(changing.get(name, known), kind)
    lasting = {name: kind for name, kind in found.items() if kind.is_scalar or kind.is_array}
    return lasting | changing


def _either(a: Kind, b: Kind) -> Kind:
    """What is known of a variable that stands for both: a number, or an array, of which type."""
    if a.is_scalar and b.is_scalar:
        return join(a, b)
    both = a.is_array and b.is_array and a.dtype == b.dtype
    return array(a.dtype, None) if both else UNKNOWN
