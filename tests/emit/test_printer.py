"""The printer: every node kind read back as itself, laid out as `ruff format` lays it out."""

from __future__ import annotations

import ast
import copy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srcgrad.emit.printer import Blank, Comment, Verbatim, print_expr, print_module
from srcgrad.errors import InternalError

KINDS = """
x = 1
x = y = a.b[0]
x += a
x: int = 1
x: int
a.b, c[0] = d
a, *b = c
(a,) = b
x = (a,), ()
x = -a + ~b - +c * (d - e) / f // g % h @ i
x = a - (b - c) - d
x = (a * b) ** -(c ** (d + e))
x = -(a**2)
x = (-a) ** 2
x = (-1.0) ** 2
x = x**-1
x = a.b**0.5 + f(a) ** 2 + a[0] ** 2
x = a << 1 | b & c ^ d >> 2
x = a and b or not c and (d or e)
x = a < b <= c != d > e >= f == g in h
x = a not in b, a is not None, a is b
x = a if b else c if d else e
x = (a if b else c) + 1
x = (a < b) + (c and d)
x = lambda: 0
x = lambda a, b=1, *c, d, e=2, **f: a + b
x = f(lambda a: a, key=lambda: 1)
x = [a, b], {a, b}, {a: b, **c}, {}
x = [a + b for a, b in c if d if e for f in g]
x = {a for b in c}, {a + 1: b for a in c}, sum(a for b in c)
x = f(a, *b, c=d, **e)
x = f(a)(b).c
x = (a + b).T[0]
x = x[a, :, None, ...], x[1:-1], x[::2], x[a,]
x = x[a + 1 : b, : n - 1, a + 1 :, f(a) :: 2, a.b : c.d]
x = True, False, None, ...
x = 1e50, 1e-05, 1.5, 2j, 10**20
x = "it's", 'say "x"', "a\\nb\\\\", b"\\x00'"
x = f"{a!r:>{b}} {{}} {d['k']} {c:.3f}"
x = yield
x = (y := 2) + 1
del a, b[0]
return a
return a, b
return
raise
raise ValueError("a") from e
assert a, "b"
global a, b
import a.b as c, d
from a import b as c
from .. import a
if a:
    pass
elif b:
    pass
else:
    pass
for i, j in a:
    break
else:
    continue
for i in (1, 2):
    pass
while not a:
    pass
with a as b, c:
    pass
try:
    pass
except (A, B) as e:
    pass
else:
    pass
finally:
    pass
"""


def _statements(text: str) -> list[str]:
    return [ast.unparse(node) for node in ast.parse(text).body]


def _printed(text: str) -> str:
    return print_module(ast.parse(text))


def _dump(text: str) -> str:
    return ast.dump(ast.parse(text))


def test_every_statement_is_printed_as_it_was_written() -> None:
    # The list is itself written in the layout that the printer owes.
    lines = _printed(KINDS).split("\n")
    assert [line for line in lines if line] == KINDS.strip().split("\n")


@pytest.mark.parametrize("text", _statements(KINDS))
def test_every_statement_reads_back(text: str) -> None:
    assert _dump(_printed(text)) == _dump(text)


def test_every_node_kind_of_numeric_code_is_covered() -> None:
    seen = {type(node) for node in ast.walk(ast.parse(KINDS))}
    wanted = (*ast.operator.__subclasses__(), *ast.unaryop.__subclasses__())
    wanted += (*ast.cmpop.__subclasses__(), ast.Subscript, ast.Slice, ast.IfExp, ast.Lambda)
    own = {node for node in wanted if node.__module__ in ("ast", "_ast")}  # gast adds its own
    assert len(own) > 20
    assert own <= seen


# --- what astor gets wrong ------------------------------------------------------------------------


def test_a_node_that_occurs_twice_keeps_its_parentheses() -> None:
    total = ast.parse("a + b", mode="eval").body
    transposed = ast.Attribute(value=total, attr="T", ctx=ast.Load())
    pair = ast.Tuple(elts=[total, transposed], ctx=ast.Load())
    assert print_expr(pair) == "(a + b, (a + b).T)"
    negative = ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="x", ctx=ast.Load()))
    power = ast.BinOp(left=negative, op=ast.Pow(), right=negative)
    assert print_expr(power) == "(-x) ** -x"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1.0, "(-1.0) ** 2"),
        (-3, "(-3) ** 2"),
        (-0.0, "(-0.0) ** 2"),
        (2.0, "2.0**2"),
        (1 + 2j, "(1.0 + 2j) ** 2"),
        (-2j, None),
    ],
)
def test_signed_constants_stay_one_operand(value: complex, text: str | None) -> None:
    power = ast.BinOp(left=ast.Constant(value), op=ast.Pow(), right=ast.Constant(2))
    if text is None:  # -2j has a real part of -0.0: no text gives it back
        with pytest.raises(InternalError, match="not a literal"):
            print_expr(power)
    else:
        assert print_expr(power) == text
        assert eval(text) == value**2


@pytest.mark.parametrize(
    "value",
    [np.float64(2.0), np.True_, np.int64(1), float("inf"), float("-inf"), float("nan"), (1, 2)],
    ids=repr,
)
def test_values_without_a_literal_are_refused(value: object) -> None:
    constant = ast.Constant(1)
    constant.value = value  # type: ignore[assignment]
    with pytest.raises(InternalError, match="not a literal"):
        print_expr(constant)


def test_import_is_silent_where_warnings_are_errors() -> None:
    code = "import srcgrad.emit.printer"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=root)


@pytest.mark.parametrize(
    "text",
    [
        "x[(a, b):c]",
        "x[a:(b, c), 0]",
        "x[(a, b), (c, d)]",
        "x[(*i, 1)]",
        "lambda a, /, b, c=1, d=2: 0",
        "lambda a, b=1, /: 0",
        "lambda *, a: 0",
        "{**(a or b)}",
        "[*(a or b)]",
        "f(*(a or b), **(c or d))",
        "(1).real + (1.5).imag",
        "'a'.join(b)[0]",
        "(lambda: 0)()",
        "f'{ {1: 2}[1] }{d[\"k\"]}'",
        "f'{a:{b}.{c}}'",
        "f'\"{a}\"'",
        "f'a{f(b)}' + f\"{f'{c}'}\"",
        "not a == b",
        "(not a) == b",
        "(a, b) == c",
        "a if (b if c else d) else e",
        "(a if b else c) if d else e",
        "(a ** b) ** c",
        "a ** b ** c",
        "a - (b + c)",
        "-(-a)",
        "(await_ or b)(c)",
    ],
)
def test_parentheses_that_matter_are_kept(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert ast.dump(ast.parse(print_expr(node), mode="eval").body) == ast.dump(node)


def test_empty_set_and_missing_fields() -> None:
    assert print_expr(ast.Set(elts=[])) == "set()"
    sparse = ast.Call(func=ast.Name("f"), args=[ast.Name("x")])
    assert print_expr(sparse) == "f(x)"


def test_the_tree_is_left_as_it_was() -> None:
    tree = ast.parse("def f(x):\n    return (-x) ** 2\n")
    before = copy.deepcopy(tree)
    print_module(tree)
    assert ast.dump(tree) == ast.dump(before)
    assert all(not hasattr(node, "_pp") for node in ast.walk(tree))


def test_a_changed_tree_is_caught() -> None:
    wrong = ast.Module(body=[ast.Expr(ast.Name("a + b"))], type_ignores=[])
    with pytest.raises(InternalError, match="printing changed the tree"):
        print_module(wrong)
    with pytest.raises(InternalError, match="does not parse"):
        print_module(ast.Module(body=[ast.Expr(ast.Name("a b"))], type_ignores=[]))


def test_a_long_sum_prints_and_a_deep_nest_is_an_error() -> None:
    total = " + ".join(f"x{i}" for i in range(2000))
    text = _printed(f"y = {total}")
    assert "    + x1999\n)" in text
    node: ast.expr = ast.Name("x")
    for _ in range(5000):
        node = ast.Call(func=ast.Name("f"), args=[node], keywords=[])
    with pytest.raises(InternalError, match="deep"):
        print_expr(node)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="3.10 cannot read the syntax")
def test_an_index_that_only_later_versions_can_say_is_refused() -> None:
    with pytest.raises(InternalError, match=r"3\.11"):
        _printed("x[*i, :]")


def test_an_f_string_that_only_later_versions_can_say_is_refused() -> None:
    keys = ast.parse("""d['"'] + d["'"]""", mode="eval").body
    part = ast.FormattedValue(value=keys, conversion=-1, format_spec=None)
    with pytest.raises(InternalError, match=r"quotes|backslash"):
        print_expr(ast.JoinedStr(values=[part]))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new in 3.12")
def test_type_parameters_are_refused() -> None:
    with pytest.raises(InternalError, match=r"3\.10"):
        _printed("def f[T](x): pass")


# --- comments, the user's text, blank lines -------------------------------------------------------

PAGE = '''"""A module.

With a second paragraph.
"""

import numpy as np


# Of the square.
def grad(x, n=2, *, w: float = 1.0) -> np.ndarray:
    """One line."""
    import math

    # Forwards.
    y = x * x  # saved: y
    # a comment too long to stand behind its statement, so that it stands above it
    z = np.sum(y)

    def inner(t):
        return t

    s = """keep
  this"""
    if w:

        def other():
            pass

    # done
    return z


class A:
    """Text."""

    def f(self):
        pass

    def g(self):
        pass


x = 1
'''


def _page() -> ast.Module:
    tree = ast.parse(PAGE)
    function = tree.body[2]
    assert isinstance(function, ast.FunctionDef)
    body = function.body
    body[2].trailing = "saved: y"  # type: ignore[attr-defined]
    above = "a comment too long to stand behind its statement, so that it stands above it"
    body[3].trailing = above  # type: ignore[attr-defined]
    body.insert(2, Comment("Forwards."))
    body[6] = Verbatim('s = """keep\n  this"""')
    body.insert(8, Comment("done"))
    body.append(Blank())
    tree.body.insert(2, Comment("Of the square."))
    tree.body.insert(0, Blank())
    return tree


def test_a_page_with_comments_and_the_users_text() -> None:
    assert print_module(_page()) == PAGE


def test_an_empty_line_is_kept_and_comments_may_have_several() -> None:
    name = ast.Expr(ast.Name("a"))
    tree = ast.Module(body=[name, Blank(), Blank(), Comment("one\n\ntwo"), name], type_ignores=[])
    assert print_module(tree) == "a\n\n# one\n#\n# two\na\n"


@pytest.mark.parametrize(
    "text",
    [
        "x  =  (1,\n       2)  # as it was",
        "if a :\n    x = '''\n  y\n'''\nelse:\n    y=2",
        "def f( x ):\n\n    return x",
        "x = 1; y = 2",
        "# nothing but a comment",
    ],
)
def test_the_users_characters_are_kept(text: str) -> None:
    loop = ast.For(
        target=ast.Name("i"), iter=ast.Name("n"), body=[Verbatim(text), ast.Pass()], orelse=[]
    )
    printed = print_module(ast.Module(body=[loop], type_ignores=[]))
    for line in text.split("\n"):
        assert line.strip() in printed
    assert _dump(printed).count("Constant") == _dump(text).count("Constant")
    assert print_module(ast.Module(body=[Verbatim(text)], type_ignores=[])) == text + "\n"


def test_a_passage_that_does_not_parse_is_an_error() -> None:
    with pytest.raises(InternalError, match="the user's source"):
        print_module(ast.Module(body=[Verbatim("x = (")], type_ignores=[]))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Plain.", '"""Plain."""'),
        ('Ends in "quotes"', '"""Ends in "quotes" """'),
        ('A \\ and """.', '"""A \\\\ and \\"\\"\\"."""'),
        ("One.\n\n    Two.\n      Three.\n", '"""One.\n\n    Two.\n      Three.\n    """'),
        ("\n  One.\n    Two.\n  ", '"""\n    One.\n      Two.\n    """'),
        ("One.\n  Two.", '"""One.\n    Two.\n    """'),
    ],
)
def test_docstrings_are_indented_again(text: str, printed: str) -> None:
    tree = ast.parse("def f():\n    'text'\n    return 1")
    tree.body[0].body[0].value.value = text  # type: ignore[attr-defined]
    assert print_module(tree) == f"def f():\n    {printed}\n    return 1\n"
