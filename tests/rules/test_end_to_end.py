"""Every sample of every rule, through the whole compiler: text in, gradient out, live and alone.

Each row becomes a function of its variable arguments in a file of its own kind; its weighted result
is
differentiated and compared with central differences. A refusal has to be a positioned one.
"""

from __future__ import annotations

import copy
import importlib.util
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, UnsupportedError, grad, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.rules.harness import Lit, Row, make_case
from tests.rules.samples import MODULES

# Differences leave the simplex, where SciPy puts the last probability right.
pytestmark = pytest.mark.filterwarnings("ignore:Some rows of .p. do not sum:FutureWarning")

PARTS = ("fft", "integrate", "linalg", "ndimage", "signal", "spatial.distance", "special", "stats")
HEAD = "\n".join(
    ["import math\n", "import numpy as np", *(f"import scipy.{part}" for part in PARTS), "\n\n"]
)
SYMBOLS = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "truediv": "{} / {}", "pow": "{} ** {}",
    "matmul": "{} @ {}", "mod": "{} % {}", "neg": "-{}", "pos": "+{}",
}  # fmt: skip


def rows() -> Iterator[Row]:
    seen = set()
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, list) and value and all(isinstance(v, Row) for v in value):
                for found in value:
                    if id(found) not in seen:
                        seen.add(id(found))
                        yield found


def is_float(value: Any) -> bool:
    """A number or array to differentiate; an infinite number is an order, say of a norm."""
    if isinstance(value, float):
        return bool(np.isfinite(value))
    return isinstance(value, np.ndarray) and value.dtype == float


def is_numeric_result(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) or (
        isinstance(value, np.ndarray) and value.dtype == float
    )


def text_of(row: Row, number: int) -> tuple[str, list[Any]] | None:
    """A function that makes the row's call, and its arguments; None where no text makes it."""
    values: list[Any] = []

    def spell(arg: Any) -> str | None:
        if isinstance(arg, Lit):
            return repr(arg.value)
        if isinstance(arg, (list, tuple)) and any(isinstance(a, np.ndarray) for a in arg):
            parts = [spell(a) for a in arg]
            close = ("[{}]", "({},)")[isinstance(arg, tuple)]
            return None if None in parts else close.format(", ".join(map(str, parts)))
        if isinstance(arg, tuple) and all(isinstance(item, int) for item in arg):
            return repr(arg)
        if isinstance(arg, type) and issubclass(arg, np.generic):
            return f"np.{arg.__name__}"
        if not isinstance(arg, (float, int, np.ndarray)):
            return None
        values.append(arg)
        return f"a{len(values) - 1}"

    args = [spell(arg) for arg in row.args]
    kwargs = {key: spell(arg) for key, arg in row.kwargs.items()}
    if None in args or None in kwargs.values():
        return None
    family, _, name = row.name.rpartition(".")
    if family == "operator":
        if name not in SYMBOLS:
            return None
        call = SYMBOLS[name].format(*args)
    elif family in ("method", "attr") or family.startswith("srcgrad."):
        return None
    else:
        given = [*map(str, args), *(f"{k}={v}" for k, v in kwargs.items())]
        module = family.replace("numpy", "np", 1)
        call = f"{'' if family == 'builtins' else module + '.'}{name}({', '.join(given)})"
    params = ", ".join(f"a{i}" for i in range(len(values)))
    body = f"    y = {call}\n    return {_weighed(row)}"
    return f"def f{number}({params}):\n{body}\n", values


def _weighed(row: Row) -> str:
    """One number of a result `y`, which may be a tuple or list of arrays and integers."""
    case = make_case(row)
    y = case.run(case.values)
    if not isinstance(y, (tuple, list)):
        return "np.sum(y * np.cos(y + 0.3))"
    used = [i for i, item in enumerate(y) if is_numeric_result(item)]
    return " + ".join(f"np.sum(y[{i}] * np.cos(y[{i}] + 0.{i + 3}))" for i in used) or "0.0"


def agree(found: Any, expected: Any) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert np.shape(ours) == np.shape(theirs)
        assert_near(ours, theirs, rtol=2e-4, atol=2e-6)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, dict[int, Any], Path]:
    """One file with a function for each row that a text can express."""
    made = {i: (row, text_of(row, i)) for i, row in enumerate(rows())}
    known = {i: (row, text) for i, (row, text) in made.items() if text is not None}
    path = tmp_path_factory.mktemp("rules") / "samples_as_text.py"
    path.write_text(HEAD + "\n\n".join(text[0] for _, text in known.values()))
    spec = importlib.util.spec_from_file_location("samples_as_text", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, known, path


def cases(
    programs: tuple[ModuleType, dict[int, Any], Path],
) -> Iterator[tuple[Row, Callable[..., Any], list[Any], tuple[int, ...], Any]]:
    """Rows whose call is differentiable at its sample: function, arguments, positions, slopes."""
    module, known, _ = programs
    for number, (row, text) in known.items():
        function, args = getattr(module, f"f{number}"), text[1]
        wrt = tuple(i for i, arg in enumerate(args) if is_float(arg))
        with np.errstate(all="ignore"):
            try:
                value = function(*copy.deepcopy(args))
            except TypeError:
                continue  # the result is no number: a tuple, a list
        if not wrt or not is_numeric_result(value) or not np.isfinite(value):
            continue
        with np.errstate(all="ignore"):
            expected = central_differences(
                lambda *a, f=function: f(*copy.deepcopy(a)), args, wrt, eps=row.step
            )
        if all(np.all(np.isfinite(slope)) for slope in expected):
            yield row, function, args, wrt, expected


def test_every_sample_live(programs: tuple[ModuleType, dict[int, Any], Path]) -> None:
    right, refused, wrong = 0, [], []
    for row, function, args, wrt, expected in cases(programs):
        try:
            with np.errstate(all="ignore"):
                found = grad(function, wrt)(*copy.deepcopy(args))
            agree(found, expected)
            right += 1
        except UnsupportedError as error:
            refused.append(f"{row}: {error.problems[0].message}")
        except (AssertionError, TypeError, ValueError, NameError, SrcgradError) as error:
            wrong.append(f"{row}: {type(error).__name__} {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert right > 400
    assert len(refused) < right / 10, "\n".join(refused)


def test_every_sample_ahead_of_time(programs: tuple[ModuleType, dict[int, Any], Path]) -> None:
    _, _, path = programs
    right, refused, wrong = 0, [], []
    for row, function, args, wrt, expected in cases(programs):
        names = list(inspect.signature(function).parameters)
        try:
            text = transform(path, functions=[function.__name__], wrt=[names[i] for i in wrt])
            namespace: dict[str, Any] = {}
            exec(text, namespace)
            with np.errstate(all="ignore"):
                found = namespace[f"{function.__name__}_grad"](*copy.deepcopy(args))
            agree(found, expected)
            right += 1
        except UnsupportedError as error:
            refused.append(f"{row}: {error.problems[0].message}")
        except (AssertionError, TypeError, ValueError, NameError, SrcgradError) as error:
            wrong.append(f"{row}: {type(error).__name__} {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert right > 300
