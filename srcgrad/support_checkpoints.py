"""Checkpointing: which states of a loop are kept, and what the two markers do when they are called.

A loop of `steps` steps is reversed from the states before some of its steps, its snapshots. The
others are computed again from the newest snapshot before them. Where snapshots stand is told by
Griewank and Walther, Algorithm 799: Revolve, ACM TOMS 26(1), 2000; for loops whose length is not
known by Wang, Moin and Iaccarino, SIAM J. Sci. Comput. 31(4), 2009.
"""

from __future__ import annotations

from typing import Any


def checkpointed(loop: Any, snapshots: int) -> Any:
    """What a loop runs over, or its condition: the loop keeps this many states to be reversed."""
    return loop


def next_snapshot(start: int, last: int, free: int) -> int:
    """Where to keep a state next, on the way from the one kept before step `start` to step `last`,
    so that as few steps as can be are taken again. With no snapshot `free` that is `last` itself.
    """
    if free < 1:
        return last
    steps = last + 1 - start
    # `reach`: how many steps can be reversed where none is taken again more than `repeats` times
    repeats, shorter, reach = 0, 0, 1
    while reach < steps:
        repeats += 1
        shorter, reach = reach, reach * (free + 1 + repeats) // repeats
    rest = shorter * (free + 1) // (free + repeats)  # the same for those behind the new state
    return start + max(1, min(shorter, steps - rest))


def snapshot_places(steps: int, snapshots: int) -> list[int]:
    """The steps before which a state is kept while the loop runs forward: the snapshots, and the
    last step, which is the first one to be reversed."""
    if snapshots < 1:
        raise ValueError("a loop is checkpointed with at least one snapshot")
    places = [0]
    while len(places) < snapshots and places[-1] < steps - 1:
        places.append(next_snapshot(places[-1], steps - 1, snapshots - len(places)))
    return [*places, steps - 1]


def make_room(levels: list[int], snapshots: int) -> tuple[list[int], int]:
    """The levels of the states kept, where the state before another step is to be kept, too; and
    which of those kept so far gives way to it, -1 if none has to.

    A state gives way where a later one is of a higher level. Where there is none, the newest one
    gives way, and the state that comes in its place is one level above it.
    """
    if snapshots < 2:
        raise ValueError("a loop of unknown length is checkpointed with at least two snapshots")
    if len(levels) < snapshots:
        return [*levels, 0], -1
    highest = 0
    for place in range(len(levels) - 1, 0, -1):
        if levels[place] < highest:
            return [*levels[:place], *levels[place + 1 :], 0], place
        highest = levels[place]
    return [*levels[:-1], levels[-1] + 1], len(levels) - 1


def random_state(rng: Any) -> Any:
    """The state of a generator of random numbers."""
    if hasattr(rng, "bit_generator"):
        return rng.bit_generator.state
    return rng.get_state() if hasattr(rng, "get_state") else rng.getstate()


def set_random_state(rng: Any, state: Any) -> None:
    """Let a generator draw what it drew since it had this state."""
    if hasattr(rng, "bit_generator"):
        rng.bit_generator.state = state
    elif hasattr(rng, "set_state"):
        rng.set_state(state)
    else:
        rng.setstate(state)
