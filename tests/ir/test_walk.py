"""What is told of blocks: kept for those who ask again, and never that of another block."""

from __future__ import annotations

from srcgrad.ir.core import Assign, Block, Const, For, If, Stmt, Store, Var
from srcgrad.ir.walk import assigned, contents, makers, rebuild, same, tally, walk, within, writes

ZERO, ONE = Const(0), Const(1)
ADDS = Assign(("y",), "operator.add", (Var("x"), Var("i")))
STORES = Store(Var("y"), ZERO, Var("x"))
BRANCH = If(Var("c"), (STORES,), (ADDS,))
LOOP = For("i", ZERO, Var("n"), ONE, (ADDS, BRANCH))
BLOCK: Block = (Assign(("x", "c"), "unpack", (Var("p"),)), LOOP, STORES)


def test_statements_come_in_the_order_of_the_text() -> None:
    inside = (LOOP, ADDS, BRANCH, STORES, ADDS)
    assert within(LOOP) == inside
    assert list(walk(BLOCK)) == [BLOCK[0], *inside, STORES]
    assert list(walk((ADDS, STORES))) == [ADDS, STORES]
    assert within(ADDS) == (ADDS,)


def test_facts_are_kept_while_the_block_is_the_same() -> None:
    again: Block = (*BLOCK,)
    assert again is not BLOCK
    assert makers(again) is makers(BLOCK)
    assert contents(again) is contents(BLOCK)
    assert within(LOOP) is within(LOOP)


def test_facts_of_a_changed_block_are_its_own() -> None:
    def renamed(block: Block) -> Block:
        return tuple(
            Assign(("z",), stmt.fn, stmt.args)
            if isinstance(stmt, Assign)
            else rebuild(stmt, renamed)
            for stmt in block
        )

    before = tally(BLOCK), makers(BLOCK), contents(BLOCK), within(LOOP)
    new = renamed(BLOCK)
    assert assigned(new) == {"z", "i"}
    assert tally(new)[0] == {"z": 3, "i": 1}
    assert set(makers(new)) == {"z"}
    assert contents(new) == contents(BLOCK) == {"unpack", "operator.add", For, If, Store}
    bound = [name for stmt in within(new[1]) for name in writes(stmt)]
    assert bound == ["i", "z", "z"]
    assert (tally(BLOCK), makers(BLOCK), contents(BLOCK), within(LOOP)) == before


def test_counts_may_be_changed_by_those_who_ask() -> None:
    bound, read = tally(BLOCK)
    bound["x"], read["x"] = 7, 7
    assert tally(BLOCK)[0]["x"] == 1
    assert tally(BLOCK)[1] == {"p": 1, "n": 1, "x": 4, "i": 2, "c": 1, "y": 2}


def test_a_block_stays_the_object_that_it_is() -> None:
    new: list[Stmt] = list(BLOCK)
    assert same(BLOCK, new) is BLOCK
    assert same(BLOCK, new[:-1]) == BLOCK[:-1]
    assert same(BLOCK, [*new[:-1], ADDS]) == (*BLOCK[:-1], ADDS)
