"""Places and lengths by what they are made of: `y[k + i + 1]` for `y[k + first]`.

    first = i + 1                              y = np.empty(n - i - 1)
    y = np.empty(n - first)           ->       for k in range(n - i - 1):
    for k in range(y.shape[0]):                    y[k] = x[k + i + 1]
        y[k] = x[k + first]

What is the same reads the same then: loops of one length, elements of one place. Lengths that were
found to be equal are one, and a comparison that depends on what the function is given alone stands
where the function begins.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from srcgrad.loops.affine import Affine, affine, length_symbol, minus, scaled, symbol, written
from srcgrad.loops.places import MAKERS, maker, stored_names, target_of

MOST_TERMS = 3  # of a place that is written anew


def spelled(body: list[ast.stmt], before: list[ast.stmt], fixed: set[str]) -> list[ast.stmt]:
    """The statements with places and lengths spelled out.

    `before`: statements that run before; `fixed`: variables that are bound there alone.
    """
    for _ in range(3):  # what is compared where the function begins holds from the start
        spelling = _Spelling(fixed - stored_names(body))
        spelling.block(before, readonly=True)
        body = spelling.block(body)
        if not spelling.ahead:
            break
        body = [*spelling.ahead.values(), *body]
    return body


class _Spelling:
    def __init__(self, fixed: Collection[str]) -> None:
        self.fixed = fixed
        self.known: dict[str, Affine] = {}
        self.ahead: dict[str, ast.stmt] = {}  # comparisons, by their text
        self.branches = 0

    def block(self, block: list[ast.stmt], readonly: bool = False) -> list[ast.stmt]:
        out = []
        for stmt in block:
            if not readonly:
                self.rewrite(stmt)
            if isinstance(stmt, (ast.For, ast.While)):
                self.inner(stmt, [stmt.body, stmt.orelse])
            elif isinstance(stmt, ast.If) and is_comparison(stmt):
                idle = not readonly and self.is_idle(stmt)
                self.learn(stmt)
                if idle:
                    continue
            elif isinstance(stmt, ast.If):
                self.branches += 1
                self.inner(stmt, [stmt.body, stmt.orelse])
                self.branches -= 1
            else:
                self.bound(stmt)
            out.append(stmt)
        return out

    def inner(self, stmt: ast.stmt, blocks: list[list[ast.stmt]]) -> None:
        """Nested blocks: what they bind is known neither at their start nor behind them."""
        changed = stored_names([stmt])
        if not isinstance(stmt, ast.If):
            self.forget(changed)
        before = dict(self.known)
        for block in blocks:
            self.known = dict(before)
            block[:] = self.block(block)
        self.known = before
        self.forget(changed)

    def forget(self, names: Collection[str]) -> None:
        lost = {*names}
        self.known = {
            text: value
            for text, value in self.known.items()
            if text.partition(".")[0] not in lost
            and not lost & {part.partition(".")[0] for part in value}
        }

    def bound(self, stmt: ast.stmt) -> None:
        """Note what a statement without blocks binds."""
        target = target_of(stmt)
        value = affine(stmt.value, self.known) if isinstance(stmt, ast.Assign) and target else None
        sizes = [affine(n, self.known) for n in _sizes(stmt)]
        own = symbol(stmt.value) if isinstance(stmt, ast.Assign) and target else ""
        self.forget(stored_names([stmt]))
        if "." in own and own not in self.known:  # `n = x.shape[0]`
            self.known[own] = {target: 1}
        elif value is not None and target not in {text.partition(".")[0] for text in value}:
            self.known[target] = value
        for axis, size in enumerate(sizes):
            if size is not None and target not in size:
                self.known[length_symbol(target, axis)] = size

    # --- comparisons of lengths

    def learn(self, stmt: ast.If) -> None:
        """What follows a comparison knows that lengths do not differ."""
        for a, b in _compared(stmt.test):
            rest = minus(affine(a, self.known), affine(b, self.known)) or {}
            for text in sorted(rest, key=lambda text: "." not in text):
                if abs(rest[text]) == 1 and ("." in text or self.is_length(text)):
                    others = {other: own for other, own in rest.items() if other != text}
                    self.equal(text, scaled(others, -rest[text]) or {})
                    break

    def is_length(self, text: str) -> bool:
        return text in self.fixed and any(value == {text: 1} for value in self.known.values())

    def equal(self, text: str, value: Affine) -> None:
        """From here on a variable is what it was found to equal, wherever it is known to be."""
        for other, own in list(self.known.items()):
            if text in own:
                node = affine(written(own), {text: value})
                assert node is not None
                self.known[other] = node
        self.known[text] = value

    def is_idle(self, stmt: ast.If) -> bool:
        """Whether a comparison never fails, or stands where the function begins from now on."""
        pairs = list(_compared(stmt.test))
        if len(pairs) != 1:
            return False
        a, b = (affine(side, self.known) for side in pairs[0])
        rest = minus(a, b)
        if rest is None or self.branches and rest:
            return False
        if not {text.partition(".")[0] for text in rest} - {""} <= {*self.fixed}:
            return False
        if rest:
            more = {text: own for text, own in rest.items() if own > 0}
            less = {text: -own for text, own in rest.items() if own < 0}
            stmt.test = ast.Compare(written(more), [ast.NotEq()], [written(less)])
            self.ahead.setdefault(ast.unparse(stmt.test), stmt)
        return True

    # --- places

    def rewrite(self, stmt: ast.stmt) -> None:
        """Spell out the places and lengths of a statement without its blocks."""
        heads: list[ast.AST] = [stmt]
        if isinstance(stmt, (ast.For, ast.If, ast.While)):
            heads = [stmt.iter] if isinstance(stmt, ast.For) else []
            if isinstance(stmt, ast.If) and is_comparison(stmt):
                heads = [stmt.test]
        for head in heads:
            _Places(self).visit(head)

    def spell(self, node: ast.expr) -> ast.expr:
        """An index or a length as a sum of what is known, where that is short."""
        plain, value = affine(node), affine(node, self.known)
        if value is None or plain == value:
            return node
        return written(value) if len(value) <= MOST_TERMS else node


class _Places(ast.NodeTransformer):
    """Indices, bounds of ranges and lengths of new arrays."""

    def __init__(self, spelling: _Spelling) -> None:
        self.spell = spelling.spell

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if symbol(node):
            return node
        self.generic_visit(node)
        node.slice = self.place(node.slice)
        return node

    def place(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Tuple):
            node.elts = [self.place(n) for n in node.elts]
            return node
        if isinstance(node, ast.Slice):
            for side in ("lower", "upper"):
                bound = getattr(node, side)
                if bound is not None:
                    setattr(node, side, self.spell(bound))
            return node
        return self.spell(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        fn = ast.unparse(node.func)
        if fn == "range":
            node.args = [self.spell(n) for n in node.args]
        elif fn in MAKERS:
            node.args[0] = self.place(node.args[0])
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if len(list(_compared(node))) == 1:
            node.left, node.comparators = self.spell(node.left), [self.spell(node.comparators[0])]
            return node
        return self.generic_visit(node)


def is_comparison(stmt: ast.If) -> bool:
    """Whether a statement raises where lengths differ, and does nothing else."""
    raises = len(stmt.body) == 1 and isinstance(stmt.body[0], ast.Raise) and not stmt.orelse
    return raises and any(True for _ in _compared(stmt.test))


def _compared(test: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The sides of `a != b`, and of each of several in `a != b or c != d`."""
    either = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
    for node in test.values if isinstance(test, ast.BoolOp) and either else [test]:
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotEq):
            yield node.left, node.comparators[0]


def _sizes(stmt: ast.stmt) -> list[ast.expr]:
    """The lengths of the array that a statement makes."""
    if not maker(stmt):
        return []
    assert isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Call)
    size = stmt.value.args[0]
    return list(size.elts) if isinstance(size, ast.Tuple) else [size]
