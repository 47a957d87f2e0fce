"""The user's text, comments and positions come through lowering unchanged."""

from __future__ import annotations

from srcgrad.ir.walk import walk
from tests.frontend.lowering import lower

TEXT = '''
def f(x, n):
    """Doc."""
    # above
    # too

    y = x * (
        n + 1
    )  # scale
    if (n > 1 and
            n < 5):  # test
        y += 1; z = 2  # two
    elif x[1:2]:
        z = {"a": 1}["a"]  # not a # colon
    else:
        z = """a
    b"""
    for i, v in enumerate(x):  # loop
        pass
    while n: n -= 1  # inner
    return y  # result
'''


def test_text_and_comments() -> None:
    fn = lower(TEXT)
    found = [(u.text, u.comment, u.lead) for u in fn.units.values()]
    assert fn.doc == "Doc."
    assert found == [
        ("y = x * (\n    n + 1\n)", "scale", ("above", "too")),
        ("if (n > 1 and\n        n < 5)", "test", ()),
        ("y += 1", "two", ()),
        ("z = 2", "two", ()),
        ("if x[1:2]", "", ()),
        ('z = {"a": 1}["a"]', "not a # colon", ()),
        ('z = """a\n    b"""', "", ()),
        ("for i, v in enumerate(x)", "loop", ()),
        ("while n", "", ()),
        ("n -= 1", "inner", ()),
        ("return y", "result", ()),
    ]
    assert [(u.line, u.col) for u in fn.units.values()][:2] == [(7, 4), (10, 4)]


def test_units_hold_the_statements_of_the_program() -> None:
    fn = lower(TEXT)
    program = set(walk(fn.body))
    for number, unit in fn.units.items():
        assert all(stmt in program and stmt.unit == number for stmt in unit.stmts), unit.text
    assert [len(unit.stmts) for unit in fn.units.values()] == [2, 3, 1, 1, 2, 2, 1, 2, 0, 1, 1]
