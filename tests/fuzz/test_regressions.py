"""Programs that once had a wrong derivative, or none at all by a crash. They stay right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.oracle import judge

FOLDER = Path(__file__).parent / "regressions"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_regression(path: Path) -> None:
    verdict = judge(path.read_text())
    assert verdict.kind == "right", f"{verdict.reason}\n{verdict.detail}"
