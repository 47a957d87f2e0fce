"""Functions that move, repeat or choose elements, for tangents along many directions."""

from __future__ import annotations

from srcgrad.ad.directionaxes import axis_of, is_none, only
from srcgrad.ad.directionproducts import Rule
from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.rules.call import Call


def unchanged(least: int) -> Rule:
    """What works on the last axes alone, of an operand of this rank at least: `np.tril(x_dot)`."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        first = next(iter(call.args))
        only(lanes, call, first, *list(call.args)[1:])
        if lanes.rank(call.args[first]) < least:
            raise lanes.refuse(f"`{call.name}` of an operand of low rank")
        lanes.done(str(stmt.fn), *stmt.args, **dict(stmt.kwargs))

    return rule


def flipped(place: int | None) -> Rule:
    """`np.flip(x_dot)`, and along the axis in this place."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        only(lanes, call, "m", "axis")
        rank = lanes.rank(call.args["m"])
        axis: Atom
        if place is not None:
            axis = Const(place)
        elif call.given("axis") and not is_none(call, "axis"):
            axis = axis_of(lanes, call)
        else:
            axis = lanes.tuple(*(Const(k + 1) for k in range(rank)))
        lanes.done("numpy.flip", call.args["m"], axis=axis)

    return rule


def turned(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.rot90(x_dot)`, in the plane of the first two axes"""
    only(lanes, call, "m", "k")
    rest = [call.args["k"]] if call.given("k") else []
    lanes.done("numpy.rot90", call.args["m"], *rest, axes=lanes.tuple(Const(1), Const(2)))


def rolled(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.roll(x_dot, shift)`"""
    only(lanes, call, "a", "shift", "axis")
    value, shift = call.args["a"], call.args["shift"]
    rank = lanes.rank(value)
    if call.given("axis") and not is_none(call, "axis"):
        lanes.done("numpy.roll", value, shift, axis=axis_of(lanes, call))
    elif rank == 1:
        lanes.done("numpy.roll", value, shift, axis=Const(1))
    else:
        shape = lanes.emit("attr.shape", value)
        found = lanes.emit("numpy.roll", lanes.flat(value), shift, axis=Const(1))
        lanes.done("numpy.reshape", found, shape)


def along_flat(held: str, *more: str) -> Rule:
    """A function along one axis, or of all elements in a row; `more` are other parameters."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        value = call.args[held]
        others = [call.args[name] for name in more if call.given(name)]
        if set(call.args) - {held, "axis", *more} or any(map(lanes.has, others)):
            raise lanes.refuse(f"`{call.name}` has no form for many directions")
        flat = is_none(call, "axis") or not call.given("axis") and call.defaults["axis"] is None
        rank = lanes.rank(value)
        axis = Const(1) if flat else axis_of(lanes, call)
        value = lanes.flat(value) if flat and rank != 1 else value
        call_args = {**call.args, held: value}
        named = {n: a for n, a in call_args.items() if n in KEYWORDS}
        args = [a for n, a in call_args.items() if n not in named and n != "axis"]
        lanes.done(str(stmt.fn), *args, **named, axis=axis)

    return rule


KEYWORDS = ("mode", "x", "dx")  # as the functions below call them


def tiled(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.tile(x_dot, reps)`, of no more axes than there are"""
    only(lanes, call, "A", "reps")
    kind, rank = call.kind("reps"), lanes.rank(call.args["A"])
    count = len(kind.items or ()) if kind.tag in ("tuple", "list") and kind.items else 1
    if not (kind.is_scalar or kind.is_container and kind.items) or count > rank:
        raise lanes.refuse("repetitions along new axes")
    lanes.done("numpy.tile", call.args["A"], call.args["reps"])


def padded(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.pad(x_dot, width, mode)`: no padding of directions"""
    only(lanes, call, "array", "pad_width", "mode", "constant_values")
    if call.given("constant_values") and call.args["constant_values"] != Const(0):
        raise lanes.refuse("padding with values")
    rank, width = lanes.rank(call.args["array"]), call.args["pad_width"]
    kind = call.kind("pad_width")
    none = lanes.tuple(Const(0), Const(0))
    items = [item for _, item in kind.items or ()] if kind.tag == "tuple" else []
    if kind.is_scalar:
        widths = lanes.tuple(none, *[lanes.tuple(width, width)] * rank)
    elif len(items) == 2 and all(item.is_scalar for item in items):
        widths = lanes.tuple(none, *[width] * rank)
    elif len(items) == rank and all(item.tag == "tuple" for item in items):
        widths = lanes.emit("operator.add", lanes.tuple(none), width)
    else:
        raise lanes.refuse("a width of padding that is not known")
    mode = [call.args["mode"]] if call.given("mode") else []
    lanes.done("numpy.pad", call.args["array"], widths, *mode)


def at_least(least: int) -> Rule:
    """`np.atleast_2d(x_dot)`"""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        value = next(iter(call.args.values()))
        if len(call.args) > 1 or not lanes.has(value):
            raise lanes.refuse(f"`{call.name}` has no form for many directions")
        rank = lanes.rank(value)
        if rank >= least:
            lanes.done("copy", value)
            return
        none: Atom = Const(None)
        whole: Atom = lanes.whole()
        place = {(2, 1): [none, whole], (3, 1): [none, whole, none], (3, 2): [whole, whole, none]}
        parts = place.get((least, rank), [none] * least)
        lanes.done("operator.getitem", value, lanes.tuple(whole, *parts))

    return rule


def deeper(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.append(x_dot, values)`"""
    if set(call.args) - {"arr", "values", "axis"}:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    flat = not call.given("axis") or is_none(call, "axis")
    parts = [lanes.full(call.args[name]) for name in ("arr", "values")]
    if flat:
        ranks = [lanes.rank(call.args[name]) for name in ("arr", "values")]
        parts = [
            part if rank == 1 else lanes.flat(part) for part, rank in zip(parts, ranks, strict=True)
        ]
    axis = Const(1) if flat else axis_of(lanes, call)
    lanes.done("numpy.concatenate", lanes.emit("list", *parts), axis=axis)


def parted(name: str, place: int | None = None) -> Rule:
    """`np.split(x_dot, n)`, `np.vsplit`: a list of parts."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        first, *rest = call.args
        only(lanes, call, first, *rest)
        rank = lanes.rank(call.args[first])
        axis = axis_of(lanes, call) if place is None else Const(place if rank > 1 else 1)
        counts = [call.args[name] for name in rest if name != "axis"]
        if not counts and rank == 1:
            raise lanes.refuse(f"`{call.name}` into numbers")
        lanes.done(name, call.args[first], *counts, axis=axis)

    return rule


def along_indices(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.take_along_axis(x_dot, indices, axis)`"""
    only(lanes, call, "arr", "indices", "axis")
    value, indices = call.args["arr"], call.args["indices"]
    flat = is_none(call, "axis")
    if not flat and lanes.rank(indices) != lanes.rank(value):
        raise lanes.refuse("indices of another rank")
    value = lanes.flat(value) if flat else value
    rows = lanes.emit("operator.getitem", indices, Const(None))
    lanes.done(str(stmt.fn), value, rows, axis=Const(1) if flat else axis_of(lanes, call))


def extracted(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.extract(condition, x_dot)`"""
    condition, value = call.args["condition"], call.args["arr"]
    if lanes.has(condition):
        raise lanes.refuse("a condition is a tangent")
    row = lanes.emit("numpy.ravel", condition)
    lanes.done("numpy.compress", row, lanes.flat(value), axis=Const(1))


def filled(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.full(shape, x_dot)`"""
    given = set(call.args)
    like = "a" in given
    if given - {"shape", "a", "fill_value"} or call.result.rank is None:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    value = lanes.lifted(call.args["fill_value"], call.result.rank)
    first = lanes.tuple(lanes.directions())
    if like:
        own: Atom = lanes.emit("attr.shape", call.args["a"])
    elif call.kind("shape").tag == "tuple":
        own = call.args["shape"]
    elif call.kind("shape").is_scalar:
        own = lanes.tuple(call.args["shape"])
    else:
        raise lanes.refuse("a shape that is not known to be a tuple")
    shape = lanes.emit("operator.add", first, own)
    if like:
        lanes.done("numpy.full_like", call.args["a"], value, shape=shape)
    else:
        lanes.done("numpy.full", shape, value)


def spaced(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.linspace(x_dot, y_dot, n)`, between numbers"""
    ends = [call.args[name] for name in ("start", "stop")]
    if any(lanes.rank(atom) for atom in ends) or any(
        lanes.has(call.args[n]) for n in ("num", "endpoint") if call.given(n)
    ):
        raise lanes.refuse("numbers between arrays")
    rest = {n: call.args[n] for n in ("num", "endpoint") if call.given(n)}
    lanes.done("numpy.linspace", *ends, **rest, axis=Const(-1))


def sloped(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.gradient(x_dot, h)`, along one axis"""
    first, *rest = call.args
    only(lanes, call, first, "h", "axis", "edge_order")
    if not call.given("axis") and lanes.rank(call.args[first]) != 1:
        raise lanes.refuse("slopes along several axes")
    axis = axis_of(lanes, call) if call.given("axis") else Const(1)
    steps = [call.args["h"]] if call.given("h") else []
    more = {n: call.args[n] for n in rest if n == "edge_order"}
    lanes.done("numpy.gradient", call.args[first], *steps, axis=axis, **more)


def last_axis(held: str) -> Rule:
    """What works along the last axis, unless told otherwise: `scipy.fft.dct(x_dot)`."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        given = call.axes() if call.given("axis") else (-1,)
        others = [atom for name, atom in call.args.items() if name != held]
        if given is None or given[0] >= 0 or any(map(lanes.has, others)):
            raise lanes.refuse(f"`{call.name}` along an axis that counts from the front")
        lanes.rank(call.args[held])
        lanes.done(str(stmt.fn), *stmt.args, **dict(stmt.kwargs))

    return rule


def all_axes(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`scipy.fft.dctn(x_dot)`"""
    first = next(iter(call.args))
    if call.given("axes") or any(lanes.has(a) for n, a in call.args.items() if n != first):
        raise lanes.refuse(f"`{call.name}` along axes that are given")
    axes = lanes.tuple(*(Const(k + 1) for k in range(lanes.rank(call.args[first]))))
    lanes.done(str(stmt.fn), *stmt.args, **dict(stmt.kwargs), axes=axes)


def squeezed(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.squeeze(x_dot)`, where it is known which axes are of length 1"""
    only(lanes, call, "a", "axis")
    shape = lanes.kind(call.args["a"]).shape
    if call.given("axis") and not is_none(call, "axis"):
        lanes.done("numpy.squeeze", call.args["a"], axis=axis_of(lanes, call))
        return
    places = [k + 1 for k, n in enumerate(shape or ()) if n == 1]
    if shape is None or call.result.rank != len(shape) - len(places):
        raise lanes.refuse("axes that may be of length 1")
    lanes.done("numpy.squeeze", call.args["a"], axis=lanes.tuple(*map(Const, places)))


def columns(held: str) -> Rule:
    """Solvers of systems with many right sides, as columns: `solve(a, b_dot.T).T`."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        others = [atom for name, atom in call.args.items() if name != held]
        if any(map(lanes.has, others)) or lanes.rank(call.args[held]) != 1:
            raise lanes.refuse("a matrix that is a tangent, or many right sides")
        turned = lanes.emit("attr.T", call.args[held])
        args = [turned if atom == call.args[held] else atom for atom in stmt.args]
        named = {k: turned if atom == call.args[held] else atom for k, atom in stmt.kwargs}
        lanes.done("attr.T", lanes.emit(str(stmt.fn), *args, **named))

    return rule


SHAPES: dict[str, Rule] = {
    "scipy.integrate.trapezoid": last_axis("samples"),
    "scipy.integrate.simpson": last_axis("samples"),
    "scipy.integrate.cumulative_trapezoid": last_axis("samples"),
    "scipy.fft.dct": last_axis("x"),
    "scipy.fft.idct": last_axis("x"),
    "scipy.fft.dst": last_axis("x"),
    "scipy.fft.idst": last_axis("x"),
    "scipy.fft.dctn": all_axes,
    "scipy.fft.idctn": all_axes,
    "scipy.fft.dstn": all_axes,
    "scipy.fft.idstn": all_axes,
    "scipy.signal.detrend": last_axis("data"),
    "scipy.signal.lfilter": last_axis("x"),
    "scipy.signal.sosfilt": last_axis("x"),
    "scipy.linalg.solve": columns("b"),
    "scipy.linalg.solve_triangular": columns("b"),
    "scipy.linalg.solve_banded": columns("b"),
    "scipy.linalg.solve_toeplitz": columns("b"),
    "scipy.linalg.cho_solve": columns("b"),
    "scipy.linalg.lu_solve": columns("b"),
    "srcgrad.support_systems.solve_by": columns("b"),
    "srcgrad.support_systems.solve_turned_by": columns("b"),
    "numpy.squeeze": squeezed,
    "numpy.tril": unchanged(2),
    "numpy.triu": unchanged(2),
    "numpy.matrix_transpose": unchanged(2),
    "numpy.linalg.matrix_transpose": unchanged(2),
    "numpy.linalg.diagonal": unchanged(2),
    "numpy.linalg.trace": unchanged(2),
    "numpy.flip": flipped(None),
    "numpy.flipud": flipped(1),
    "numpy.fliplr": flipped(2),
    "numpy.rot90": turned,
    "numpy.roll": rolled,
    "numpy.cumsum": along_flat("a"),
    "numpy.repeat": along_flat("a", "repeats"),
    "numpy.take": along_flat("a", "indices", "mode"),
    "numpy.delete": along_flat("arr", "obj"),
    "numpy.compress": along_flat("a", "condition"),
    "numpy.extract": extracted,
    "numpy.trapezoid": along_flat("values", "x", "dx"),
    "numpy.take_along_axis": along_indices,
    "numpy.tile": tiled,
    "numpy.pad": padded,
    "numpy.atleast_1d": at_least(1),
    "numpy.atleast_2d": at_least(2),
    "numpy.atleast_3d": at_least(3),
    "numpy.append": deeper,
    "numpy.split": parted("numpy.split"),
    "numpy.array_split": parted("numpy.array_split"),
    "numpy.vsplit": parted("numpy.split", 1),
    "numpy.hsplit": parted("numpy.split", 2),
    "numpy.dsplit": parted("numpy.split", 3),
    "numpy.unstack": parted("numpy.unstack"),
    "numpy.full": filled,
    "numpy.full_like": filled,
    "numpy.linspace": spaced,
    "numpy.gradient": sloped,
}
