"""What became of a program: right, refused, left out, wrong or crashed.

A program is run as it is, differentiated live, and ahead of time from its text; the gradients are
compared with differences at every point, and arguments must be left as they were.
"""

from __future__ import annotations

import copy
import linecache
import re
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from srcgrad import UnsupportedError, grad, transform, value_and_grad
from tests.fuzz.deeper import WrongDeeper, deeper
from tests.fuzz.forward import WrongTangent, tangents
from tests.fuzz.slopes import LeftOut, floats, gradient, leaf

RTOL, ATOL = 2e-5, 2e-6
SECONDS = 30  # for one program
FAULTS = ("wrong", "crashed")


@dataclass(frozen=True)
class Verdict:
    """`kind`: right, refused, left out, wrong, crashed. `reason` is normalised, to be counted."""

    kind: str
    reason: str = ""
    detail: str = ""
    ahead: str = ""  # of the text written ahead of time: right, or the reason of its refusal
    forward: str = ""  # of forward mode: right, or the reason of its refusal
    deeper: str = ""  # of second derivatives: right, or the reason of a refusal

    @property
    def fault(self) -> bool:
        return self.kind in FAULTS


class Wrong(Exception):
    """A derivative that is not what differences say, or that changes what it must not change."""


def judge(text: str, *, ahead: bool = True, command: bool = False, deep: bool = False) -> Verdict:
    """The verdict on a module that defines `f` and `POINTS`. Faults come with their numbers.

    `ahead`: differentiate its text, too. `command`: do that with the command line. `deep`: compare
    second derivatives with differences, and the gradient that no pass has improved.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"), time_limit(SECONDS):
        warnings.simplefilter("ignore")
        try:
            module = load(text)
            points = known_slopes(module["f"], module["POINTS"])
        except LeftOut as reason:
            return Verdict("left out", str(reason))
        except Exception as error:
            return Verdict("left out", f"the program raises {type(error).__name__}", str(error))
        stage = "live"
        try:
            live(module, points, text)
            stage = "ahead of time"
            said = ahead_of_time(text, points, command) if ahead else ""
            stage = "forward mode"
            tangent = normal(tangents(module["f"], points, active(points[0][0]), text))
            stage = "deeper"
            second = normal(deeper(module["f"], points, active(points[0][0]))) if deep else ""
        except UnsupportedError as error:
            return Verdict("refused", normal(error.problems[0].message))
        except (Wrong, WrongTangent, WrongDeeper) as error:
            return Verdict(
                "wrong", f"{stage}: {normal(str(error)).split(':')[0]}", f"{stage}: {error}"
            )
        except Exception as error:
            said = "".join(traceback.format_exception(error)[-6:])
            return Verdict(
                "crashed", f"{stage}: {type(error).__name__}: {normal(str(error))}", said
            )
        return Verdict("right", ahead=said, forward=tangent, deeper=second)


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def load(text: str) -> dict[str, Any]:
    """The module, with its text where `inspect` finds it."""
    name = f"<fuzz {zlib.crc32(text.encode()):08x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = sys.modules["fuzzed"] = ModuleType("fuzzed")  # dataclasses look their module up
    exec(compile(text, name, "exec"), vars(module))
    return vars(module)


Point = tuple[tuple[Any, ...], dict[Any, float], float]


def known_slopes(f: Callable[..., Any], points: Sequence[tuple[Any, ...]]) -> list[Point]:
    """Points that have slopes, with them and the value. Raises `LeftOut` where none has."""
    found, why = [], LeftOut("no points")
    for args in points:
        try:
            found.append((args, gradient(f, args), float(f(*copy.deepcopy(args)))))
        except LeftOut as reason:
            why = reason
    if not found:
        raise why
    return found


def active(args: Sequence[Any]) -> tuple[int, ...]:
    """Positions of the arguments that hold floats."""
    return tuple(k for k, arg in enumerate(args) if next(floats([arg]), None) is not None)


def live(module: dict[str, Any], points: Sequence[Point], text: str) -> None:
    wrt = active(points[0][0])
    with_value = zlib.crc32(text.encode()) % 2 == 0
    derivative = (value_and_grad if with_value else grad)(module["f"], wrt)
    for args, slopes, value in points:
        found = called(derivative, args)
        if with_value:
            if not np.isclose(found[0], value, rtol=1e-9, atol=1e-9):
                raise Wrong(f"the value: {found[0]!r}, the program says {value!r}")
            found = found[1]
        compare(found, wrt, args, slopes, value)
    if module.get("SINGLE"):
        in_single_precision(module["f"], points, wrt)


def called(derivative: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Its result, after a check that the arguments are as before and are not shared."""
    given = copy.deepcopy(args)
    found = derivative(*given)
    for before, after in zip(arrays(args), arrays(given), strict=True):
        if not np.array_equal(before, after):
            raise Wrong(f"an argument was changed: {before} to {after}")
    if any(np.shares_memory(a, b) for a in arrays(found) for b in arrays(given)):
        raise Wrong("the gradient shares memory with an argument")
    return found


def arrays(tree: Any) -> list[np.ndarray]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return [found for part in tree for found in arrays(part)]
    return [np.asarray(tree)]


def compare(
    found: Any, wrt: Sequence[int], args: Any, slopes: dict[Any, float], value: float
) -> None:
    scale = max(1.0, abs(value), *map(abs, slopes.values()))
    for path, expected in slopes.items():
        given, got = args[path[0]], found[wrt.index(path[0])]
        where = (wrt.index(path[0]), *path[1:])
        if isinstance(given, np.ndarray) and np.shape(got) != given.shape:
            raise Wrong(f"a shape: {np.shape(got)} of an argument of shape {given.shape}")
        number = leaf(found, where)
        if not abs(number - expected) <= RTOL * abs(expected) + ATOL * scale:
            shown = {k: float(leaf(found, (wrt.index(k[0]), *k[1:]))) for k in slopes}
            raise Wrong(f"the gradient: {shown}, differences say {slopes}")


def in_single_precision(f: Any, points: Sequence[Point], wrt: Sequence[int]) -> None:
    """float32 arguments have float32 gradients, close to those in float64."""
    for args, slopes, value in points:
        narrow = tuple(
            arg.astype(np.float32) if isinstance(arg, np.ndarray) and arg.dtype == float else arg
            for arg in args
        )
        narrowed = float(f(*copy.deepcopy(narrow)))
        if not abs(narrowed - value) <= 1e-3 * (1 + abs(value)):
            continue  # another branch, or no number: single precision overflows
        found = called(grad(f, tuple(wrt)), narrow)
        for k, got in zip(wrt, found, strict=True):
            if isinstance(narrow[k], np.ndarray) and got.dtype != narrow[k].dtype:
                raise Wrong(f"a dtype: {got.dtype} of an argument of {narrow[k].dtype}")
        scale = max(1.0, abs(value), *map(abs, slopes.values()))
        for path, expected in slopes.items():
            number = leaf(found, (wrt.index(path[0]), *path[1:]))
            if not abs(number - expected) <= 2e-2 * scale:
                raise Wrong(f"the gradient in float32: {found}, differences say {slopes}")


def ahead_of_time(text: str, points: Sequence[Point], command: bool) -> str:
    """`right`, or the reason why the text alone was refused."""
    wrt = active(points[0][0])
    names = re.search(r"^def f\((.*)\):", text, re.MULTILINE)
    assert names is not None
    chosen = [names[1].split(", ")[k] for k in wrt]
    try:
        written = (by_command if command else by_call)(text, chosen)
    except UnsupportedError as error:
        return normal(error.problems[0].message)
    alone: dict[str, Any] = {"__name__": "written"}
    exec(compile(written, "<written ahead of time>", "exec"), alone)
    for args, slopes, value in points:
        try:
            found = called(alone["f_grad"], args)
        except TypeError as error:
            if "annotate the parameters" in str(error):  # a refusal that needs the values
                return f"when it runs: {normal(str(error))}"
            raise
        if command and len(wrt) == 1:  # one name gives one gradient, no tuple
            found = (found,)
        compare(found, wrt, args, slopes, value)
    return "right"


def by_call(text: str, wrt: Sequence[str]) -> str:
    return transform(text, functions=["f"], wrt=wrt, filename="program.py")


def by_command(text: str, wrt: Sequence[str]) -> str:
    """What `python -m srcgrad transform` prints; a refusal of it is one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(text)
        command = [sys.executable, "-m", "srcgrad", "transform", str(path), "--wrt", ",".join(wrt)]
        done = subprocess.run([*command, "--function", "f"], capture_output=True, text=True)
    if done.returncode == 2:
        by_call(text, wrt)  # raises the same refusal
    if done.returncode:
        raise RuntimeError(f"the command failed: {done.stderr[-400:]}")
    return done.stdout


def normal(message: str) -> str:
    """A reason without the names of one program."""
    message = re.sub(r"0x[0-9a-f]+", "_", message)
    message = re.sub(r"\b[a-zA-Z]+\d+(@\d+)?\b|`[a-zA-Z](@\d+)?`", "_", message)
    return re.sub(r"\d+(\.\d+)?", "#", message).splitlines()[0][:160] if message else ""
