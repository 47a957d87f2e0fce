"""The table of primitives: signature, derivative formulas, kind, aliasing. Rule files fill it.

`primitive(np.sum, "x, axis=None, keepdims=False", kind=...)` declares a function and the keywords
that
are supported: any other keyword is refused. Then its derivative, in one of these forms:

`elementwise(f, lambda d, y, x: ...)`: a diagonal Jacobian. `d` is the derivative flowing through:
the
    tangent going forward, the cotangent going backward; the formula is linear in it. `y` is the
    value,
    `x` the operand; one lambda for each operand. Broadcasting is the engine's work.
`pullback(f, x=lambda g, y, x, axis: ..., when=condition)`: the cotangent of `x` from the cotangent
`g`
    of the result. Names after `g, y` are parameters of the primitive, in any order, only those
    needed.
    Several may be given; the first whose `when(call)` holds is used. The result has the shape of
    `x`.
`computed(f, formulas)`: `formulas(call)` writes `{"x": "formula text"}` for this very call.
`zero(f, ...)`: piecewise constant or discrete: no derivative flows, and none is an error.

Lambdas are quoted, never called by the compiler (tests call them): their text is inlined into the
derivative. The free names of a formula are the values it needs (its residuals). Complex numbers
follow the convention without conjugation: `g` is what makes `Re(g dy)` the change of a real result,
so that a formula of an analytic function holds for them as it stands. `holds_for_complex` says so;
else complex operands are refused.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Any

from srcgrad.ir.classes import dataclass
from srcgrad.ir.classes import dataclass as unchanging
from srcgrad.ir.core import Atom, Const
from srcgrad.ir.kinds import Kind, broadcast, promote, scalar
from srcgrad.rules.call import Call, Condition, KindRule
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.quote import Formula, quote


@dataclass(frozen=True, slots=True)
class Rule:
    """Formulas for the cotangents of some parameters, valid where `when` holds."""

    formulas: Mapping[str, Formula]
    when: Condition | None = None


@unchanging(frozen=True)
class Primitive:
    """Everything the compiler knows of one library function."""

    name: str  # canonical dotted name
    params: tuple[str, ...]  # in order; a variadic one is written "*xs"
    defaults: Mapping[str, Any]  # of the optional ones
    keyword_only: frozenset[str]
    kind: KindRule
    rules: tuple[Rule, ...] = ()
    compute: Callable[[Call], Mapping[str, str] | None] | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict)
    elementwise: bool = False
    is_zero: bool = False
    view: str | None = None  # the result may share memory with this parameter, or any if "*"
    cheap: bool = False  # recompute rather than record
    refuse: Callable[[Call], str | None] | None = None  # a reason not to accept this call
    # parameters read for their shape alone, whatever they hold
    silent: frozenset[str] = frozenset()
    positional_only: bool = False  # prints and binds by position, as ufuncs and operators do
    also: Mapping[str, str] = field(default_factory=dict)  # other spellings of keywords
    is_view: Callable[[Mapping[str, Atom]], bool] | None = None  # calls for which `view` holds
    # every parameter may be given by position, and stands for one argument
    is_plain: bool = field(init=False)

    def __post_init__(self) -> None:
        plain = not self.keyword_only and not any(p.startswith("*") for p in self.params)
        object.__setattr__(self, "is_plain", plain)


TABLE: dict[str, Primitive] = {}
WHOLE = frozenset({"axes", "axis", "newshape", "shape"})  # of NumPy: whole numbers, always
COMPLEX_READY: set[str] = set()  # names of functions whose formulas hold for complex operands too


class BindError(Exception):
    """A call that does not fit the signature; the text is for the user."""


Signature = tuple[tuple[str, ...], Mapping[str, Any], frozenset[str]]


@functools.cache
def parse_signature(text: str) -> Signature:
    """Read `"x, axis=None, *, keepdims=False"`; defaults are literals."""
    names = text.split(", ")
    if all(map(str.isidentifier, names)):  # most are, and there are a thousand
        return tuple(names), {}, frozenset()
    tree = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(tree, ast.FunctionDef)
    args = tree.args
    names = [a.arg for a in (*args.posonlyargs, *args.args)]
    values = [ast.literal_eval(v) for v in args.defaults]
    defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
    if args.vararg:
        names.append(f"*{args.vararg.arg}")
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        names.append(arg.arg)
        if default is not None:
            defaults[arg.arg] = ast.literal_eval(default)
    return tuple(names), defaults, frozenset(a.arg for a in args.kwonlyargs)


def bind(prim: Primitive, args: tuple[Atom, ...], kwargs: Mapping[str, Atom]) -> dict[str, Atom]:
    """Arguments by parameter name. Raises `BindError` with a text for the user."""
    if len(args) == len(prim.params) and not kwargs and prim.is_plain:
        return dict(zip(prim.params, args, strict=True))
    bound: dict[str, Atom] = {}
    positional = [p for p in prim.params if p not in prim.keyword_only]
    rest = list(args)
    for name in positional:
        if name.startswith("*"):
            bound.update({f"{name[1:]}[{i}]": atom for i, atom in enumerate(rest)})
            rest = []
        elif rest:
            bound[name] = rest.pop(0)
    if rest:
        raise BindError(
            f"{prim.name} is supported with at most {len(positional)} positional arguments"
        )
    for spelled, atom in kwargs.items():
        name = prim.also.get(spelled, spelled)
        if name not in prim.params:
            raise BindError(f"keyword `{spelled}` of {prim.name} is not supported")
        if name in bound:
            raise BindError(f"{prim.name} got two values for `{name}`")
        bound[name] = atom
    for name in prim.params:
        if name not in bound and name not in prim.defaults and not name.startswith("*"):
            raise BindError(f"{prim.name} needs an argument `{name}`")
    return bound


def viewed(prim: Primitive, args: tuple[Atom, ...], kwargs: Mapping[str, Atom]) -> list[Atom]:
    """The arguments whose memory the result of a call may share."""
    if prim.view is None:
        return []
    try:
        bound = bind(prim, args, kwargs)
    except BindError:
        return [*args, *kwargs.values()]
    if prim.is_view is not None and not prim.is_view(bound):
        return []
    return [atom for param, atom in bound.items() if prim.view in (param, "*")]


def may_equal(name: str, value: Any) -> Callable[[Mapping[str, Atom]], bool]:
    """For `is_view`: the argument is given, and may have this value."""

    def holds(bound: Mapping[str, Atom]) -> bool:
        atom = bound.get(name)
        return atom is not None and not (isinstance(atom, Const) and atom.value != value)

    return holds


_SCALAR = frozenset({"scalar"})


def broadcast_kind(call: Call) -> Kind:
    """Kind of an elementwise result: shapes broadcast, dtypes promote."""
    kinds = call.kinds.values()
    dtype = promote(*[k.dtype for k in kinds])
    tags = {k.tag for k in kinds}
    if tags <= _SCALAR:
        return scalar(dtype)
    if not tags <= {"scalar", "array", "list", "tuple"}:
        axes = any(k.is_array and k.shape != () for k in kinds)
        return Kind("array" if axes else "unknown", dtype)
    shapes = [k.shape for k in kinds]
    shape = broadcast(*shapes)
    if shape == ():
        return scalar(dtype)  # a ufunc of 0-d arrays gives a scalar
    return Kind("array", dtype, shape)


def primitive(
    fn: Any,
    signature: str,
    *,
    kind: KindRule,
    view: str | None = None,
    cheap: bool = False,
    refuse: Callable[[Call], str | None] | None = None,
    silent: tuple[str, ...] = (),
    also: Mapping[str, str] | None = None,
    is_view: Callable[[Mapping[str, Atom]], bool] | None = None,
) -> None:
    """Declare a function: its supported signature and what is known of its result.

    A differentiated argument that has no formula is refused, unless its parameter is in `silent`.
    `also` takes keywords of the library to the names that they have here. `is_view` tells from the
    arguments of a call whether the result may be a view at all.
    """
    name = canonical_name(fn)
    if name in TABLE:
        raise ValueError(f"{name} is declared twice")
    params, defaults, keyword_only = parse_signature(signature)
    TABLE[name] = Primitive(
        name,
        params,
        defaults,
        keyword_only,
        kind,
        view=view,
        cheap=cheap,
        refuse=refuse,
        silent=frozenset(silent) | WHOLE & set(params),
        also=also or {},
        is_view=is_view,
    )


_FIELDS = tuple(part.name for part in fields(Primitive))


def amend(name: str, **changes: Any) -> None:
    """Tell more of a function that is declared. A thousand are when the rules are imported, so
    this is no `replace`, which makes the object anew from all its arguments."""
    old, new = TABLE[name], object.__new__(Primitive)
    for part in _FIELDS:
        object.__setattr__(new, part, changes[part] if part in changes else getattr(old, part))
    TABLE[name] = new


def elementwise(fn: Any, *formulas: Callable[..., Any], kind: KindRule = broadcast_kind) -> None:
    """Declare an elementwise function and its partial derivatives, one formula per operand."""
    quoted = quote(formulas)
    params = quoted[0].params[2:]
    primitive(fn, ", ".join(params), kind=kind)
    name = canonical_name(fn)
    rule = Rule(dict(zip(params, quoted, strict=True)))
    amend(name, elementwise=True, rules=(rule,), positional_only=True)


def partials(fn: Any, *formulas: Callable[..., Any], when: Condition) -> None:
    """Better formulas for an elementwise function already declared, where `when` holds."""
    name = canonical_name(fn)
    prim = TABLE[name]
    rule = Rule(dict(zip(prim.params, quote(formulas), strict=True)), when)
    amend(name, rules=(rule, *prim.rules))


def pullback(fn: Any, *, when: Condition | None = None, **formulas: Callable[..., Any]) -> None:
    """Cotangents of parameters of a declared primitive; parameters without one get no
    derivative."""
    name = canonical_name(fn)
    prim = TABLE[name]
    rule = Rule(dict(zip(formulas, quote(tuple(formulas.values())), strict=True)), when)
    amend(name, rules=(*prim.rules, rule))


def computed(
    fn: Any, formulas: Callable[[Call], Mapping[str, str] | None], namespace: Mapping[str, Any]
) -> None:
    """Formulas written out for each call; `namespace` gives the names their text uses."""
    name = canonical_name(fn)
    amend(name, compute=formulas, namespace=namespace)


def holds_for_complex(*functions: Any) -> None:
    """Declare that the formulas of functions hold for complex operands, each where its `when` does.

    Of any other function, complex operands are refused where they are differentiated.
    """
    COMPLEX_READY.update(map(canonical_name, functions))


def zero(
    *functions: Any, signature: str = "", kind: KindRule = broadcast_kind, cheap: bool = False
) -> None:
    """Declare functions through which no derivative flows.

    Without a signature, a ufunc takes its number of operands; anything else takes `*args`.
    """
    for fn in functions:
        text = signature or ", ".join("xyzw"[: getattr(fn, "nin", 0)]) or "*args"
        primitive(fn, text, kind=kind, cheap=cheap)
        stopped(fn)


def stopped(fn: Any) -> None:
    """No derivative flows through a function that is declared."""
    name = canonical_name(fn)
    amend(name, is_zero=True)


def lookup(fn: Any) -> Primitive | None:
    """The primitive of a Python object or canonical name, if there is one."""
    name = fn if isinstance(fn, str) else canonical_name(fn, strict=False)
    return TABLE.get(name) if name else None


def formulas_for(prim: Primitive, call: Call) -> Mapping[str, Formula] | None:
    """The formulas that hold for this call, by parameter; None if there is no rule for it."""
    if prim.is_zero and not prim.rules:
        return {}
    if prim.compute is not None:
        texts = prim.compute(call)
        if texts is not None:
            return {param: Formula.from_text(text, prim.namespace) for param, text in texts.items()}
    for rule in prim.rules:
        if rule.when is None or rule.when(call):
            return rule.formulas
    return {} if prim.is_zero else None


def make_call(prim: Primitive, bound: Mapping[str, Atom], kind_of: Callable[[Atom], Kind]) -> Call:
    """A `Call` with its kinds, the result's included."""
    kinds = {name: kind_of(atom) for name, atom in bound.items()}
    call = Call(prim.name, bound, kinds, prim.defaults)
    object.__setattr__(call, "result", prim.kind(call))  # nobody else has seen it yet
    return call
