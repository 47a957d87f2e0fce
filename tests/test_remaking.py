"""Values that are computed again instead of kept: the same derivative, in less memory."""

from __future__ import annotations

import copy
import inspect
import linecache
import random
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, trees, value_and_grad, vjp
from srcgrad.differences import central_differences
from srcgrad.errors import UnsupportedError
from srcgrad.ir.values import kind_of_value
from srcgrad.ledger import ARRAY as ARRAY_HEAD
from srcgrad.making import lowered_for, program_of
from srcgrad.options import Request
from srcgrad.remaking import Value, places, together
from srcgrad.texts import compiler_for, linked_to
from srcgrad.work import work
from tests.agreement import assert_near
from tests.programs.test_programs import ROWS, differentiated, inputs
from tests.remade import PROGRAMS, block, stopped

N = 20_000
ARRAY = 8 * N


def tight(f: Callable[..., Any], budget: int, wrt: Any = (0, 1)) -> Any:
    """The gradient with a budget that it may not meet."""
    derivative = grad(f, wrt, memory_budget=budget)

    def quiet(*args: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return derivative(*args)

    return quiet


# --- whatever is chosen, the derivative is what it was


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_the_same_derivative(f: Callable[..., Any]) -> None:
    args = np.random.default_rng().uniform(0.1, 1.2, size=8), 0.7
    expected = grad(f, (0, 1))(*args)
    by_differences = central_differences(lambda *a: f(*copy.deepcopy(a)), args, (0, 1))
    for ours, theirs in zip(expected, by_differences, strict=True):
        if f is not stopped:  # which has another derivative than its differences
            assert_near(ours, theirs, rtol=1e-4, atol=1e-5)
    for budget in (0, 1000):
        found = [tight(f, budget)(*args)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, pull = vjp(f, *args, memory_budget=budget)
        np.testing.assert_array_equal(value, f(args[0].copy(), args[1]))
        found += [pull(1.0), pull(1.0)]
        for ours in found:
            for one, other in zip(ours, expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def values_of(f: Callable[..., Any], request: Request) -> dict[str, Value]:
    _, program, request = program_of(f, request)
    compiler = compiler_for(linked_to(program, request.passes), request.passes)
    compiler.add(program.root, replace(request, weighs={}))
    return together([way.found for way in compiler.values[program.root]])


def choices(values: dict[str, Value]) -> list[list[str]]:
    """All that may be computed again together, taken from either end; and some of it."""
    names = [name for name, value in values.items() if not value.reason]
    few = random.sample(names, len(names) // 2)
    found = []
    for order in (names, names[::-1], few):
        chosen: list[str] = []
        for name in order:
            if places(values, [*chosen, name]) is not None:
                chosen.append(name)
        found.append(chosen)
    return [chosen for chosen in found if chosen]


def differentiable(f: Callable[..., Any], request: Request) -> Callable[..., Any] | None:
    try:
        return lowered_for(f, request, request.kinds, False, "numpy").function
    except UnsupportedError:  # other tests say which are
        return None


@pytest.mark.parametrize("part", range(3))
def test_everything_that_may_be_is_computed_again(part: int) -> None:
    """Programs of the other tests, whatever is chosen of their values."""
    made = 0
    for f, make in ROWS[part::3]:
        args = tuple(make(**inputs(random.randrange(1000))))
        names = list(inspect.signature(f).parameters)
        kinds = {n: kind_of_value(arg, n) for n, arg in zip(names, args, strict=False)}
        wrt = tuple(names[i] for i in differentiated(args))
        request = Request("grad", wrt, False, kinds)
        plain = differentiable(f, request)
        for chosen in choices(values_of(f, request)) if plain is not None else ():
            again = tuple((program_of(f, request)[1].root, name, "") for name in chosen)
            remade = differentiable(f, replace(request, again=again))
            assert plain is not None and remade is not None
            expected, _ = trees.flatten(plain(*copy.deepcopy(args)))
            found, _ = trees.flatten(remade(*copy.deepcopy(args)))
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
            made += 1
    assert made > 30


# --- in less memory


def perceptron(X, U, V, W, y):
    h = np.tanh(X @ U)
    h = np.tanh(h @ V)
    h = np.tanh(h @ V.T)
    h = np.tanh(h @ V)
    h = np.tanh(h @ W)
    return np.sum((h - y) ** 2)


def elementwise(x, k):
    y = np.sin(x) * k
    y = np.exp(-y * y)
    y = np.sin(y) + x
    y = np.tanh(y) * y
    y = np.log(1 + y * y)
    y = np.cos(y) * y
    return np.sum(np.sqrt(1 + y * y))


def temporaries(u, k):
    for i in range(10):
        a = np.sin(u) * k
        b = np.exp(-a * a)
        c = np.cos(b) * a
        u = u + 0.01 * np.sqrt(1 + c * c) * c / (i + b)
    return np.sum(u * u)


def arguments(f: Callable[..., Any]) -> tuple[Any, ...]:
    draw = np.random.default_rng().uniform
    if f is not perceptron:
        return draw(0.1, 1.2, size=N), 0.7
    width = 20
    square = (draw(-0.3, 0.3, size=(width, width)) for _ in range(3))
    rows = N // width
    return draw(size=(rows, width)), *square, draw(size=(rows, width))


def peak(f: Callable[..., Any], *args: Any) -> int:
    f(*args)
    tracemalloc.start()
    f(*args)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("share", [0.9, 0.7, 0.4])
@pytest.mark.parametrize("f", [perceptron, elementwise, temporaries], ids=lambda f: f.__name__)
def test_the_same_in_less_memory(f: Callable[..., Any], share: float) -> None:
    args = arguments(f)
    plain = grad(f, (1,) if f is perceptron else (0,))
    everything = grad(f, plain.wrt, memory_budget=10**12).plan(*args).everything
    budget = int(share * everything)
    kept = grad(f, plain.wrt, memory_budget=budget)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the least is above the last of these shares
        plan = kept.plan(*args)
    assert plan.again or plan.snapshots
    for ours, theirs in zip(kept(*args), plain(*args), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    if share >= 0.7:
        assert plan.met and plan.snapshots == ()
    # Beside what is recorded there are adjoints, and the temporaries of the program itself.
    assert peak(kept, *args) < plan.need + 4 * ARRAY + peak(f, *args)
    assert peak(kept, *args) < peak(plain, *args)


@pytest.mark.parametrize("n", [9, 36])
def test_chains_come_down_to_their_root(n: int) -> None:
    lines = "\n".join("    x = np.sin(x) * x" for _ in range(n // 2))
    namespace: dict[str, Any] = {"np": np}
    source = f"def chain(x):\n{lines}\n    return np.sum(x)\n"
    name = f"<chain of {n}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    exec(compile(source, name, "exec"), namespace)
    x = np.random.default_rng().uniform(size=100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan = grad(namespace["chain"], memory_budget=0).plan(x)
    assert plan.everything > 0.8 * n * x.nbytes
    assert plan.need < (2 * np.sqrt(n) + 2) * (x.nbytes + ARRAY_HEAD)


def test_least_cost() -> None:
    """A product of matrices is kept, and cheap operations are run again."""

    def f(x, A):
        y = A @ x
        z = y * y
        w = np.where(z > 1.0, z, y)
        return np.sum(np.sin(z) * w)

    A = np.random.default_rng().uniform(size=(300, 300))
    x = np.random.default_rng().uniform(size=(300, 40))
    plan = grad(f, memory_budget=4 * x.nbytes).plan(x, A)
    assert plan.met and plan.again
    assert "y" not in [name for _, name, _ in plan.again]
    matmul = work("operator.matmul", ((300, 40), (300, 300), (300, 40)))
    assert matmul > 5 * work("operator.mul", ((300, 40), (300, 40), (300, 40)))


# --- what is written


def test_the_text() -> None:
    args = arguments(perceptron)
    plain = grad(perceptron, "U").lower(*args).source
    assert grad(perceptron, "U", memory_budget=10**9).lower(*args).source == plain
    source = tight_source(perceptron, 4 * ARRAY, args)
    notes = [line for line in source.splitlines() if "# computed again" in line]
    assert notes and all("_again = np.tanh(" in line for line in notes if "tanh" in line)
    assert "instead of kept: 156 KiB" in source
    assert "srcgrad" not in source.partition("import numpy")[2]
    forward = source.partition("# backward")[0]
    assert "del h_1" in forward


def tight_source(f: Callable[..., Any], budget: int, args: tuple[Any, ...]) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(grad(f, 1, memory_budget=budget).lower(*args).source)


def test_the_plan() -> None:
    x, k = arguments(elementwise)
    kept = value_and_grad(elementwise, memory_budget=7 * ARRAY)
    table = str(kept.plan(x, k))
    assert "computed again, " in table and "% of the work" in table and ": 156 KiB, kept" in table
    with pytest.warns(UserWarning, match="a memory budget is too small"):
        plan = grad(elementwise, memory_budget=ARRAY).plan(x, k)
    assert not plan.met and f"{plan.need / 1024:.3g} KiB kept" in str(plan)
    assert plan.need < 7 * ARRAY
    assert grad(elementwise, memory_budget=plan.need).plan(x, k).met


def test_random_numbers_are_drawn_once() -> None:
    def drawing(x, k, rng):
        a = np.sin(x) * rng.normal(size=x.size)
        b = np.exp(-a) * np.random.normal(size=x.size) * k
        return np.sum(np.cos(b) * b * a)

    x, k = arguments(elementwise)
    found = []
    for f in (grad(drawing, (0, 1)), tight(drawing, 0)):
        rng = np.random.default_rng(3)
        np.random.seed(1)
        found.append((*f(x, k, rng), rng.normal(), np.random.normal()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_functions_that_are_called() -> None:
    """Their values are chosen as well, once for all calls."""

    def net(X, U, V, y):
        h = block(X, np.mean(X @ U, axis=1, keepdims=True))
        h = block(h, np.mean(h @ V, axis=1, keepdims=True))
        return np.sum((h - y) ** 2)

    X, U, V, _, y = arguments(perceptron)
    plain = grad(net, ("U", "V"))
    everything = grad(net, ("U", "V"), memory_budget=10**12).plan(X, U, V, y).everything
    kept = grad(net, ("U", "V"), memory_budget=int(0.8 * everything))
    plan = kept.plan(X, U, V, y)
    assert plan.met and plan.again and plan.snapshots == ()
    assert any(key.endswith("block") for key, _, _ in plan.again)
    assert peak(kept, X, U, V, y) < plan.need + 4 * ARRAY + peak(net, X, U, V, y)
    for ours, theirs in zip(kept(X, U, V, y), plain(X, U, V, y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
