"""Every construct is what docs/language.md says: right, or refused with a reason."""

from __future__ import annotations

import pytest

from srcgrad import UnsupportedError
from tests.language.cases import Case, read_cases
from tests.language.outcomes import CRASH, KNOWN_ARGUMENTS, REFUSED, WRONG, outcome
from tests.language.table import statuses

CASES = read_cases()


@pytest.fixture(scope="module")
def committed() -> dict[str, str]:
    return statuses()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_construct(case: Case, committed: dict[str, str]) -> None:
    found = outcome(case)
    assert found.status not in (WRONG, CRASH), f"{found.reason}\n{case.program}"
    told = f"{case.construct} is {found.status} ({found.reason}), docs/language.md says otherwise"
    assert found.status == committed.get(case.name), f"{told}: run python -m tests.language"
    if found.status in (REFUSED, KNOWN_ARGUMENTS):
        refused_in_full(case, found.error)


def refused_in_full(case: Case, error: Exception | None) -> None:
    """A refusal names the file, a line of the program, the reason, and what to write instead."""
    if not isinstance(error, UnsupportedError):
        assert str(error)
        return
    for problem in error.problems:
        assert problem.file in (case.file, "<text>")
        assert problem.source.strip() in case.program
        assert 0 < problem.line <= case.program.count("\n")
        assert problem.message
        assert problem.remedy


def test_the_document_has_a_row_for_each_case(committed: dict[str, str]) -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert list(committed) == names
