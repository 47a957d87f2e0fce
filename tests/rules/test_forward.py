"""Samples of all rules in forward mode, against reverse mode."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np

from srcgrad import SrcgradError, UnsupportedError, trees
from tests.forward import check_forward
from tests.rules.harness import Row
from tests.rules.test_complex import complex_rows
from tests.rules.test_end_to_end import HEAD, rows, text_of

# Single precision: the two modes add up in another order.
SINGLE = ("numpy.float32", "numpy.complex64")


def functions(made: dict[int, str], path: Path) -> ModuleType:
    """A module of the functions that these texts define."""
    path.write_text("import cmath\n" + HEAD + "\n\n".join(made.values()))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(samples: list[Row], path: Path, whole: bool) -> tuple[int, Counter[str], list[str]]:
    """How many are right, what is refused in forward mode alone, and what is wrong.

    `whole`: the result itself is paired with a cotangent, not one number made of it.
    """
    found = {i: (sample, text_of(sample, i)) for i, sample in enumerate(samples)}
    known = {i: (sample, text) for i, (sample, text) in found.items() if text is not None}
    texts = {i: result_of(text[0]) if whole else text[0] for i, (_, text) in known.items()}
    module = functions(texts, path)
    right, refused, wrong = 0, Counter[str](), []
    for number, (sample, (_, args)) in known.items():
        if not any(map(trees.has_float_leaf, args)):
            continue
        try:
            with np.errstate(all="ignore"):
                rtol = 1e-5 if sample.name in SINGLE else 1e-9
                check_forward(getattr(module, f"f{number}"), args, number, rtol)
            right += 1
        except UnsupportedError as error:
            refused[sample.name] += "forward mode" in str(error)
        except (AssertionError, TypeError, ValueError, NameError, SrcgradError) as error:
            wrong.append(f"{sample}: {type(error).__name__} {str(error)[:300]}")
    return right, +refused, wrong


def result_of(text: str) -> str:
    """The function that returns the result of the call as it is."""
    header, call, _ = text.split("\n", 2)
    return f"{header}\n{call}\n    return y\n"


def test_samples_of_real_numbers(tmp_path: Path) -> None:
    """Every second of them: neighbours are much alike."""
    samples = list(rows())[::2]
    right, refused, wrong = compare(samples, tmp_path / "real_samples.py", False)
    assert not wrong, "\n".join(wrong)
    assert right > 400
    assert sum(refused.values()) < right / 3, refused


def test_samples_of_complex_numbers(tmp_path: Path) -> None:
    """Every eighth of them: there are many."""
    samples = list(complex_rows())[::8]
    right, refused, wrong = compare(samples, tmp_path / "complex_samples.py", True)
    assert not wrong, "\n".join(wrong)
    assert right > 100
    assert sum(refused.values()) < right / 3, refused
