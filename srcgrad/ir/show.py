"""A program as text, one line for each statement: for tests, and for reading while debugging."""

from __future__ import annotations

from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Callee,
    Exit,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Store,
    Var,
    While,
)

_STORES = {"set": "=", "add": "+=", "sub": "-="}


def show(fn: Function) -> str:
    """The whole function, indented like Python."""
    params = ", ".join(p.name if p.default is None else f"{p.name}={p.default}" for p in fn.params)
    return "\n".join([f"def {fn.name}({params}):", *_lines(fn.body, "    ")]) + "\n"


def show_block(block: Block) -> str:
    """The statements of a block."""
    return "\n".join(_lines(block, "")) + "\n"


def show_atom(atom: Atom) -> str:
    return atom.name if isinstance(atom, Var) else repr(atom.value)


def _lines(block: Block, indent: str) -> list[str]:
    out: list[str] = []
    for stmt in block:
        out += _statement(stmt, indent)
    return out or [f"{indent}pass"]


def _statement(stmt: Stmt, indent: str) -> list[str]:
    inner = indent + "    "
    if isinstance(stmt, For):
        head = f"for {stmt.index} in {_range(stmt)}:"
        return [indent + head, *_lines(stmt.body, inner)]
    if isinstance(stmt, While):
        head = f"{indent}while {show_atom(stmt.cond)} from:"
        return [head, *_lines(stmt.test, inner), f"{indent}do:", *_lines(stmt.body, inner)]
    if isinstance(stmt, If):
        form = "" if stmt.form == "if" else f"  # {stmt.form}"
        lines = [f"{indent}if {show_atom(stmt.test)}:{form}", *_lines(stmt.then, inner)]
        return [*lines, f"{indent}else:", *_lines(stmt.orelse, inner)] if stmt.orelse else lines
    return [indent + _simple(stmt)]


def _range(stmt: For) -> str:
    bounds = [show_atom(stmt.start), show_atom(stmt.stop), show_atom(stmt.step)]
    if bounds[2] == "1":
        bounds = bounds[1:2] if bounds[0] == "0" else bounds[:2]
    text = f"range({', '.join(bounds)})"
    if stmt.limit is not None:
        text += f"[:{show_atom(stmt.limit)}]"
    return f"reversed({text})" if stmt.reverse else text


def _simple(stmt: Stmt) -> str:
    if isinstance(stmt, Assign):
        args = [*map(show_atom, stmt.args), *(f"{k}={show_atom(v)}" for k, v in stmt.kwargs)]
        call = f"{_callee(stmt.fn)}({', '.join(args)})"
        return f"{', '.join(stmt.targets)} = {call}" if stmt.targets else call
    if isinstance(stmt, Store):
        place = f"{stmt.base.name}[{show_atom(stmt.index)}]"
        return f"{place} {_STORES[stmt.op]} {show_atom(stmt.value)}"
    if isinstance(stmt, Exit):
        return stmt.kind if stmt.value is None else f"{stmt.kind} {show_atom(stmt.value)}"
    if isinstance(stmt, Push):
        return f"push {stmt.tape}, {show_atom(stmt.value)}"
    assert isinstance(stmt, Pop)
    return f"{stmt.target} = pop {stmt.tape}"


def _callee(fn: Callee) -> str:
    return fn if isinstance(fn, str) else f"<{fn.name}>"
