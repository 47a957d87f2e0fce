"""What has a rule keeps it, and the page that lists the functions is up to date."""

from __future__ import annotations

import pytest

from srcgrad.rules.registry import TABLE
from tests.rulecount.count import has_rule, names_of
from tests.rulecount.document import DOCUMENT, text

# NumPy's names without a rule. The table may only shrink.
MISSING: dict[str, set[str]] = {
    "baseline": set(),
    "beyond": set(),
    "zero_derivative": set(),
}


@pytest.mark.parametrize("title", sorted(MISSING))
def test_every_name_but_these_has_a_rule(title: str) -> None:
    names = [n for n in names_of(title) if n.startswith("numpy.")]
    assert {name for name in names if not has_rule(name)} == MISSING[title]


def test_a_name_without_a_rule_is_seen() -> None:
    assert "numpy.no_such_function" not in TABLE
    assert not has_rule("numpy.no_such_function")


def test_the_page_of_functions_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run python -m tests.rulecount --write"
