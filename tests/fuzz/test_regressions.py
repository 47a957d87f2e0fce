"""Programs that once had a wrong derivative, or none at all by a crash. They stay right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.oracle import judge

FOLDER = Path(__file__).parent / "regressions"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_regression(path: Path) -> None:
    verdict = judge(path.read_text(), deep=True)
    assert verdict.kind == "right", f"{verdict.reason}\n{verdict.detail}"


@pytest.mark.parametrize(
    "path", sorted((FOLDER.parent / "refused").glob("*.py")), ids=lambda path: path.stem
)
def test_refused_and_never_wrong(path: Path) -> None:
    """Programs that once were accepted with a wrong value. One that is right is moved up."""
    verdict = judge(path.read_text())
    assert verdict.kind == "refused", f"{verdict.reason}\n{verdict.detail}"
