"""One gradient by each tool: a call without arguments."""

from __future__ import annotations

import ast
import atexit
import contextlib
import functools
import importlib.util
import inspect
import io
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from .case import Case, leaves, mapped

Call = Callable[[], Any]
FIRST = 20  # seconds, compiling included


class Refused(Exception):
    """The tool has no gradient of this case: why not, in its own words."""


def primal(case: Case) -> Call:
    if case.result == "value":
        raise Refused("takes derivatives itself")
    if case.writes:
        return lambda: case.primal(*case.copies())
    return lambda: case.primal(*case.args)


def hand(case: Case) -> Call:
    if case.by_hand is None:
        raise Refused("not written")
    return lambda: case.by_hand(*case.args)


def compiled_hand(case: Case) -> Call:
    import_tool("numba")
    if case.numba is None:
        raise Refused("not written")
    return lambda: case.numba(*case.args)


def srcgrad(case: Case) -> Call:
    return generated(case, "numpy")


def compiled(case: Case) -> Call:
    import_tool("numba")
    return generated(case, "numba")


def generated(case: Case, backend: str) -> Call:
    """The plain generated function, as a file of it would be called."""
    import srcgrad

    if case.result == "value" and backend == "numpy":
        return lambda: case.primal(*case.args)
    if case.result == "value":
        raise Refused("asks for its derivatives without a backend")
    if case.result == "jacobian":
        jacobian = srcgrad.jacobian(case.primal, argnums(case), backend=backend)
        return lambda: jacobian(*case.args)
    derivative = srcgrad.grad(case.primal, argnums(case), backend=backend)
    function = derivative.lower(*case.copies()).function
    return lambda: function(*case.args)


def argnums(case: Case) -> Any:
    return case.wrt[0] if len(case.wrt) == 1 else case.wrt


def autograd(case: Case) -> Call:
    import_tool("autograd")
    module = importlib.import_module("autograd.numpy")
    tool = importlib.import_module("autograd")
    if case.result == "value":
        program = rebound(case.primal, module, tool.grad)
        return lambda: program(*case.args)
    derivative = tool.jacobian if case.result == "jacobian" else tool.grad
    gradient = derivative(rebound(case.primal, module), argnums(case))
    args = case.copies()
    return lambda: gradient(*args)


def tangent(case: Case) -> Call:
    """tangent-ad reads source files, as srcgrad does, but no annotations."""
    tool = import_tool("tangent")
    if case.result != "gradient":
        raise Refused("has gradients only")
    with contextlib.redirect_stdout(io.StringIO()):
        gradient = tool.grad(unannotated(case.primal), wrt=case.wrt)
    if case.writes:
        return lambda: gradient(*case.copies())
    return lambda: gradient(*case.args)


@functools.lru_cache(None)
def plain_module(name: str) -> ModuleType:
    """A module whose functions have no annotations, in a file of its own."""
    tree = ast.parse(inspect.getsource(importlib.import_module(name)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for arg in node.args.args:
                arg.annotation = None
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / f"plain_{name.rpartition('.')[2]}.py"
    path.write_text(ast.unparse(tree), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unannotated(program: Callable[..., Any]) -> Callable[..., Any]:
    return getattr(plain_module(program.__module__), program.__name__)


def jax(case: Case) -> Call:
    tool = import_tool("jax")
    tool.config.update("jax_enable_x64", True)
    module = importlib.import_module("jax.numpy")
    if case.result == "value":  # branches on values: cannot be compiled
        program = rebound(case.primal, module, tool.grad)
        return lambda: tool.block_until_ready(program(*mapped(module.asarray, case.args)))
    program = case.jax or rebound(case.primal, module)
    fixed = tuple(n for n, arg in enumerate(case.args) if isinstance(arg, (int, tuple)))
    derivative = tool.jacfwd if case.result == "jacobian" else tool.grad
    gradient = tool.jit(derivative(program, case.wrt), static_argnums=fixed)
    args = tuple(
        arg if n in fixed else mapped(tool.numpy.asarray, arg) for n, arg in enumerate(case.args)
    )
    return lambda: tool.block_until_ready(gradient(*args))


def torch(case: Case) -> Call:
    tool = import_tool("torch")
    tool.set_num_threads(1)
    if case.torch is None:
        raise Refused("not written")
    args = [mapped(tensor, arg) for arg in case.copies()]
    if case.result == "jacobian":
        jacobian = tool.func.jacfwd(case.torch, case.wrt)
        return lambda: jacobian(*args)
    wanted = [leaf.requires_grad_() for n in case.wrt for leaf in leaves(args[n])]

    def call() -> Any:
        return tool.autograd.grad(case.torch(*args), wanted, materialize_grads=True)

    return call


def tensor(leaf: Any) -> Any:
    """Arrays as tensors that share their memory; a differentiated number as one, too."""
    tool = importlib.import_module("torch")
    if isinstance(leaf, float):
        return tool.tensor(leaf, dtype=tool.float64)
    return tool.from_numpy(leaf) if isinstance(leaf, np.ndarray) else leaf


TOOLS: dict[str, Callable[[Case], Call]] = {
    "primal": primal,
    "hand": hand,
    "hand_numba": compiled_hand,
    "srcgrad": srcgrad,
    "numba": compiled,
    "autograd": autograd,
    "tangent": tangent,
    "jax": jax,
    "torch": torch,
}
PACKAGES = {tool: tool for tool in ("numba", "autograd", "tangent", "jax", "torch")}
PACKAGES["hand_numba"] = "numba"


def import_tool(name: str) -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def missing(tool: str) -> str:
    """Why a tool cannot be measured here, or nothing."""
    try:
        if tool in PACKAGES:
            import_tool(PACKAGES[tool])
    except Exception as error:  # broken installations raise much more than ImportError
        return f"{type(error).__name__}: {error}"
    return ""


def rebound(
    program: Callable[..., Any], numpy: ModuleType, grad: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """The program with another module for `np` and `math`, and another `grad`; its helpers too."""
    module = importlib.import_module(program.__module__)
    namespace = {**vars(module), "np": numpy, "math": numpy, "grad": grad}
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            namespace[name] = FunctionType(value.__code__, namespace, name, value.__defaults__)
    return namespace[program.__name__]


def ready(tool: str, case: Case) -> tuple[Call, list[Any], float]:
    """The call, its gradient, and the seconds from the program to that first gradient."""
    start = process_time()
    with quiet():
        try:
            with limit():
                call = TOOLS[tool](case)
                result = call()
        except Refused:
            raise
        except Exception as error:
            raise Refused(reason(error)) from error
    seconds = process_time() - start
    return call, [np.asarray(leaf) for leaf in leaves(result)], seconds


def reason(error: Exception) -> str:
    """The first telling line of a refusal."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    told = next((line for line in lines if "error:" in line.lower()), lines[0])
    return f"{type(error).__name__}: {told}"[:160]


@contextlib.contextmanager
def limit() -> Iterator[None]:
    """By the clock: a timer of processor time makes that time coarse, which is measured.

    What runs outside Python is interrupted when it comes back.
    """

    def stop(*_: Any) -> None:
        raise Refused(f"takes more than {FIRST} s for the first call")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, FIRST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings that tools give of each other and of NumPy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
