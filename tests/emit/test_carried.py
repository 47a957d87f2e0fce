"""Carried helpers are found by their names alone, in whatever support module they stand."""

from __future__ import annotations

import ast
from collections import Counter

from srcgrad.emit.carried import distant_imports, helper
from tests.test_architecture import PACKAGE


def test_no_two_helpers_have_one_name() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("support*.py")]
    names = Counter(s.name for tree in trees for s in tree.body if isinstance(s, ast.FunctionDef))
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []


def test_a_helper_brings_the_parts_of_scipy_that_it_names() -> None:
    assert distant_imports(helper("dct_adjoint")) == {"scipy.fft": "import scipy.fft"}
    assert distant_imports(helper("unbroadcast")) == {}
