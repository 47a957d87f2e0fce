"""IR to Python statements: temporaries folded into their readers, the user's own text where it
still holds."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Mapping

from srcgrad.emit.attempts import finally_statement, header_names, try_statement
from srcgrad.emit.contexts import with_statement
from srcgrad.emit.folding import Folding, assign
from srcgrad.emit.headers import for_header, marked, test_from_text
from srcgrad.emit.inline import block_reads, may_change_memory
from srcgrad.emit.nodes import Comment, Verbatim, trail
from srcgrad.emit.release import DELETED
from srcgrad.emit.signs import with_signs, without_minus
from srcgrad.emit.terms import BINARY, Terms, name, without_slices
from srcgrad.emit.verbatim import bound_by
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Callee,
    Const,
    Exit,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Unit,
    While,
)
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, blocks, names, operands, walk, writes


class Statements(Folding):
    """Prints the body of one function."""

    def __init__(
        self,
        fn: Function,
        final: Callable[[str], str],
        terms: Terms,
        kinds: Mapping[str, Kind],
        own_text: Callable[[str], str],
    ) -> None:
        super().__init__(fn, final, kinds)
        self.terms = terms
        self.own_text = own_text
        self.unit = -1
        self.notes: Mapping[str, str] = {}

    def block(self, block: Block) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        position = 0
        while position < len(block):
            stmt = block[position]
            length = 0 if self.backward else self.verbatim_length(block, position)
            if length:
                self.flush(out, set(block_reads(block[position : position + length])))
                self.flush_written(out, block[position : position + length])
                out += self.verbatim(self.fn.units[stmt.unit])
                position += length
                continue
            grouped = _GROUPED.get(stmt.fn) if isinstance(stmt, Assign) else None
            if grouped is not None:
                position = grouped(self, block, position, out)
                continue
            self.statement(stmt, block, position, out)
            position += 1
        self.flush(out, None)
        self.let_go(out)
        return out

    # the user's own text
    def verbatim_length(self, block: Block, position: int) -> int:
        """How many statements from here are exactly one statement of the user's; 0 if they are
        not."""
        unit = self.fn.units.get(block[position].unit)
        if unit is None or not unit.stmts or unit.stmts[0] is not block[position]:
            return 0
        length = len(unit.stmts)
        here = block[position : position + length]
        if len(here) < length or any(a is not b for a, b in zip(here, unit.stmts, strict=True)):
            return 0
        if not isinstance(unit.stmts[-1], (Assign, Store, If, For)) or _is_header(unit):
            return 0
        inside = Counter(n for s in walk(here) for n in names(operands(s)))
        temps = {n for n in assigned(here) if "@" in n or n not in bound_by(unit.text)}
        return length if all(self.reads[n] == inside[n] for n in temps) else 0

    def verbatim(self, unit: Unit) -> list[ast.stmt]:
        text = self.own_text(unit.text)
        text = f"{text}  # {unit.comment.strip()}" if unit.comment else text
        return [*_comments(unit), Verbatim(text)]

    # statements
    def statement(self, stmt: Stmt, block: Block, position: int, out: list[ast.stmt]) -> None:
        if isinstance(stmt, (If, For, While)):
            # Only the header may still fold them: nothing of here is computed inside a branch.
            inner = {n for block in blocks(stmt) for n in block_reads(block)}
            if isinstance(stmt, If) and stmt.form == "try":
                inner = set()
            head = header_names(stmt) if isinstance(stmt, If) else set(names(operands(stmt)))
            self.flush(out, (self.pending.keys() - head) | inner)
            self.compound(stmt, out)
            return
        if isinstance(stmt, Assign) and stmt.fn == "release":
            self.leaving.append(stmt.target)
            self.let_go(out)
            return
        folded = isinstance(stmt, Assign) and len(stmt.targets) == 1 and stmt.target in self.folds
        if not folded or may_change_memory(stmt):
            self.flush_written(out, (stmt,))
        if isinstance(stmt, Assign) and folded:
            self.hold(stmt, out)
            return
        if isinstance(stmt, Exit):  # nothing is printed behind it
            self.flush(out, self.pending.keys() - set(names(operands(stmt))))
        self.comment(stmt, out)
        self.used = []
        made = self.simple(stmt)
        unit = self.fn.units.get(stmt.unit)
        if unit is not None and unit.comment and not self.backward and _binds_user_name(stmt):
            trail(made[-1], unit.comment.strip())
        note = " ".join(self.notes[n] for n in writes(stmt) if n in self.notes)
        if note:
            trail(made[-1], note)
        out += made
        self.let_go(out)

    def atom(self, atom: Atom) -> ast.expr:
        return self.terms.atom(atom)

    def operation(self, stmt: Assign) -> ast.expr:
        args = [self.expr(atom) for atom in stmt.args]
        kwargs = [(key, self.expr(atom)) for key, atom in stmt.kwargs]
        return self.terms.operation(stmt.fn, args, kwargs, stmt.args)

    def comment(self, stmt: Stmt, out: list[ast.stmt]) -> None:
        """Above each group of adjoint statements: the user's line they belong to."""
        if stmt.unit == self.unit or stmt.unit < 0:
            return
        self.unit = stmt.unit
        unit = self.fn.units.get(stmt.unit)
        if unit is None:
            return
        if self.backward:
            first, *rest = unit.text.split("\n")
            out.append(Comment(f":{unit.line} {first}{' ...' if rest else ''}"))
        else:
            out += _comments(unit)

    def simple(self, stmt: Stmt) -> list[ast.stmt]:
        if isinstance(stmt, Assign):
            return self.assignment(stmt)
        if isinstance(stmt, Store):
            return self.store(stmt)
        if isinstance(stmt, Push):
            tape = ast.Attribute(name(self.final(stmt.tape)), "append", ast.Load())
            node = ast.Expr(ast.Call(tape, [without_slices(self.expr(stmt.value))], []))
            if stmt.reason:
                trail(node, stmt.reason)
            return [node]
        if isinstance(stmt, Pop):
            tape = ast.Attribute(name(self.final(stmt.tape)), "pop", ast.Load())
            return [assign([name(self.final(stmt.target))], ast.Call(tape, [], []))]
        assert isinstance(stmt, Exit)
        if stmt.kind == "return":
            value = None if stmt.value is None else self.expr(stmt.value)
            return [ast.Return(None if value is None else without_slices(value))]
        return [ast.Break() if stmt.kind == "break" else ast.Continue()]

    def assignment(self, stmt: Assign) -> list[ast.stmt]:
        if stmt.fn == "section":
            label, *inner = (atom.value for atom in stmt.args if isinstance(atom, Const))
            self.backward = label == "backward"
            self.unit = -1
            return [Comment(label)] if inner else []
        if stmt.fn == "assert":
            args = [self.expr(atom) for atom in stmt.args]
            return [ast.Assert(args[0], args[1] if len(args) > 1 else None)]
        if stmt.fn in DELETED:
            return [ast.Delete([DELETED[stmt.fn](stmt, self)])]
        if stmt.fn == "raise":
            return [ast.Raise(self.expr(stmt.args[0]) if stmt.args else None, None)]
        value = without_slices(self.operation(stmt))
        if not stmt.targets:
            return [ast.Expr(value)]
        if len(stmt.targets) == 1:
            return [self.bind(stmt, value)]
        targets: list[ast.expr] = [name(self.final(target)) for target in stmt.targets]
        return [assign([ast.Tuple(targets, ast.Store())], value)]

    def bind(self, stmt: Assign, value: ast.expr) -> ast.stmt:
        target = name(self.final(stmt.target))
        kind = self.kinds.get(stmt.target)
        in_place = (
            isinstance(stmt.fn, str) and stmt.fn.startswith("operator.i") and stmt.fn[10:] in BINARY
        )
        value = with_signs(value) if "%" in stmt.target else value
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.left, ast.Name)
            and value.left.id == target.id
        ):
            number = kind is not None and kind.is_scalar and "%" in stmt.target
            if in_place or number and isinstance(value.op, (ast.Add, ast.Sub)):
                return ast.AugAssign(target, value.op, value.right)
        return assign([target], value)

    def store(self, stmt: Store) -> list[ast.stmt]:
        if stmt.op == "at":
            return self.assignment(Assign((), "numpy.add.at", (stmt.base, stmt.index, stmt.value)))
        place: ast.expr = name(self.final(stmt.base.name))
        if stmt.op == "set" or stmt.index != Const(Ellipsis):
            place = ast.Subscript(self.expr(stmt.base), self.expr(stmt.index), ast.Store())
        value = without_slices(self.expr(stmt.value))
        if stmt.op == "set":
            return [assign([place], value)]
        op = ast.Add() if stmt.op == "add" else ast.Sub()
        positive = without_minus(value) if stmt.op == "add" else None
        if positive is not None:
            op, value = ast.Sub(), positive
        assert isinstance(place, (ast.Name, ast.Subscript))
        return [ast.AugAssign(place, op, value)]

    # compound statements
    def compound(self, stmt: If | For | While, out: list[ast.stmt]) -> None:
        unit = self.fn.units.get(stmt.unit)
        if unit is not None and not self.backward and stmt.unit != self.unit:
            out += _comments(unit)
        if isinstance(stmt, If) and stmt.form == "try":
            try_statement(self, stmt, out)
            return
        if isinstance(stmt, If):
            self.branch(stmt, unit, out)
            return
        self.unit = stmt.unit
        if isinstance(stmt, For):
            target, iterable, skip = for_header(stmt, unit, self, self.terms)
            body = self.block(stmt.body[skip:])
            out.append(ast.For(target, iterable, body or [ast.Pass()], [], lineno=0))
        else:
            self.loop(stmt, unit, out)
        self.unit = -1

    def loop(self, stmt: While, unit: Unit | None, out: list[ast.stmt]) -> None:
        text_test = test_from_text(unit, stmt.test, self)
        if text_test is not None and not self.backward:
            out.append(ast.While(text_test, self.block(stmt.body) or [ast.Pass()], []))
            return
        test = self.block_without_flush(stmt.test)
        condition = self.expr(stmt.cond)
        if not test:
            condition = marked(stmt, condition, self.terms)
            out.append(ast.While(condition, self.block(stmt.body) or [ast.Pass()], []))
            return
        leave = ast.If(ast.UnaryOp(ast.Not(), condition), [ast.Break()], [])
        always = marked(stmt, ast.Constant(True), self.terms)
        out.append(ast.While(always, [*test, leave, *self.block(stmt.body)], []))

    def block_without_flush(self, block: Block) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for position, stmt in enumerate(block):
            self.statement(stmt, block, position, out)
        return out

    def own_test(self, header: str) -> ast.expr | None:
        """The condition of an `if` or `elif` as the user wrote it."""
        text = header.removeprefix("el")
        if text.startswith(("case ", "...")):
            return None
        node = ast.parse(f"{self.own_text(text)}:\n    pass").body[0]
        return node.test if isinstance(node, ast.If) else None

    def branch(self, stmt: If, unit: Unit | None, out: list[ast.stmt]) -> None:
        self.used = []
        test = self.expr(stmt.test)
        if unit is not None and not (self.backward or unit.rewritten) and stmt.form == "if":
            inside = tuple(s for p in self.used for s in p.inside)
            if inside and _same(inside, unit.stmts):
                test = self.own_test(unit.text) or test
        self.unit = stmt.unit
        then = self.block(stmt.then)
        self.unit = stmt.unit
        orelse = self.block(stmt.orelse)
        self.unit = -1
        if (
            not then
            and orelse
            and stmt.form == "if"
            and not isinstance(stmt.then[-1:] and stmt.then[-1], Exit)
        ):
            out.append(ast.If(_negated(test), orelse, []))
        elif then and isinstance(then[-1], (ast.Break, ast.Continue, ast.Return)):
            out += [ast.If(test, then, []), *orelse]
        else:
            out.append(ast.If(test, then or [ast.Pass()], orelse))


_GROUPED: dict[Callee, Callable[[Statements, Block, int, list[ast.stmt]], int]] = {
    "finally.try": finally_statement,
    "with.enter": with_statement,
}


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def _is_header(unit: Unit) -> bool:
    return (
        re.match(r"(\.\.\.|(if|for|while|elif|with|match|case|try|except|finally)\b)", unit.text)
        is not None
    )


def _same(a: tuple[Stmt, ...], b: tuple[Stmt, ...]) -> bool:
    return {id(s) for s in a} == {id(s) for s in b}


def _comments(unit: Unit) -> list[ast.stmt]:
    return [Comment(text.strip()) for text in unit.lead]


def _binds_user_name(stmt: Stmt) -> bool:
    return isinstance(stmt, Store) or any("@" not in n and "%" not in n for n in writes(stmt))
