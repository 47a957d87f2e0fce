"""Kinds from annotations: `float`, `np.ndarray`, `NDArray[np.float64]`, `Float[np.ndarray, "n d"]`.

A named axis of a jaxtyping annotation has the same length wherever the name stands, in any
parameter.
What an annotation does not say stays unknown; an annotation that is not understood says nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from srcgrad.ir.kinds import (
    FLOAT,
    GENERATOR,
    INT,
    STR,
    UNKNOWN,
    Dim,
    Dtype,
    Kind,
    Length,
    array,
    scalar,
)

DTYPES: dict[str, Dtype] = {
    "float": "f8", "float64": "f8", "double": "f8", "float32": "f4", "single": "f4",
    "float16": "f2", "half": "f2", "int": "i", "int64": "i", "int32": "i",
    "intp": "i", "bool": "b", "bool_": "b",
}  # fmt: skip
JAXTYPING: dict[str, Dtype] = {
    "Float": "?", "Float64": "f8", "Float32": "f4", "Float16": "f2", "Int": "i", "Int64": "i",
    "Int32": "i", "Integer": "i", "Bool": "b",
}  # fmt: skip
GENERATORS = ("random.Generator", "random.RandomState", "random.Random")
PLAIN: dict[str, Kind] = {
    "float": FLOAT, "int": INT, "bool": scalar("b"), "str": STR,
    "dict": Kind("dict", element=UNKNOWN),
}  # fmt: skip


TypedDicts = Callable[[str], "dict[str, str] | None"]


def kind_of_annotation(text: str | None, name: str, typed_dicts: TypedDicts | None = None) -> Kind:
    """The kind that an annotation promises of parameter `name`; UNKNOWN if it promises none.

    `typed_dicts` gives the annotations of a `TypedDict` class by key, or None for any other name.
    """
    fields = typed_dicts(text) if text and typed_dicts is not None else None
    if fields is not None:
        items = ((key, kind_of_annotation(field, f"{name}.{key}")) for key, field in fields.items())
        return Kind("dict", items=tuple(items))
    if not text:
        return UNKNOWN
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return UNKNOWN
    return _kind(node, name)


def _kind(node: ast.expr, name: str) -> Kind:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return kind_of_annotation(node.value, name)
    if isinstance(node, (ast.Name, ast.Attribute)):
        word = _last(node)
        if word == "Generator" or ast.unparse(node).endswith(GENERATORS):
            return GENERATOR
        if isinstance(node, ast.Name) and word in PLAIN:
            return PLAIN[word]
        if word in ("float64", "float32", "float16", "double"):
            return scalar(DTYPES[word])
        return array("?", None) if word in ("ndarray", "NDArray") else UNKNOWN
    if isinstance(node, ast.Subscript):
        return _generic(_last(node.value), node.slice, name)
    return UNKNOWN


def _generic(word: str, inner: ast.expr, name: str) -> Kind:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if word in JAXTYPING and len(parts) == 2 and isinstance(parts[1], ast.Constant):
        shape = _named_shape(str(parts[1].value), name)
        if shape == ():
            return UNKNOWN  # a 0-d array or a number
        return array(JAXTYPING[word], shape)
    if word == "NDArray":
        return array(DTYPES.get(_last(parts[0]), "?"), None)
    if word == "ndarray":
        dtype = parts[-1]
        last = dtype.slice if isinstance(dtype, ast.Subscript) else dtype
        return array(DTYPES.get(_last(last), "?"), None)
    if word in ("list", "List", "Sequence") and len(parts) == 1:
        return Kind(
            "list" if word != "Sequence" else "unknown", element=_kind(parts[0], f"{name}[]")
        )
    if word in ("tuple", "Tuple"):
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis:
            return Kind("tuple", element=_kind(parts[0], f"{name}[]"))
        kinds = [_kind(part, f"{name}.{i}") for i, part in enumerate(parts)]
        return Kind("tuple", items=tuple(enumerate(kinds)))
    if word in ("dict", "Dict") and len(parts) == 2:
        return Kind("dict", element=_kind(parts[1], f"{name}[]"))
    return UNKNOWN


def _named_shape(text: str, name: str) -> tuple[Length, ...] | None:
    """`"n d"` as lengths; None for `...` and for anything computed."""
    lengths: list[Length] = []
    for axis, word in enumerate(text.split()):
        if word.isdigit():
            lengths.append(int(word))
        elif word.isidentifier() and word != "_":
            lengths.append(Dim(f"axis {word}"))
        elif word == "_":
            lengths.append(Dim(f"{name}.{axis}"))
        else:
            return None
    return tuple(lengths)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
