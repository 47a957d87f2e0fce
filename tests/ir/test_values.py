"""Kinds and keys of values: equal keys mean equal kinds, and nothing active looks discrete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcgrad.errors import SrcgradError
from srcgrad.ir.kinds import BOOL, FLOAT, FLOAT64, INT, NONE, OBJECT, STR, Dim, Kind, array, scalar
from srcgrad.ir.values import LONG, exact_key, key_of_value, kind_of_value


@dataclass
class Layer:
    w: Any
    name: str = "layer"


class Pair(NamedTuple):
    a: Any
    b: Any


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, FLOAT),
        (2, INT),
        (True, BOOL),
        (1j, scalar("pc")),
        (None, NONE),
        ("text", STR),
        (np.float64(1), FLOAT64),
        (np.float32(1), scalar("f4")),
        (np.int16(1), replace(scalar("i"), narrow=True)),
        (np.longlong(1), scalar("i")),
        (np.bool_(True), scalar("b")),
        (np.zeros(()), array("f8", ())),
        (np.zeros((3, 1), np.float32), array("f4", (Dim("x.0"), 1))),
        (np.zeros(3, np.uint8), replace(array("i", (Dim("x.0"),)), narrow=True)),
        (np.zeros(2, np.complex64), array("c8", (Dim("x.0"),))),
        (np.array(["a"]), OBJECT),
        (len, OBJECT),
    ],
)
def test_kind_of_a_leaf(value: Any, kind: Kind) -> None:
    assert kind_of_value(value, "x") == kind


def test_lengths_are_known_by_what_they_are_at_least() -> None:
    kind = kind_of_value(np.zeros((3, 0, 9, 1)), "x")
    assert kind.shape is not None
    assert [n.floor if isinstance(n, Dim) else n for n in kind.shape] == [2, 0, 8, 1]


def test_containers_keep_their_items() -> None:
    kind = kind_of_value({"w": [np.zeros(2), 1.0], "n": 3}, "p")
    assert kind.item("n") == INT
    assert kind.item("w").item(1) == FLOAT
    assert kind.item("w").item(0) == array("f8", (Dim("p['w'][0].0"),))


def test_named_tuples_are_tuples() -> None:
    assert kind_of_value(Pair(1.0, 2), "p") == Kind(
        "tuple", items=((0, FLOAT), (1, INT)), fields=Pair._fields
    )


def test_a_dataclass_is_not_discrete_and_names_its_fields() -> None:
    kind = kind_of_value(Layer(np.float64(1)), "p")
    assert not kind.is_discrete
    assert kind.item("w") == FLOAT64


@pytest.mark.parametrize("same", [True, False])
def test_long_lists_are_known_by_their_element(same: bool) -> None:
    values = [np.zeros(4) for _ in range(LONG + 1)] + [np.zeros(4 if same else 5)]
    kind = kind_of_value(values, "xs")
    assert kind.items is None
    assert kind.element == array("f8", (Dim("xs[].0"),) if same else None)
    assert key_of_value(values) == key_of_value([values[0], *values])  # whatever the length


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.ma.masked_array([1.0]), "plain array"),
        (np.array([1.0], object), "objects"),
        (np.zeros(2, [("a", float)]), "structured"),
    ],
)
def test_arrays_of_another_arithmetic_are_refused(value: Any, reason: str) -> None:
    with pytest.raises(SrcgradError, match=rf"`x` is .*{reason}"):
        kind_of_value(value, "x")
    assert key_of_value(value) != key_of_value(np.zeros(value.shape))


def test_foreign_arrays_are_refused_rather_than_taken_for_constants() -> None:
    class Series:
        def __array__(self) -> Any:
            return np.zeros(3)

    with pytest.raises(SrcgradError, match=r"`x` is a .*Series"):
        kind_of_value(Series(), "x")
    with pytest.raises(SrcgradError, match=r"`x\[0\]` is a .*Series"):
        kind_of_value((Series(), 1.0), "x")


def test_a_matrix_is_refused() -> None:
    class Matrix(np.ndarray):
        pass

    matrix = np.zeros((2, 2)).view(Matrix)
    assert key_of_value(matrix) != key_of_value(np.zeros((2, 2)))
    with pytest.raises(SrcgradError, match="Matrix"):
        kind_of_value(matrix, "x")


LEAVES = st.one_of(
    st.floats(allow_nan=False),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=2),
    st.sampled_from([np.float64(1), np.float32(1), np.int64(1)]),
    st.builds(
        np.zeros,
        st.lists(st.integers(0, 2), max_size=3).map(tuple),
        st.sampled_from([np.float32, np.float64, np.int32]),
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("ab"), inner),
        st.builds(Layer, inner),
        st.builds(Pair, inner, inner),
    ),
    max_leaves=4,
)


@given(VALUES, VALUES)
def test_equal_keys_mean_equal_kinds(a: Any, b: Any) -> None:
    hash(key_of_value(a))
    if key_of_value(a) == key_of_value(b):
        assert kind_of_value(a, "x") == kind_of_value(b, "x")
    if kind_of_value(a, "x") != kind_of_value(b, "x"):
        assert key_of_value(a) != key_of_value(b)


@given(VALUES, VALUES)
def test_equal_exact_keys_mean_equal_keys(a: Any, b: Any) -> None:
    hash(exact_key(a))
    if exact_key(a) == exact_key(b):
        assert key_of_value(a) == key_of_value(b)
    if key_of_value(a) != key_of_value(b):
        assert exact_key(a) != exact_key(b)
