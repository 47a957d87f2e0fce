"""Derivatives are right without any pass of the optimiser, and without each one of them.

Each choice is tried with a part of the programs. All of them, with everything that their tests
compare: SRCGRAD_OPTIMIZE="2 -fold_sums" python -m pytest tests/programs tests/kernels
"""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, grad, transform
from srcgrad.differences import central_differences
from srcgrad.ir.core import Function
from srcgrad.ir.walk import contents
from srcgrad.optimize import fold_factors, passes
from srcgrad.options import LEVELS, PASSES, chosen_passes
from tests.agreement import assert_all_near
from tests.programs import control, nested_lists
from tests.programs.test_programs import ROWS, UNKNOWN_REFUSED, differentiated, inputs

CHOICES = ["0", "1", *(f"2 -{name}" for name in PASSES)]
PART = 6


@pytest.mark.parametrize("choice", CHOICES)
def test_gradients_with_a_choice_of_passes(choice: str) -> None:
    for program, make in ROWS[CHOICES.index(choice) % PART :: PART]:
        args = make(**inputs(7))
        wrt = differentiated(args)
        expected = central_differences(lambda *a, f=program: f(*copy.deepcopy(a)), args, wrt)
        assert_all_near(grad(program, wrt, optimize=choice)(*args), expected)
        if program.__name__ in UNKNOWN_REFUSED:
            continue
        names = list(inspect.signature(program).parameters)
        of = {"functions": [program.__name__], "wrt": [names[i] for i in wrt]}
        text = transform(Path(inspect.getsourcefile(program) or ""), optimize=choice, **of)
        namespace: dict[str, Any] = {}
        exec(text, namespace)
        assert_all_near(namespace[f"{program.__name__}_grad"](*args), expected)


def test_every_pass_does_something() -> None:
    """Some program is written otherwise without it; else leaving it out would not be tested."""
    idle = set(PASSES)
    more = [(weighted, lambda **given: (np.ones((90, 90)),))]
    more += [(turned, lambda **given: (np.ones((20, 3)),))]
    more += [(smoothed, lambda **given: (np.ones(9000),))]
    more += [(independent, lambda **given: (np.ones((4, 3)),))]
    more += [(lengths, lambda **given: (np.ones((2000, 3)),))]
    more += [(shifted, lambda **given: (np.ones(3),))]
    more += [(nested_lists.longest, lambda **given: (np.ones(3),))]
    more += [(nested_lists.lists_in_a_dict, lambda **given: (np.ones(3),))]
    more += [(halved, lambda **given: (np.ones(3),))]
    more += [(differences, lambda **given: (np.ones((90, 90)),))]
    more += [(shares, lambda **given: (np.ones((90, 90)),))]
    for program, make in [*ROWS, *more]:
        args = make(**inputs(7))
        wrt = differentiated(args)
        usual = grad(program, wrt).lower(*args).source if idle else ""
        for name in sorted(idle):
            if grad(program, wrt, optimize=f"2 -{name}").lower(*args).source != usual:
                idle.remove(name)
    assert idle == set()


def weighted(A: Any) -> Any:
    z = A * A[0]
    return np.sum(np.sum(z**2, axis=1) ** 2) + np.sum(np.where(z > 1.0, z * A, 0.0))


def smoothed(A: Any) -> Any:
    B = A.copy()
    for _ in range(2):
        B[1:-1] = A[:-2] + A[2:]
        A[1:-1] = B[:-2] + B[2:]
    return np.sum(A)


def independent(A: Any) -> Any:
    total = 0.0
    for row in A:
        total += np.sum(np.tanh(row) ** 2)
    return total


def turned(A: Any) -> Any:
    return np.sum(np.cross(np.sin(A), np.cos(A)) ** 2)


def shifted(m: Any) -> Any:
    return np.sum(np.sin((np.ones((4, 3)) - m) @ np.eye(3)))


def halved(x):
    if len(x) < 2:
        return x[0] * x[0]
    return halved(x[1:]) * np.sum(x) + halved(x[:-1])


def differences(x):
    step = x[1:] - x[:-1]
    return np.sum(step * step)


def shares(A: Any) -> Any:
    e = np.exp(A)
    return np.sum((e / np.sum(e, axis=1, keepdims=True)) ** 2)


def lengths(A: Any) -> Any:
    return np.sum(np.sqrt(np.sum(A * A, axis=1)))


def square_of_sum(x: Any) -> Any:
    y = x + x * 3.0
    return y * y


def test_the_words_of_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_passes() == chosen_passes(2) == LEVELS[2] == PASSES
    assert chosen_passes(0) == ()
    assert chosen_passes("0 +fold_sums") == ("fold_sums",)
    assert set(chosen_passes("-fold_sums")) == {*PASSES} - {"fold_sums"}
    monkeypatch.setenv("SRCGRAD_OPTIMIZE", "1 -dead_code")
    assert chosen_passes() == ("name_values", "fold_temporaries")
    assert chosen_passes(2) == PASSES
    text = grad(square_of_sum).lower(2.0).source
    monkeypatch.delenv("SRCGRAD_OPTIMIZE")
    assert text == grad(square_of_sum, optimize="1 -dead_code").lower(2.0).source
    assert text != grad(square_of_sum, optimize=2).lower(2.0).source


@pytest.mark.parametrize("said", ["3", "2 fold_sums", "2 -fold", "all", "2-fold_sums"])
def test_a_choice_that_is_none(said: str) -> None:
    with pytest.raises(SrcgradError, match="there are inline_calls, preaccumulate, spell_indices"):
        grad(control.recursion, optimize=said)


def test_a_pass_is_left_out_only_where_it_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all the same where what it looks for is not there, it leaves every statement."""
    needs, done = dict(passes.NEEDS), set[str]()

    def watched(name: str, run: passes.Pass) -> passes.Pass:
        def through(fn: Function, kinds: passes.Kinds) -> Function:
            new, there = run(fn, kinds), contents(fn.body)
            is_called_for = not any(there.isdisjoint(group) for group in needs[name])
            assert new.body is fn.body or is_called_for, name
            done.update({name} if is_called_for else {f"{name} in vain"})
            return new

        return through

    for table in (passes.BEFORE, passes.ALONE, passes.AFTER):
        for name in table.keys() & needs.keys():
            monkeypatch.setitem(table, name, watched(name, table[name]))
    monkeypatch.setattr(passes, "NEEDS", {})
    for row in ROWS:
        program, wrt = row[0], inspect.signature(row[0]).parameters
        if program.__name__ not in UNKNOWN_REFUSED:
            path = Path(inspect.getsourcefile(program) or "")
            transform(path, functions=[program.__name__], wrt=next(iter(wrt)))
        assert grad(program)(*row[1](**inputs(3))) is not None
    assert done >= {*needs, *(f"{name} in vain" for name in needs)} - {
        "place_extrema",
        "cross_rows",
    }


def test_factors_are_folded_wherever_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pass looks first whether it is worth the time: the texts are as if it did not."""
    sources = [inspect.getsource(row[0]) for row in ROWS if row[0].__name__ not in UNKNOWN_REFUSED]
    sources += [f"def f({', '.join(names)}):\n    return {value}\n" for names, value in SCALED]
    texts = []
    for look in (fold_factors._may_fold, lambda *given: True):
        monkeypatch.setattr(fold_factors, "_may_fold", look)
        texts.append([_text(f"import math\nimport numpy as np\n\n\n{text}") for text in sources])
    assert texts[0] == texts[1]
    assert sum("_grad" in text for text in texts[0]) > len(texts[0]) / 2


SCALED = [
    ("wxy", "np.sum(((x @ w - y) ** 2) ** 2)"),
    ("xy", "np.mean((0.5 * (2.0 * (x * y))) ** 2)"),
    ("xy", "np.sum(-(-(x[:, None] - y) ** 2) * 4.0)"),
    ("xw", "np.sum((2.0 * (x @ w)).T @ (0.5 * x)) + np.sum(-x * 0.25)"),
]


def _text(source: str) -> str:
    try:
        return transform(source, filename="program.py")
    except SrcgradError as error:
        return str(error)
