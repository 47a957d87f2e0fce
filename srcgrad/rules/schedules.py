"""Where states of checkpointed loops are kept: numbers of steps, through which nothing flows."""

from __future__ import annotations

from srcgrad.ir.kinds import Kind
from srcgrad.rules.registry import zero
from srcgrad.support_checkpoints import make_room, next_snapshot, snapshot_places

_NUMBER = Kind("scalar", "pi", ())

zero(
    snapshot_places,
    signature="steps, snapshots",
    kind=lambda call: Kind("list", element=_NUMBER),
)
zero(next_snapshot, signature="start, last, free", kind=lambda call: _NUMBER)
zero(
    make_room,
    signature="levels, snapshots",
    kind=lambda call: Kind("tuple", items=((0, Kind("list", element=_NUMBER)), (1, _NUMBER))),
)
