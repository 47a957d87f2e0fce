"""What tests of passes over large arrays share."""

import pytest

from srcgrad.ir import kinds, values


@pytest.fixture
def small_arrays_too(monkeypatch):
    """Every array counts as large, so that differences are quick."""
    monkeypatch.setattr(values, "LARGE", 1)
    monkeypatch.setattr(kinds, "LARGE", 0)
