"""Statements that would make a derivative wrong or impossible, whatever the rules say."""

from __future__ import annotations

from srcgrad.ad.attempts import note_attempts
from srcgrad.ad.context import Context
from srcgrad.analysis.flow import INDEXED, known_call
from srcgrad.analysis.garbled import Views, may_garble
from srcgrad.analysis.memory import IMMUTABLE
from srcgrad.analysis.unknowncalls import keeps_unknown
from srcgrad.ir.core import Assign, Stmt, Store, UserFunction, Var
from srcgrad.ir.walk import names, operands, stored, walk
from srcgrad.rules.results import COMPLEX, is_real


def refuse_slices(context: Context, stmt: Stmt) -> None:
    """`items[1:3] = others` may change the length of a list."""
    if not isinstance(stmt, Store) or not context.kinds.before(stmt, stmt.base).is_container:
        return
    if context.kinds.before(stmt, stmt.index).tag == "slice":
        context.refuse(stmt, "a slice of a list is replaced", "make a new list of its parts")


def refuse_indexed_objects(context: Context, stmt: Stmt) -> None:
    """`obj[x]` of an object that may compute with what it is indexed by."""
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
        return
    base, index = stmt.args
    if context.kinds.before(stmt, base).tag in INDEXED:
        return
    if isinstance(index, Var) and index.name in context.activity.varied.get(stmt, ()):
        message = "an object is indexed by a differentiated value"
        context.refuse(stmt, message, "index arrays and lists, by integers")


def refuse_modules(context: Context, stmt: Stmt) -> None:
    """`xp.sum(x)` of something unknown: of an array, `x` would be the axis."""
    by_name = isinstance(stmt, Assign) and str(stmt.fn).startswith(("numpy.", "method."))
    if not by_name or not isinstance(stmt, Assign) or not stmt.args:
        return
    tag, found = context.kinds.before(stmt, stmt.args[0]).tag, known_call(stmt, context.kinds)
    if found is None or tag in INDEXED or tag == "scalar":
        return
    prim, call = found
    silent = [atom for name, atom in call.args.items() if name in prim.silent]
    given = [a for a in silent if not context.kinds.before(stmt, a).is_discrete]
    varied = context.activity.varied.get(stmt)
    if not varied and not context.activity.names.isdisjoint(names(given)):
        message = "a differentiated value is handed to a method of what is not known"
        context.refuse(stmt, message, "import modules by name; annotate parameters that are arrays")


def refuse_garbled(context: Context, stmt: Stmt, views: Views) -> None:
    """`x[::2] = x[:3]`: NumPy itself may read what it has overwritten."""
    shared = context.aliases.reads.get(stmt, {})
    if isinstance(stmt, Store) and may_garble(stmt, views, context.kinds, shared):
        message = "NumPy copies parts of one array that overlap, with unequal steps, out of order"
        context.refuse(stmt, message, "add `.copy()` to the value")


def refuse_in_place(context: Context, stmt: Stmt) -> None:
    """A call that its rule does not cover, and that may write into memory it is given or share it.

    Such a call matters even where no derivative flows through its value.
    """
    problem = context.kinds.problems.get(stmt)
    if problem is None or not isinstance(stmt, Assign):
        return
    given = {name for name, _ in stmt.kwargs}
    varied = context.activity.varied.get(stmt)
    crowded = varied and "positional arguments" in problem[0]  # the last one may be `out`
    if not stmt.targets or crowded or given & {"out", "copy", "inplace"}:
        context.refuse(stmt, *problem)


def refuse_repeated(context: Context, stmt: Stmt) -> None:
    """`x * [1, 2, 3]` is an array where `x` is one, and a longer list where it is an integer."""
    if not isinstance(stmt, Assign) or stmt.fn != "operator.mul":
        return
    varied = context.activity.varied.get(stmt, frozenset())
    kinds = [context.kinds.before(stmt, atom) for atom in stmt.args]
    counts = [
        atom
        for atom, kind in zip(stmt.args, kinds, strict=True)
        if kind.tag == "unknown" and isinstance(atom, Var) and atom.name in varied
    ]
    if counts and any(kind.tag in ("list", "tuple") for kind in kinds):
        message = "a list or tuple is multiplied by what may be an array"
        context.refuse(stmt, message, "make it an array first: `np.array(...)`")


def note_problems(context: Context) -> None:
    """Problems that make a derivative wrong or impossible, whatever the rules say."""
    fn, activity = context.fn, context.activity
    for stmt, (message, remedy) in context.aliases.problems.items():
        context.refuse(stmt, message, remedy)
    note_attempts(context)
    refuse_text(context)
    refuse_types(context)
    views = Views(fn, context.kinds)
    for stmt in walk(fn.body):
        refuse_slices(context, stmt)
        refuse_garbled(context, stmt, views)
        refuse_in_place(context, stmt)
        refuse_repeated(context, stmt)
        refuse_indexed_objects(context, stmt)
        refuse_modules(context, stmt)
        varied = activity.varied.get(stmt, frozenset())
        if isinstance(stmt, Assign) and varied and is_unknown(context, stmt):
            context.refuse(
                stmt,
                "a differentiated value is handed to a function whose effect is unknown",
                "keep differentiated values out of this call, or use its result",
            )
        elif varied and stmt in context.fills:
            message = "a differentiated value is put where the program reads it as a constant"
            context.refuse(stmt, message, "keep such values in a container of the function's own")
        refuse_cut_off(context, stmt)


def refuse_cut_off(context: Context, stmt: Stmt) -> None:
    """A complex number that is stored into a real array loses its imaginary part."""
    if not isinstance(stmt, Store) or not context.is_varied(stmt, stmt.value):
        return
    base, value = (context.kinds.before(stmt, atom) for atom in (stmt.base, stmt.value))
    if base.is_array and is_real(base) and value.dtype in COMPLEX:
        message = "a complex number is stored into a real array, which drops its imaginary part"
        context.refuse(stmt, message, "store its real part, `.real`, or use `dtype=complex`")


def refuse_text(context: Context) -> None:
    """A number that goes through text and back would lose its derivative."""
    texts = [
        stmt
        for stmt in walk(context.fn.body)
        if isinstance(stmt, Assign)
        and stmt.fn in TEXTS
        and any(a in context.activity.names for a in names(operands(stmt)))
    ]
    for stmt in walk(context.fn.body) if texts else ():
        is_number = isinstance(stmt, Assign) and stmt.fn in ("builtins.float", "builtins.eval")
        if is_number and context.kinds.before(stmt, operands(stmt)[0]).tag in ("str", "unknown"):
            message = "a number is made of text that may hold a differentiated value"
            context.refuse(stmt, message, "use the value itself, not its text")


def refuse_types(context: Context) -> None:
    """A store rounds to the type of its array, which an argument may make an integer type."""
    written = stored(context.fn.body)
    for stmt in walk(context.fn.body):
        if not isinstance(stmt, Assign) or written.isdisjoint(stmt.targets):
            continue
        given = dict(stmt.kwargs).get("dtype")
        if isinstance(given, Var) and given.name in context.params:
            message = f"an array of the type `{given.name}`, which is an argument, is written"
            context.refuse(stmt, message, "name the type: `dtype=float`")


TEXTS = ("fstring", "builtins.str", "builtins.repr", "builtins.format", "method.format")


def is_unknown(context: Context, stmt: Assign) -> bool:
    """True for a call that may do what nobody knows to the differentiated values it is given."""
    known = isinstance(stmt.fn, UserFunction)
    unknown = stmt in context.doubtful if known else keeps_unknown(stmt, context.kinds)
    if not unknown or not known and not stmt.targets:
        return unknown
    if context.activity.is_active(stmt):
        return False  # it is refused for want of a rule, or looked at there
    varied = (Var(name) for name in context.activity.varied[stmt])
    return any(context.kinds.before(stmt, name).tag not in IMMUTABLE for name in varied)
