"""Values, local derivatives and gradients of traced programs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from srcgrad.errors import SrcgradError, UnsupportedError
from srcgrad.graph import trace
from srcgrad.ir.core import Const, Exit, For, Function, Global, If, Store, UserFunction, Var, While
from tests.graph.builder import BILL, LINE, do, give, program, run


def test_squared_error_of_a_line() -> None:
    graph = run(LINE, w=1, x=4, b=-3, y=3)
    assert [graph[name].value for name in ("z0", "z1", "z2", "L")] == [4, 1, -2, 4]
    assert [graph.gradient(name) for name in ("w", "x", "b", "y")] == [-16, -4, -4, 4]
    assert [graph[name].upstream for name in ("z0", "z1", "z2", "L")] == [-4, -4, -4, 1]


def test_local_derivatives_and_contributions_of_a_line() -> None:
    graph = run(LINE, w=1, x=4, b=-3, y=3)
    edges = {(n.name, graph.nodes[e.source].name): e for n in graph.nodes for e in n.edges}
    assert {key: edge.local for key, edge in edges.items()} == {
        ("z0", "w"): 4, ("z0", "x"): 1, ("z1", "z0"): 1, ("z1", "b"): 1,
        ("z2", "z1"): 1, ("z2", "y"): -1, ("L", "z2"): -4,
    }  # fmt: skip
    assert edges["z0", "w"].downstream == -16
    assert edges["z2", "y"].downstream == 4


def test_shopping_bill() -> None:
    graph = run(BILL, rate=1100, shipping=5, goods=33)
    assert [node.value for node in graph.nodes if node.kind == "operation"] == [12, 17, 50]
    assert graph.gradient("shipping") == graph.gradient("goods") == 1
    assert_allclose(graph.gradient("rate"), -13200 / 1100**2, rtol=1e-15)


def test_contributions_of_several_paths_add_up() -> None:
    square = program(
        "x", do("a", "operator.mul", "x", "x"), do("z", "operator.mul", "a", "x"), give("z")
    )
    graph = run(square, x=3.0)
    assert graph.gradient("x") == 27
    assert [e.downstream for n in graph.nodes for e in n.edges if n.name == "a"] == [9, 9]


def test_only_what_depends_on_wrt_has_gradients() -> None:
    graph = run(LINE, ("b",), w=1, x=4, b=-3, y=3)
    assert graph.gradient("b") == -4
    assert graph["z0"].upstream is None
    assert graph["w"].upstream is None


def test_arrays_with_broadcasting_and_matmul() -> None:
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    affine = program(
        "x w b",
        do("h@1", "operator.matmul", "x", "w"),
        do("h", "operator.add", "h@1", "b"),
        do("t", "numpy.tanh", "h"),
        do("s", "numpy.sum", "t"),
        give("s"),
    )
    graph = run(affine, x=x, w=w, b=b)
    h_bar = 1 - np.tanh(x @ w + b) ** 2
    assert_allclose(graph.gradient("x"), h_bar @ w.T)
    assert_allclose(graph.gradient("w"), x.T @ h_bar)
    assert_allclose(graph.gradient("b"), h_bar.sum(axis=0))
    assert_allclose(graph["t"].edges[0].local, h_bar)


def test_containers_are_looked_into() -> None:
    pick = program(
        "params",
        do("w", "operator.getitem", "params", "'w'"),
        do("bs", "operator.getitem", "params", "'bs'"),
        do("b c", "unpack", "bs"),
        do("z@1", "operator.mul", "w", "b"),
        do("z", "operator.add", "z@1", "c"),
        give("z"),
    )
    graph = run(pick, params={"w": 3.0, "bs": [5.0, 7.0]})
    assert graph.gradient('params["w"]') == 5
    assert graph.gradient('params["bs"][0]') == 3
    assert graph.gradient('params["bs"][1]') == 1


def power_by_loop(body_extra: tuple[object, ...] = ()) -> Function:
    body = (do("y", "operator.mul", "y", "x"), *body_extra)
    return program(
        "x n",
        do("y", "copy", 1.0),
        For("i", Const(0), Var("n"), Const(1), body),  # type: ignore[arg-type]
        give("y"),
    )


def test_loops_are_unrolled() -> None:
    graph = run(power_by_loop(), x=2.0, n=4)
    assert graph.outputs == (("out", len(graph.nodes) - 1),)
    assert (graph.nodes[-1].value, graph.gradient("x")) == (16, 32)
    assert [node.name for node in graph.nodes] == ["x", "y", "y#2", "y#3", "y#4"]


def test_break_leaves_the_loop() -> None:
    stop = (
        do("big", "operator.gt", "y", 7),
        If(Var("big"), (Exit("break"),)),
    )
    graph = run(power_by_loop(stop), x=2.0, n=50)
    assert graph.nodes[-1].value == 8


def test_while_and_early_return() -> None:
    halve = program(
        "x",
        While(
            (do("go", "operator.gt", "x", 1),),
            Var("go"),
            (
                do("x", "operator.truediv", "x", 2),
                do("small", "operator.lt", "x", 3),
                If(Var("small"), (give("x"),)),
            ),
        ),
        give("x"),
    )
    graph = run(halve, x=20.0)
    assert (graph.nodes[-1].value, graph.gradient("x")) == (2.5, 0.125)


def test_called_functions_are_part_of_the_graph() -> None:
    square = program("t", do("out@1", "operator.mul", "t", "t"), give("out@1"))
    main = program("x", do("y", UserFunction("square", "k"), "x"), give("y"))
    graph = trace(main, {"k": square}.__getitem__, {"x": 3.0})
    assert (graph["y"].value, graph.gradient("x")) == (9, 6)


def test_globals_are_constants_with_their_name() -> None:
    scale = Function(
        "f",
        program("x").params,
        (do("y", "operator.mul", "x", "RATE"), give("y")),
        globals={"RATE": Global("RATE", "value", "RATE = 3.0", 3.0)},
    )
    graph = run(scale, x=2.0)
    assert graph.gradient("x") == 3
    assert graph["RATE"].kind == "constant"


def test_masked_store_is_a_new_value() -> None:
    relu = program(
        "x",
        do("out", "numpy.copy", "x"),
        do("mask", "operator.le", "x", 0),
        Store(Var("out"), Var("mask"), Const(0)),
        do("s", "numpy.sum", "out"),
        give("s"),
    )
    x = np.array([-1.0, 2.0, 0.0, 3.0])
    graph = run(relu, x=x)
    assert graph["s"].value == 5
    assert_allclose(graph.gradient("x"), [0, 1, 0, 1])
    assert_allclose(x, [-1, 2, 0, 3])


def test_increment_of_an_element() -> None:
    bump = program(
        "x v",
        do("y", "numpy.copy", "x"),
        Store(Var("y"), Const(1), Var("v"), "sub"),
        do("z", "operator.mul", "y", "y"),
        do("s", "numpy.sum", "z"),
        give("s"),
    )
    graph = run(bump, x=np.array([1.0, 2.0]), v=5.0)
    assert_allclose(graph.gradient("x"), [2, -6])
    assert graph.gradient("v") == 6


def test_store_into_shared_memory_is_refused() -> None:
    view = program(
        "x",
        do("v@i", "slice", 0, 2, None),
        do("v", "operator.getitem", "x", "v@i"),
        Store(Var("v"), Const(0), Const(1.0), unit=0),
        give("x"),
    )
    with pytest.raises(UnsupportedError, match=r"model.py:7:5: `v` is written in place while `x`"):
        run(view, x=np.ones(3))


def test_gradient_of_repeated_indices_adds_up() -> None:
    pick = program(
        "x i",
        do("y", "operator.getitem", "x", "i"),
        do("s", "numpy.sum", "y"),
        give("s"),
    )
    graph = run(pick, ("x",), x=np.ones(3), i=np.array([0, 2, 2]))
    assert_allclose(graph.gradient("x"), [1, 0, 2])


def test_ints_asked_for_become_floats() -> None:
    reciprocal = program("x", do("y", "operator.pow", "x", -1), give("y"))
    graph = run(reciprocal, ("x",), x=np.array([2, 4]))
    assert_allclose(graph.gradient("x"), [-0.25, -0.0625])


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"w": 1, "x": 4, "b": -3}, "needs a value for `y`"),
        ({"w": 1, "x": 4, "b": -3, "y": 3, "q": 1}, "no parameter `q`; it takes w, x, b, y"),
        ({"w": 1, "x": 4, "b": -3, "y": "three"}, "TypeError at these inputs"),
    ],
)
def test_inputs_that_do_not_fit(at: dict[str, object], message: str) -> None:
    with pytest.raises(SrcgradError, match=message):
        run(LINE, **at)


def test_unknown_functions_are_refused_with_their_place() -> None:
    bad = program("x", do("y", "numpy.histogram", "x"), give("y"))
    with pytest.raises(
        UnsupportedError, match=r"model.py:7:5: .*numpy.histogram.* no derivative rule"
    ):
        run(bad, x=np.ones(3))


def test_failures_of_the_program_are_reported_with_their_place() -> None:
    bad = program("x", do("y", "operator.truediv", 1, "x"), give("y"))
    with pytest.raises(UnsupportedError, match=r"model.py:7:5: ZeroDivisionError at these inputs"):
        run(bad, x=0)


def test_opaque_globals_and_strings_are_refused() -> None:
    uses = Function(
        "f",
        program("x").params,
        (do("y", "operator.mul", "x", "MODEL"), give("y")),
        globals={"MODEL": Global("MODEL", "opaque")},
    )
    with pytest.raises(UnsupportedError, match="`MODEL` is not a constant"):
        run(uses, x=1.0)
    with pytest.raises(SrcgradError, match="returns no number"):
        run(program("x", give("'text'")), x=1.0)
