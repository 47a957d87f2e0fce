"""What changes lists and dicts, as reads and stores of their items, which reverse mode knows.

`items[key] += value` is done as Python does it: an item that is a number is bound anew, much as a
place in an array is written; one that is an array changes in place, and every other name of it
sees that. `get`, `setdefault`, `update`, `pop` and `|` of dicts, and `extend` of lists, are what
they say in terms of single items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad import support
from srcgrad.ad.positions import by_keys
from srcgrad.ad.unordered import Unordered
from srcgrad.analysis.containers import chosen_keys, has_item
from srcgrad.analysis.indexing import element_kind
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.memory import IMMUTABLE
from srcgrad.ir.core import ITEM, Assign, Atom, Block, Const, For, Function, If, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, held
from srcgrad.ir.walk import rebuild, same
from srcgrad.rules.naming import canonical_name

Code = tuple[Stmt, ...]
OWN = canonical_name(support.own)
MOST_DISPLAYED = 16  # of more items than this a copy is not written as a display


def with_plain_items(fn: Function, kinds: KindFacts) -> Function:
    """The function without augmented stores into lists and dicts, and without their methods."""
    run = _Items(kinds, Unordered(fn))
    body = run.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body)


class _Items:
    def __init__(self, kinds: KindFacts, unordered: Unordered) -> None:
        self.kinds = kinds
        self.unordered = unordered
        self.count = 0
        self.changing: dict[str, Kind] = {}  # items that an operation may change in place
        self.renamed: dict[str, Var] = {}  # what the operation gave -> the item
        self.methods: dict[str, Callable[[Assign, Kind], Code | None]] = {
            "builtins.dict": self.copied,
            "method.copy": self.copied,
            "method.get": self.get,
            "method.values": self.values,
            "method.setdefault": self.setdefault,
            "method.update": self.update,
            "method.pop": self.pop,
            "operator.or_": self.union,
            "operator.ior": self.union_in_place,
        }

    def block(self, block: Block) -> Block:
        new = tuple(made for stmt in block for made in self.statement(stmt))
        return same(block, new)

    def statement(self, stmt: Stmt) -> Code:
        if isinstance(stmt, Store):
            return self.store(stmt)
        if isinstance(stmt, For):
            return self.over_keys(stmt)
        if not isinstance(stmt, Assign):
            return (rebuild(stmt, self.block),)
        if stmt.fn == "builtins.dict" and stmt.kwargs:
            return self.dict_call(stmt)
        if stmt.fn in ("method.pop", "operator.delitem") and not stmt.targets:
            return (self.taken_out(stmt),)
        if stmt.fn in ("copy.copy", "copy.deepcopy") and len(stmt.args) == 1:
            return self.copied_by_library(stmt)
        if stmt.fn == "method.sort" and self.kinds.before(stmt, stmt.args[0]).tag == "list":
            return self.sorted_in_place(stmt)
        if stmt.args and isinstance(stmt.args[0], Var) and ITEM in stmt.args[0].name:
            return (self.in_place(stmt, stmt.args[0]),)
        self.note(stmt)
        made = self.sequence(stmt)
        if made is not None:
            return made
        handler = self.methods.get(stmt.fn) if isinstance(stmt.fn, str) else None
        if handler is None or not isinstance(stmt.args[0], Var):
            return (stmt,)
        base = self.kinds.before(stmt, stmt.args[0])
        made = handler(stmt, base) if base.tag == "dict" else None
        return (stmt,) if made is None else made

    def copied_by_library(self, stmt: Assign) -> Code:
        """`copy.copy(x)`, `copy.deepcopy(x)` of arrays, lists, tuples and dicts of numbers."""
        kind = self.kinds.before(stmt, stmt.args[0])
        if kind.is_array:
            return (replace(stmt, fn="method.copy"),)
        if kind.is_scalar:
            return (replace(stmt, fn="copy"),)
        if not kind.is_container or kind.fields is not None:
            return (stmt,)
        if stmt.fn == "copy.deepcopy":
            return (replace(stmt, fn=OWN),)
        return self.statement(replace(stmt, fn=f"builtins.{kind.tag}"))

    def sorted_in_place(self, stmt: Assign) -> Code:
        """`items.sort()`: the items in order, stored where the others were."""
        base = stmt.args[0]
        if len(stmt.args) != 1 or not isinstance(base, Var):
            return (stmt,)
        made, count, i, item = (self.fresh(base, "@v") for _ in range(4))
        unit = stmt.unit
        body: Block = (
            Assign((item,), "operator.getitem", (Var(made), Var(i)), unit=unit),
            Store(base, Var(i), Var(item), unit=unit),
        )
        return (
            replace(stmt, targets=(made,), fn="builtins.sorted"),
            Assign((count,), "builtins.len", (Var(made),), unit=unit),
            For(i, Const(0), Var(count), Const(1), body, unit=unit),
            *self.copy(stmt, Const(None)),
        )

    def taken_out(self, stmt: Assign) -> Stmt:
        """`xs.pop()`, `del xs[i]`: what leaves has a name, as its zeros have its shape."""
        base = self.kinds.before(stmt, stmt.args[0])
        known = held(base)
        if base.tag != "list" or known and all(kind.is_scalar for kind in known):
            return stmt
        if len(stmt.args) == 2 and not self.kinds.before(stmt, stmt.args[1]).is_scalar:
            return stmt
        return replace(stmt, targets=(self.fresh(stmt.args[0], "@v"),), fn="method.pop")

    def sequence(self, stmt: Assign) -> Code | None:
        """A list or tuple made of another: `xs[1:]`, `list(xs)`, `xs.copy()`."""
        if len(stmt.targets) != 1 or stmt.kwargs or not stmt.args:
            return None
        base = self.kinds.before(stmt, stmt.args[0])
        if base.tag not in ("list", "tuple"):
            return None
        keys: list[object] = [key for key, _ in base.items or ()]
        tag = base.tag
        if stmt.fn == "operator.getitem":
            keys = list(chosen_keys(base, self.kinds.before(stmt, stmt.args[1])) or ())
        elif stmt.fn in ("builtins.list", "builtins.tuple") and len(stmt.args) == 1:
            tag = "list" if stmt.fn == "builtins.list" else "tuple"
        elif stmt.fn == "method.copy":
            plain = replace(stmt, fn="builtins.list")
            return self.displayed(stmt, base, keys) or (plain,)
        else:
            return None
        return self.displayed(stmt, replace(base, tag=tag), keys)

    def note(self, stmt: Assign) -> None:
        """An item is read that is about to change: of a list or dict, it may do so in place."""
        if stmt.fn == "operator.getitem" and stmt.targets and ITEM in stmt.target:
            base = self.kinds.before(stmt, stmt.args[0])
            if base.is_container and not self.kinds.after(stmt, stmt.target).is_scalar:
                self.changing[stmt.target] = self.kinds.after(stmt, stmt.target)

    def in_place(self, stmt: Assign, item: Var) -> Stmt:
        """`items[key] *= value` where the item is no number."""
        if item.name not in self.changing or not isinstance(stmt.fn, str):
            return stmt
        self.renamed[stmt.target] = item
        fn = f"operator.i{stmt.fn.removeprefix('operator.').removesuffix('_')}"
        return replace(stmt, targets=(item.name,), fn=fn)

    def fresh(self, base: Atom, mark: str = ITEM) -> str:
        self.count += 1
        stem = base.name.split("@")[0] if isinstance(base, Var) else "item"
        return f"{stem}{mark}{self.count}i"  # no name of the front end ends so

    def store(self, stmt: Store) -> Code:
        base, index = (self.kinds.before(stmt, atom) for atom in (stmt.base, stmt.index))
        item = self.renamed.get(stmt.value.name) if isinstance(stmt.value, Var) else None
        if item is not None:
            kept = replace(stmt, value=item)
            return () if self.changing[item.name].is_array else (kept,)
        if stmt.op == "set" or not base.is_container:
            return (stmt,)
        key = stmt.index.value if isinstance(stmt.index, Const) else None
        held = element_kind(base, index, lambda: "?", key)
        if held.is_scalar and self.kinds.before(stmt, stmt.value).is_scalar:
            return (stmt,)
        name, unit = self.fresh(stmt.base), stmt.unit
        read = Assign((name,), "operator.getitem", (stmt.base, stmt.index), unit=unit)
        added = Assign((name,), f"operator.i{stmt.op}", (Var(name), stmt.value), unit=unit)
        stored = Store(stmt.base, stmt.index, Var(name), unit=unit)
        return (read, added) if held.is_array else (read, added, stored)

    # dicts
    def over_keys(self, loop: For) -> Code:
        """`for key in d`: over a list of the keys, since a dict has no positions, nor has a set."""
        before, head = by_keys(
            loop, self.kinds.before, lambda d: self.fresh(d, "@v"), self.unordered
        )
        rest = loop.body[loop.prologue :]
        body = self.block(rest)
        if body is rest and not before:
            return (loop,)
        return *before, replace(loop, body=(*head, *body))

    def read(self, stmt: Assign, base: Atom, key: Atom) -> Stmt:
        return replace(stmt, fn="operator.getitem", args=(base, key), kwargs=())

    def copy(self, stmt: Assign, value: Atom) -> Code:
        if not stmt.targets:
            return ()
        return (replace(stmt, fn="copy", args=(value,), kwargs=()),)

    def copied(self, stmt: Assign, base: Kind) -> Code | None:
        """`dict(d)`, `d.copy()`: each item by name where other names of it matter."""
        if len(stmt.args) != 1 or stmt.kwargs or len(stmt.targets) != 1:
            return None
        plain = (replace(stmt, fn="builtins.dict"),)
        return self.displayed(stmt, base, [key for key, _ in base.items or ()]) or plain

    def displayed(self, stmt: Assign, base: Kind, keys: list[object]) -> Code | None:
        """A display of items that are read one by one, where they may be memory."""
        found = [base.item(key) for key in keys]
        if base.items is None or not 0 < len(keys) <= MOST_DISPLAYED:
            return None
        if all(kind.tag in IMMUTABLE for kind in found):
            return None
        names = [self.fresh(stmt.args[0], "@v") for _ in keys]
        reads = [
            Assign((name,), "operator.getitem", (stmt.args[0], Const(key)), unit=stmt.unit)
            for name, key in zip(names, keys, strict=True)
        ]
        args: list[Atom] = []
        for name, key in zip(names, keys, strict=True):
            args += [Const(key), Var(name)] if base.tag == "dict" else [Var(name)]
        return *reads, replace(stmt, fn=base.tag, args=tuple(args), kwargs=())

    def values(self, stmt: Assign, base: Kind) -> Code | None:
        """`d.values()` as a list."""
        if not stmt.targets:
            return ()
        if base.items is not None:
            names = [self.fresh(stmt.args[0], "@v") for _ in base.items]
            reads = [
                Assign((name,), "operator.getitem", (stmt.args[0], Const(key)), unit=stmt.unit)
                for name, (key, _) in zip(names, base.items, strict=True)
            ]
            return *reads, replace(stmt, fn="list", args=tuple(map(Var, names)))
        (d,) = stmt.args
        made = Var(self.fresh(d, "@v"))
        start = Assign((made.name,), "list", (), unit=stmt.unit)

        def append(key: str, item: str) -> Stmt:
            return Assign((), "method.append", (made, Var(item)), unit=stmt.unit)

        return start, *self.each_item(stmt, d, append), *self.copy(stmt, made)

    def get(self, stmt: Assign, base: Kind) -> Code | None:
        """`d.get(key, default)`"""
        if stmt.kwargs or not 2 <= len(stmt.args) <= 3 or not stmt.targets:
            return None
        d, key, *rest = stmt.args
        default = rest[0] if rest else Const(None)
        known = self.known(base, key)
        if known is not None:
            return (self.read(stmt, d, key),) if known else self.copy(stmt, default)
        test = self.fresh(d, "@v")
        asked = Assign((test,), "operator.contains", (d, key), unit=stmt.unit)
        there: Block = (self.read(stmt, d, key),)
        return asked, If(Var(test), there, self.copy(stmt, default), "ifexp", unit=stmt.unit)

    def setdefault(self, stmt: Assign, base: Kind) -> Code | None:
        """`d.setdefault(key, value)`"""
        if stmt.kwargs or len(stmt.args) != 3:
            return None
        d, key, value = stmt.args
        assert isinstance(d, Var)
        there: Block = (self.read(stmt, d, key),) if stmt.targets else ()
        new: Block = (Store(d, key, value, unit=stmt.unit),)
        known = self.known(base, key)
        if known is not None:
            return there if known else (*new, *self.copy(stmt, value))
        test, absent = self.fresh(d, "@v"), self.fresh(d, "@v")
        asked = Assign((test,), "operator.contains", (d, key), unit=stmt.unit)
        turned = Assign((absent,), "operator.not_", (Var(test),), unit=stmt.unit)
        return asked, turned, If(Var(absent), new, (), unit=stmt.unit), *there

    def known(self, base: Kind, key: Atom) -> bool | None:
        """Whether a dict has an item, where that is known."""
        if base.items is None or not isinstance(key, Const):
            return None
        return has_item(base, key.value)

    def update(self, stmt: Assign, base: Kind) -> Code | None:
        """`d.update(other, name=value)`"""
        d, *others = stmt.args
        assert isinstance(d, Var)
        out: list[Stmt] = []
        for other in others:
            code = self.taken_in(stmt, d, other)
            if code is None:
                return None
            out += code
        out += [Store(d, Const(key), value, unit=stmt.unit) for key, value in stmt.kwargs]
        return (*out, *self.copy(stmt, Const(None)))

    def taken_in(self, stmt: Assign, d: Var, other: Atom) -> list[Stmt] | None:
        """Each item of another dict, stored under its key."""
        kind = self.kinds.before(stmt, other)
        if kind.tag not in ("dict", "unknown") or kind.fields is not None:
            return None
        if kind.items is not None:
            out: list[Stmt] = []
            for key, _ in kind.items:
                name = self.fresh(d, "@d")
                read = Assign((name,), "operator.getitem", (other, Const(key)), unit=stmt.unit)
                out += [read, Store(d, Const(key), Var(name), unit=stmt.unit)]
            return out
        return self.each_item(
            stmt, other, lambda key, item: Store(d, Var(key), Var(item), unit=stmt.unit)
        )

    def each_item(self, stmt: Assign, other: Atom, what: Callable[[str, str], Stmt]) -> list[Stmt]:
        """A loop over the items of a dict whose keys are not known."""
        view, keys, count, i, key, item = (self.fresh(other, "@v") for _ in range(6))
        unit = stmt.unit
        body: Block = (
            Assign((key,), "operator.getitem", (Var(keys), Var(i)), unit=unit),
            Assign((item,), "operator.getitem", (other, Var(key)), unit=unit),
            what(key, item),
        )
        return [
            Assign((view,), "method.keys", (other,), unit=unit),
            Assign((keys,), "builtins.list", (Var(view),), unit=unit),
            Assign((count,), "builtins.len", (Var(keys),), unit=unit),
            For(i, Const(0), Var(count), Const(1), body, unit=unit),
        ]

    def pop(self, stmt: Assign, base: Kind) -> Code | None:
        """`d.pop(key)` of a key that the dict has."""
        if stmt.kwargs or not 2 <= len(stmt.args) <= 3:
            return None
        d, key, *default = stmt.args
        known = self.known(base, key)
        if known is False and default:
            return self.copy(stmt, default[0])
        if not known and default:
            return None
        read = (self.read(stmt, d, key),) if stmt.targets else ()
        return *read, Assign((), "operator.delitem", (d, key), unit=stmt.unit)

    def dict_call(self, stmt: Assign) -> Code:
        """`dict(other, name=value)`"""
        pairs = [atom for key, value in stmt.kwargs for atom in (Const(key), value)]
        if not stmt.args:
            return (replace(stmt, fn="dict", args=tuple(pairs), kwargs=()),)
        (other,) = stmt.args
        made = Var(self.fresh(other, "@v"))
        start = Assign((made.name,), "builtins.dict", (other,), unit=stmt.unit)
        stored = [Store(made, Const(key), value, unit=stmt.unit) for key, value in stmt.kwargs]
        return start, *stored, *self.copy(stmt, made)

    def union(self, stmt: Assign, base: Kind) -> Code | None:
        """`d | other`"""
        d, other = stmt.args
        made = Var(self.fresh(d, "@v"))
        added = self.taken_in(stmt, made, other)
        if added is None:
            return None
        start = Assign((made.name,), "builtins.dict", (d,), unit=stmt.unit)
        return start, *added, *self.copy(stmt, made)

    def union_in_place(self, stmt: Assign, base: Kind) -> Code | None:
        """`d |= other`"""
        d, other = stmt.args
        assert isinstance(d, Var)
        added = self.taken_in(stmt, d, other)
        if added is None:
            return None
        return tuple(added) if stmt.targets == (d.name,) else (*added, *self.copy(stmt, d))
