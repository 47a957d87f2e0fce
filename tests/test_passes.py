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
from srcgrad.options import LEVELS, PASSES, chosen_passes
from tests.programs import control
from tests.programs.test_programs import ROWS, UNKNOWN_REFUSED, agree, differentiated, inputs

CHOICES = ["0", "1", *(f"2 -{name}" for name in PASSES)]
PART = 6


@pytest.mark.parametrize("choice", CHOICES)
def test_gradients_with_a_choice_of_passes(choice: str) -> None:
    for program, make in ROWS[CHOICES.index(choice) % PART :: PART]:
        args = make(**inputs(7))
        wrt = differentiated(args)
        expected = central_differences(lambda *a, f=program: f(*copy.deepcopy(a)), args, wrt)
        agree(grad(program, wrt, optimize=choice)(*args), expected)
        if program.__name__ in UNKNOWN_REFUSED:
            continue
        names = list(inspect.signature(program).parameters)
        of = {"functions": [program.__name__], "wrt": [names[i] for i in wrt]}
        text = transform(Path(inspect.getsourcefile(program) or ""), optimize=choice, **of)
        namespace: dict[str, Any] = {}
        exec(text, namespace)
        agree(namespace[f"{program.__name__}_grad"](*args), expected)


def test_every_pass_does_something() -> None:
    """Some program is written otherwise without it; else leaving it out would not be tested."""
    idle = set(PASSES)
    large = lambda **given: (np.ones((90, 90)),)  # noqa: E731
    for program, make in [*ROWS, (weighted, large)]:
        args = make(**inputs(7))
        wrt = differentiated(args)
        usual = grad(program, wrt).lower(*args).source if idle else ""
        for name in sorted(idle):
            if grad(program, wrt, optimize=f"2 -{name}").lower(*args).source != usual:
                idle.remove(name)
    assert idle == set()


def weighted(A: Any) -> Any:
    z = A * A[0]
    return np.sum(np.sum(z**2, axis=1) ** 2)


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
    with pytest.raises(SrcgradError, match="there are inline_calls, spell_indices"):
        grad(control.recursion, optimize=said)
