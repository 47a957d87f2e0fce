"""Random programs as loops, run by Python itself, against the NumPy backend.

Run: python -m tests.loops.fuzz FIRST COUNT [PROFILE]
"""

from __future__ import annotations

import copy
import inspect
import sys
import traceback
import warnings
from collections import Counter
from typing import Any

import numpy as np

from srcgrad import SrcgradError, trees
from tests.fuzz.oracle import load, time_limit
from tests.fuzz.program import from_seed
from tests.loops.survey import Outcome, Program, survey_text


def judge(seed: int, profile: str) -> tuple[str, Outcome]:
    """The text of one random program, and what became of it."""
    text = from_seed(seed, profile).text
    with warnings.catch_warnings(), np.errstate(all="ignore"), time_limit(30):
        warnings.simplefilter("ignore")
        try:
            module = load(text)
            points: Any = module["POINTS"]
            args = tuple(points[0])
            value = module["f"](*copy.deepcopy(args))
        except Exception as error:
            return text, Outcome("left out", type(error).__name__)
        floats = [leaf for leaf in trees.flatten(value)[0] if trees.is_float_leaf(leaf)]
        if not all(np.all(np.isfinite(leaf)) for leaf in floats):
            return text, Outcome("left out", "the value is not finite")
        wrt = tuple(i for i, arg in enumerate(args) if trees.has_float_leaf(arg))
        program = Program("f", module["f"], lambda n: tuple(points[0]), wrt)
        assert inspect.isfunction(program.function)
        try:
            outcome = survey_text(program)
            fault = "a fault of srcgrad" in outcome.reason
            return text, Outcome("WRONG", outcome.reason) if fault else outcome
        except SrcgradError as error:
            return text, Outcome("refused", str(error).splitlines()[0])
        except Exception as error:
            shown = "".join(traceback.format_exception(error)[-4:])
            return text, Outcome("WRONG", shown)


def main() -> int:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    profile = sys.argv[3] if len(sys.argv) > 3 else "all"
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for seed in range(first, first + count):
        text, outcome = judge(seed, profile)
        counts[outcome.word] += 1
        if outcome.word == "WRONG":
            print(f"--- seed {seed}: {outcome.reason}\n{text}", flush=True)
        elif outcome.word != "right":
            reasons[f"{outcome.word}: {outcome.reason[:90]}"] += 1
    for reason, times in reasons.most_common(30):
        print(f"{times:6d}  {reason}")
    print(dict(counts))
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    sys.exit(main())
