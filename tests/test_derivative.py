"""The derivative object: dispatch on kinds, staleness, what it looks like, what it refuses."""

from __future__ import annotations

import copy
import inspect
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcgrad import trees
from srcgrad.backends.numpy import compile_source
from srcgrad.derivative import EXACT, Derivative, Kinds, Lowered
from srcgrad.errors import SrcgradError
from srcgrad.ir.kinds import FLOAT, FLOAT64, INT, array

TEXT = """\
def square_grad(x, k=2):
    # :9 return k * x * x
    return 2.0 * k * x
"""


def square(x: Any, k: Any = 2) -> Any:
    """x squared, k times."""
    return k * x * x


class Point(NamedTuple):
    x: Any
    y: Any


class Recorder:
    """A compiler that always writes one text, and keeps what it was asked for."""

    def __init__(self, text: str = TEXT, name: str = "square_grad", **fields: Any) -> None:
        self.text = text
        self.name = name
        self.fields = fields
        self.requests: list[Kinds] = []

    def __call__(self, kinds: Kinds) -> Lowered:
        self.requests.append(dict(kinds))
        note = f"# version {len(self.requests)}\n"
        return Lowered(self.text + note, compile_source(self.text + note, self.name), **self.fields)


def derivative(
    compiler: Callable[[Mapping[str, Any]], Lowered] | None = None,
    primal: Any = square,
    **options: Any,
) -> Any:
    return Derivative(primal, compiler or Recorder(), wrt=("x",), label="grad", **options)


# --- dispatch


def test_one_version_for_each_tuple_of_kinds() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    assert [df(3.0), df(4.0), df(np.float64(3)), df(5.0)] == [12.0, 16.0, 12.0, 20.0]
    assert compiler.requests == [{"x": FLOAT, "k": INT}, {"x": FLOAT64, "k": INT}]


def test_arrays_are_told_apart_by_rank_dtype_and_short_axes() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    for shape in [(3,), (4,), (1,), (0,), (8,), (9,), (3, 1), (5, 1), (3, 3)]:
        assert df(np.ones(shape)).shape == shape
    assert df(np.ones(3, np.float32)).dtype == np.float32
    assert len(compiler.requests) == 7
    assert compiler.requests[1]["x"] == array("f8", (1,))


def test_keys_of_many_lengths_do_not_pile_up() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    for length in range(8, EXACT + 10):
        df(np.ones(length))
    assert len(df._exact) <= EXACT
    assert len(compiler.requests) == 1


def test_keywords_and_defaults_reach_the_compiler_by_name() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    assert df(x=3.0) == df(3.0) == df(k=2, x=3.0) == 12.0
    assert all(request == {"x": FLOAT, "k": INT} for request in compiler.requests)


@pytest.mark.parametrize(
    ("value", "kind"), [(3, FLOAT), (np.int32(3), FLOAT64)], ids=["int", "int32"]
)
def test_an_integer_scalar_is_promoted(value: Any, kind: Any) -> None:
    compiler = Recorder("def square_grad(x, k=2):\n    return x\n")
    df = derivative(compiler)
    for result in (df(value), df(x=value)):
        assert isinstance(result, float)
        assert result == 3.0
    assert compiler.requests[0]["x"] == kind


def test_an_integer_default_is_promoted() -> None:
    def f(x: Any = 3) -> Any:
        return x

    df = derivative(Recorder("def square_grad(x=3):\n    return x\n"), primal=f)
    assert isinstance(df(), float)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.arange(3), r"`x` is an array of dtype int64.*`x.astype\(float\)`"),
        (np.array(3), "array of dtype int64"),
        (True, "is a bool"),
        ("text", "is a str"),
        (None, "is a NoneType"),
        ([1, 2], "container without any float"),
    ],
    ids=repr,
)
def test_what_has_no_derivative_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(SrcgradError, match=reason):
        derivative()(value)


def test_a_refused_argument_is_named() -> None:
    with pytest.raises(SrcgradError, match=r"`k` is a .*MaskedArray"):
        derivative()(1.0, np.ma.masked_array([1.0]))


def test_an_unknown_parameter_is_refused_at_once() -> None:
    with pytest.raises(SrcgradError, match=r"square has no parameter `w`.*\(x: "):
        Derivative(square, Recorder(), wrt=("w",))


def test_a_callable_without_a_signature_is_refused() -> None:
    with pytest.raises(SrcgradError, match="does not tell its parameters"):
        Derivative(type("Odd", (), {"__call__": 1})(), Recorder())


def test_other_parameters_may_be_anything() -> None:
    assert derivative()(2.0, np.array(3)) == 12.0


@pytest.mark.parametrize("tree", [[], {"n": 3, "w": 1.0}], ids=repr)
def test_trees_without_or_with_few_floats_pass(tree: Any) -> None:
    df = derivative(Recorder("def square_grad(x, k=2):\n    return x\n"))
    assert df(tree) == tree


def test_a_wrong_call_names_the_missing_argument() -> None:
    with pytest.raises(TypeError, match="x"):
        derivative()()


def test_containers_of_the_users_come_back() -> None:
    def finish(result: Any, arguments: Mapping[str, Any]) -> Any:
        return trees.restructure(result, arguments["x"])

    compiler = Recorder("def square_grad(x, k=2):\n    return (1.0, x[0])\n")
    df = derivative(compiler, finish=finish)
    assert df(Point(2.0, 3.0)) == Point(1.0, 2.0)
    assert type(df(Point(2.0, 3.0))) is Point
    assert type(df((2.0, 3.0))) is tuple


def test_containers_of_the_users_come_back_from_inside_others() -> None:
    compiler = Recorder("def square_grad(x, k=2):\n    return [(1.0, 2.0)]\n")
    df = derivative(compiler, finish=lambda result, args: trees.restructure(result, args["x"]))
    (inside,) = df([Point(2.0, 3.0)])
    assert type(inside) is Point


# --- staleness


def test_a_rebound_global_makes_a_new_version() -> None:
    space: dict[str, Any] = {"rate": 0.5}

    def compiler(kinds: Kinds) -> Lowered:
        text = f"def f(x, k=2):\n    return {space['rate']} * x\n"
        return Lowered(text, compile_source(text, "f"), guards=((space, "rate", space["rate"]),))

    df = derivative(compiler)
    assert df(2.0) == 1.0
    space["rate"] = 3.0
    assert df(2.0) == 6.0
    assert "3.0" in df.source
    space["rate"] = 4.0
    assert "4.0" in df.lower(2.0).source


def test_a_rebound_closure_variable_makes_a_new_version() -> None:
    rate = 0.5

    def f(x: Any) -> Any:
        return rate * x

    cells = f.__closure__
    assert cells is not None

    def compiler(kinds: Kinds) -> Lowered:
        text = f"def f(x):\n    return {rate}\n"
        return Lowered(text, compile_source(text, "f"), guards=((cells[0], "rate", rate),))

    df = derivative(compiler, primal=f)
    assert df(2.0) == 0.5
    rate = 3.0
    assert df(2.0) == 3.0


def test_threads_share_one_version() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    barrier = threading.Barrier(8)
    results: list[float] = []

    def work() -> None:
        barrier.wait()
        results.append(df(3.0))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [12.0] * 8
    assert len(compiler.requests) == 1


# --- looking at it


def test_it_keeps_name_doc_and_signature() -> None:
    df = derivative()
    assert (df.__name__, df.__doc__) == ("square", "x squared, k times.")
    assert df.__module__ == __name__
    assert inspect.signature(df) == inspect.signature(square)
    assert df.primal is square
    assert repr(df) == "<srcgrad grad of square>"
    assert inspect.signature(Derivative).parameters["compiler"]  # the class itself is not wrapped


def test_a_ufunc_has_operands() -> None:
    text = "def tanh_grad(x, /):\n    return 1.0\n"
    df = derivative(Recorder(text, "tanh_grad"), primal=np.tanh)
    assert df(2.0) == 1.0


def test_source_is_general_first_and_then_the_latest() -> None:
    compiler = Recorder()
    df = derivative(compiler)
    assert df.source == TEXT + "# version 1\n"
    assert compiler.requests == [{}]
    df(1.0)
    assert df.source == TEXT + "# version 2\n"


def test_getsource_shows_the_derivative() -> None:
    df = derivative()
    assert inspect.getsource(df) == TEXT
    df(1.0)
    assert inspect.unwrap(df) is df.lower(1.0).function


def test_what_cannot_be_compiled_has_no_source_but_a_signature() -> None:
    def refuse(kinds: Kinds) -> Lowered:
        raise SrcgradError("no rule")

    df = derivative(refuse)
    assert inspect.signature(df) == inspect.signature(square)
    assert not hasattr(df, "__wrapped__")
    with pytest.raises(SrcgradError, match="no rule"):
        _ = df.source


def test_lower_gives_the_plain_function() -> None:
    lowered = derivative().lower(np.ones(3))
    assert inspect.isfunction(lowered.function)
    assert lowered.function(3.0) == 12.0
    assert lowered.source.startswith("def square_grad")


def test_save(tmp_path: Path) -> None:
    df = derivative()
    df.save(tmp_path / "square_grad.py")
    df.lower(1.0).save(tmp_path / "lowered.py")
    assert (tmp_path / "square_grad.py").read_text() == TEXT + "# version 1\n"
    assert (tmp_path / "lowered.py").read_text() == TEXT + "# version 2\n"


def test_html_is_escaped() -> None:
    text = 'def square_grad(x, k=2):\n    return "<b>" if x < k else x\n'
    assert "&lt;b&gt;" in derivative(Recorder(text))._repr_html_()


def test_as_a_method() -> None:
    text = "def f_grad(self, x):\n    return self.w\n"

    class Model:
        w = 7.0

        def f(self, x: Any) -> Any:
            return self.w * x

        df = derivative(Recorder(text, "f_grad"), primal=f)

    assert Model().df(1.0) == 7.0
    assert isinstance(Model.df, Derivative)


def test_copies_are_the_object_itself() -> None:
    df = derivative()
    assert copy.copy(df) is df
    assert copy.deepcopy({"df": df})["df"] is df


def test_an_error_in_generated_code_shows_the_users_line(tmp_path: Path) -> None:
    model = tmp_path / "model.py"
    model.write_text("\n" * 8 + "    return k * x * x\n")
    df = derivative(Recorder(file=str(model)))
    with pytest.raises(TypeError) as info:
        df(2.0, "k")
    frames = traceback.extract_tb(info.value.__traceback__)
    assert [frame.name for frame in frames][-3:] == ["__call__", "square", "square_grad"]
    assert frames[-2].line == "return k * x * x"
    assert [frame.name for frame in frames].count("__call__") == 1
