"""The adjoint of rows that an index array chooses is made at once, not added to zeros by rows.

    x_bar = np.zeros_like(x)
    np.add.at(x_bar, rows, g)             ->     x_bar = scatter_take(g, x, rows, 0)

`np.add.at` is many times slower for rows than for the elements that the helper gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad import support_selection
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, same, walk, writes
from srcgrad.optimize.known import Known
from srcgrad.rules.naming import canonical_name

SCATTER = canonical_name(support_selection.scatter_take)


def scatter_rows(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with the helper where the first contribution comes from chosen rows.

    The zeros are left for the elimination of dead code. Statements that stay as they are are the
    same objects.
    """
    return replace(fn, body=_Rows(Known(fn, kinds)).block(fn.body))


class _Rows:
    def __init__(self, known: Known) -> None:
        self.known = known

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        zeros: dict[str, Var] = {}  # adjoint that is zero so far -> what has its shape
        for stmt in block:
            new = rebuild(stmt, self.block)
            if isinstance(new, Assign) and new.fn == "numpy.add.at" and not new.targets:
                new = self.scattered(new, zeros)
            out.append(new)
            touched = {n for part in walk((new,)) for n in (*reads(part), *writes(part))}
            changed = {n for part in walk((new,)) for n in writes(part)}
            zeros = {
                name: like
                for name, like in zeros.items()
                if name not in touched and like.name not in changed
            }
            like = self.zeros_of(new)
            if like is not None and isinstance(new, Assign):
                zeros[new.target] = like
        return same(block, out)

    def zeros_of(self, stmt: Stmt) -> Var | None:
        """What the zeros that get a name are made like."""
        if not isinstance(stmt, Assign) or stmt.fn != "copy" or len(stmt.targets) != 1:
            return None
        made = self.known.maker(stmt.args[0])
        if made is None or made.fn != "numpy.zeros_like" or len(made.args) != 1 or made.kwargs:
            return None
        like = made.args[0]
        single = self.known.read[made.target] == 1
        return like if single and isinstance(like, Var) else None

    def scattered(self, stmt: Assign, zeros: Mapping[str, Var]) -> Assign:
        base, index, value = stmt.args
        like = zeros.get(base.name) if isinstance(base, Var) else None
        chosen = self.rows(index)
        if like is None or chosen is None or not isinstance(base, Var):
            return stmt
        axis, rows = chosen
        ranks = [self.rank(atom) for atom in (like, rows, value)]
        whole, count, given = ranks
        if whole is None or count is None or given is None:
            return stmt
        if whole < 2 or axis >= whole or given != whole - 1 + count or self.is_stretched(value):
            return stmt
        args = (value, like, rows, Const(axis))
        return replace(stmt, targets=(base.name,), fn=SCATTER, args=args)

    def is_stretched(self, value: Atom) -> bool:
        """True for what may have to be stretched along an axis, which the helper does not do."""
        kind = self.known.kind(value)
        return kind is None or kind.shape is None or 1 in kind.shape

    def rows(self, index: Atom) -> tuple[int, Atom] | None:
        """The axis and the array of `[rows]`, `[:, rows]`, `[:, :, rows]`."""
        made = self.known.maker(index)
        parts = made.args if made is not None and made.fn == "tuple" else (index,)
        if not parts or not all(map(self.is_whole, parts[:-1])):
            return None
        kind = self.known.kind(parts[-1])
        whole = kind is not None and kind.is_array and kind.dtype == "i"
        return (len(parts) - 1, parts[-1]) if whole else None

    def is_whole(self, part: Atom) -> bool:
        made = self.known.maker(part)
        return made is not None and made.fn == "slice" and set(made.args) == {Const(None)}

    def rank(self, atom: Atom) -> int | None:
        kind = self.known.kind(atom)
        return kind.rank if kind is not None and kind.is_array else None
