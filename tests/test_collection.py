"""The search for garbage rests while a derivative is made, and goes on as it was."""

from __future__ import annotations

import gc

import pytest

from srcgrad import collection
from srcgrad.collection import without_collection


@without_collection
def searching() -> bool:
    return gc.isenabled()


@pytest.mark.parametrize("before", [True, False])
def test_the_search_is_left_as_it_was(before: bool) -> None:
    (gc.enable if before else gc.disable)()
    try:
        assert not searching()
        assert gc.isenabled() is before
    finally:
        gc.enable()


def test_what_is_frozen_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_SETTLED", [])
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        searching()
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()


def test_what_was_made_joins_the_oldest_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_SETTLED", [])
    made: list[list[object]] = []

    @without_collection
    def make() -> None:
        made.append([])

    make()
    assert gc.get_freeze_count() == 0
    assert any(one is made[0] for one in gc.get_objects(generation=2))
    make()
    assert any(one is made[1] for one in gc.get_objects(generation=0))
