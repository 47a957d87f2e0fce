"""The passes over what is differentiated, in their order; each may be left out by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from srcgrad.ir.core import For, Function, Pop, Store, While
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import contents
from srcgrad.optimize.cross_rows import CROSS, cross_rows
from srcgrad.optimize.dead_code import eliminate_dead_code
from srcgrad.optimize.fill_parts import ZEROS, fill_parts
from srcgrad.optimize.first_items import ACCUMULATE, put_items
from srcgrad.optimize.first_stores import store_first
from srcgrad.optimize.fold_factors import fold_factors
from srcgrad.optimize.fold_numbers import fold_numbers
from srcgrad.optimize.fold_sums import fold_sums
from srcgrad.optimize.fuse_sweeps import fuse_sweeps, has_adjoint_loop
from srcgrad.optimize.item_parts import add_to_parts
from srcgrad.optimize.keep_bits import WHERE, keep_bits
from srcgrad.optimize.leaf_parts import add_to_leaves
from srcgrad.optimize.name_parts import name_parts
from srcgrad.optimize.name_rows import name_rows
from srcgrad.optimize.name_values import name_values
from srcgrad.optimize.place_extrema import SHARE, place_extrema
from srcgrad.optimize.read_records import read_records
from srcgrad.optimize.read_views import read_views
from srcgrad.optimize.release_in_loops import release_in_loops
from srcgrad.optimize.reuse_buffers import reuse_buffers
from srcgrad.optimize.scatter_rows import scatter_rows
from srcgrad.optimize.share_values import EXPENSIVE, share_values
from srcgrad.optimize.spare_buffers import spare_buffers
from srcgrad.optimize.spell_indices import PARTS, READERS, spell_indices
from srcgrad.optimize.store_results import store_results
from srcgrad.optimize.stored_values import forward_stored
from srcgrad.optimize.sum_products import sum_products
from srcgrad.optimize.sum_rows import SUM, sum_rows
from srcgrad.optimize.sum_terms import MATMUL, sum_terms
from srcgrad.optimize.turns import quiet_functions
from srcgrad.optimize.unread_records import drop_unread

Kinds = Mapping[str, Kind]
Pass = Callable[[Function, Kinds], Function]

BEFORE: dict[str, Pass] = {  # while what is dead is still there
    "item_parts": add_to_parts,
    "leaf_parts": add_to_leaves,
    "spell_indices": lambda fn, kinds: spell_indices(fn),
    "first_stores": store_first,
    "read_views": read_views,
    "stored_values": forward_stored,
    "read_records": read_records,
    "first_items": put_items,
    "fold_numbers": fold_numbers,
    "fold_factors": fold_factors,
    "fold_sums": fold_sums,
    "scatter_rows": scatter_rows,
}
ALONE: dict[str, Pass] = {  # where no dead statement reads an adjoint, and some die of it
    "unread_records": lambda fn, kinds: drop_unread(fn),
    "place_extrema": place_extrema,
    "fill_parts": fill_parts,
}
AFTER: dict[str, Pass] = {
    "share_values": share_values,
    "cross_rows": cross_rows,
    "keep_bits": keep_bits,
    "sum_terms": sum_terms,
    "sum_products": sum_products,
    "sum_rows": sum_rows,
    "name_values": lambda fn, kinds: name_values(fn),
    "reuse_buffers": reuse_buffers,
    "spare_buffers": spare_buffers,
    "release_in_loops": release_in_loops,
    "name_rows": name_rows,
    "name_parts": name_parts,
    "store_results": store_results,
}

# What a pass looks for, one of each group: a function without is as it would leave it. Functions
# that are called, and kinds of statements.
GETITEM = frozenset({"operator.getitem"})
STORE = frozenset({Store})
NEEDS: dict[str, tuple[Collection[object], ...]] = {
    "item_parts": ({ACCUMULATE}, STORE),
    "leaf_parts": (STORE, {"srcgrad.support.zeros_like", "numpy.zeros_like"}),
    "spell_indices": (PARTS, {For, Store, *READERS}),
    "first_stores": (STORE,),
    "read_views": ({"method.copy"}, GETITEM),
    "stored_values": (STORE, GETITEM),
    "read_records": (STORE, GETITEM),
    "first_items": ({ACCUMULATE},),
    "scatter_rows": ({"numpy.add.at"},),
    "unread_records": ({Pop},),
    "place_extrema": ({SHARE},),
    "fill_parts": ({ZEROS}, STORE),
    "share_values": (EXPENSIVE,),
    "cross_rows": ({CROSS},),
    "keep_bits": ({WHERE},),
    "sum_terms": ({SUM}, {MATMUL}),
    "sum_products": ({SUM},),
    "sum_rows": ({SUM},),
    "name_rows": ({For},),
    "name_parts": ({For, While}, STORE),
    "release_in_loops": ({For},),
    "store_results": (STORE,),
}


def improved(functions: list[tuple[Function, Kinds]], passes: Collection[str]) -> list[Function]:
    """The functions of a module as a person would have written them."""
    kinds_of = [kinds for _, kinds in functions]
    found = [fn for fn, _ in functions]
    for table in BEFORE, ALONE, AFTER:
        new = [_through(table, fn, k, passes) for fn, k in zip(found, kinds_of, strict=True)]
        changed = any(a is not b for a, b in zip(new, found, strict=True))
        dies = table is BEFORE or (table is ALONE and changed)
        found = eliminate_dead_code(new) if dies and "dead_code" in passes else new
        if table is BEFORE and "fuse_sweeps" in passes:
            joined = fused(found, kinds_of)
            changed = any(a is not b for a, b in zip(joined, found, strict=True))
            found = eliminate_dead_code(joined) if changed and "dead_code" in passes else joined
    return found


def fused(functions: list[Function], kinds_of: list[Kinds]) -> list[Function]:
    """The functions with loops joined with their adjoints."""
    if not any(has_adjoint_loop(fn) for fn in functions):
        return functions
    pairs = list(zip(functions, kinds_of, strict=True))
    quiet = quiet_functions(pairs)
    return [fuse_sweeps(fn, kinds, quiet) for fn, kinds in pairs]


def _through(
    table: Mapping[str, Pass], fn: Function, kinds: Kinds, passes: Collection[str]
) -> Function:
    for name, run in table.items():
        if name in passes and not any(map(contents(fn.body).isdisjoint, NEEDS.get(name, ()))):
            fn = run(fn, kinds)
    return fn
