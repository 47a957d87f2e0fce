"""The `srcgrad` command: derivatives of files, for build scripts and for people.

Exit codes: 0 done (fresh, correct); 1 a file is stale, or a gradient check fails; 2 the input or
the command line cannot be served, with the reasons on stderr; 3 a fault of srcgrad's own. Input
files are read, never imported or executed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import re
import shlex
import sys
import tokenize
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np

from srcgrad import trees
from srcgrad.api import transform
from srcgrad.backends.numpy import compile_source, write_atomic
from srcgrad.differences import central_differences
from srcgrad.errors import InternalError, Problem, SrcgradError, UnsupportedError
from srcgrad.frontend import StaticModule, open_file
from srcgrad.graph import svg, table, trace
from srcgrad.graph.symbols import value_text
from srcgrad.graph.values import as_arrays, as_floats
from srcgrad.ir.core import Function
from srcgrad.options import Mode
from srcgrad.view import comparison, highlight, wants_colour

BACKENDS = ("numpy", "numba")
MODES: tuple[Mode, ...] = get_args(Mode)
OK, DIFFERS, REFUSED, FAULT = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Usage errors leave through argparse, with code 2."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130
    except InternalError as error:
        return _fault(error)
    except (SrcgradError, OSError) as error:
        print(_plain(error), file=sys.stderr)
        return REFUSED
    except Exception as error:
        return _fault(error)


def _plain(error: Exception) -> str:
    if isinstance(error, UnsupportedError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"srcgrad: {where}{error.strerror or error}"
    return f"srcgrad: {error}"


def _fault(error: Exception) -> int:
    if os.environ.get("SRCGRAD_DEBUG"):
        traceback.print_exception(error)
    print(
        f"srcgrad: internal error: {type(error).__name__}: {error}\n"
        "This is a fault of srcgrad. Please report it with the file that shows it; "
        "SRCGRAD_DEBUG=1 prints the traceback.",
        file=sys.stderr,
    )
    return FAULT


# --- the command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="srcgrad", description="The derivative of a NumPy program, as a NumPy program."
    )
    parser.add_argument("--version", action="version", version=f"srcgrad {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    sub = _command(commands, "transform", _transform, "write the derivatives of a file's functions")
    sub.add_argument("file", metavar="FILE", help="Python source; it is not imported")
    sub.add_argument("-o", "--output", metavar="OUT", help="file to write (default: print)")
    sub.add_argument(
        "--function", metavar="NAME", nargs="+", action="extend",
        help="functions (default: those decorated with @grad or @value_and_grad, else all public)",
    )  # fmt: skip
    sub.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if OUT is not up to date"
    )
    _derivative_options(sub)

    sub = _command(commands, "show", _show, "print the derivative of a function, highlighted")
    sub.add_argument("target", metavar="FILE:FUNCTION", type=_target)
    _derivative_options(sub)

    sub = _command(commands, "check", _check, "compare a gradient with central differences")
    sub.add_argument("target", metavar="FILE:FUNCTION", type=_target)
    _value_options(sub)

    sub = _command(commands, "graph", _graph, "print and draw the computational graph of one call")
    sub.add_argument("target", metavar="FILE:FUNCTION", type=_target)
    sub.add_argument("-o", "--output", metavar="SVG", help="file for the picture")
    _value_options(sub)
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    sub.set_defaults(run=run)
    return sub


def _derivative_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--mode", choices=MODES, default="grad", help="default: grad")
    sub.add_argument("--backend", choices=BACKENDS, default=BACKENDS[0], help="default: numpy")
    sub.add_argument("--parallel", action="store_true", help="numba: loops on several cores")
    _value_options(sub)


def _value_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--wrt",
        metavar="NAME[,NAME]",
        type=_names,
        default=(),
        help="parameters to differentiate with respect to",
    )
    sub.add_argument(
        "--at", metavar="NAME=VALUE", nargs="+", action="extend", default=[], type=_binding,
        help="argument values: Python literals; lists become arrays",
    )  # fmt: skip


class Target(NamedTuple):
    """A function in a file, as `FILE:FUNCTION` names it."""

    file: str
    function: str


class Binding(NamedTuple):
    """The value of an argument, and how it was typed."""

    name: str
    value: Any
    text: str


def _target(text: str) -> Target:
    file, colon, function = text.rpartition(":")
    if not colon or not file or not function.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FILE:FUNCTION")
    return Target(file, function)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(name.isidentifier() for name in names):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of parameter names")
    return names


def _binding(text: str) -> Binding:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    try:
        return Binding(name, as_arrays(ast.literal_eval(value.strip())), text)
    except (ValueError, SyntaxError, TypeError):
        raise argparse.ArgumentTypeError(f"the value in {text!r} is not a Python literal") from None


def _version() -> str:
    try:
        return version("srcgrad")
    except PackageNotFoundError:
        return "(not installed)"


# --- the commands


def _transform(options: argparse.Namespace) -> int:
    if options.check and not options.output:
        print("srcgrad transform: --check needs -o OUT", file=sys.stderr)
        return REFUSED
    if options.output and _same_file(options.file, options.output):
        print(f"srcgrad: {options.output}: this is the input; name another file", file=sys.stderr)
        return REFUSED
    _require(options.file, options.function or ())
    chosen = (options.function, options.mode, options.wrt, options.at, _command_line(options))
    text = _derivative(options.file, *chosen, options.backend, options.parallel)
    if options.check:
        return _compare(text, options.output)
    if options.output:
        write_atomic(options.output, text)
    else:
        sys.stdout.write(text)
    return OK


def _compare(text: str, path: str) -> int:
    """The freshness check: 0 if the file holds `text`, otherwise 1 and the difference on stderr."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            found = file.read()
    except FileNotFoundError:
        print(f"{path}: does not exist yet", file=sys.stderr)
        return DIFFERS
    if _unsigned(found) == _unsigned(text):
        return OK
    print(f"{path}: out of date", file=sys.stderr)
    pair = (found.splitlines(keepends=True), text.splitlines(keepends=True))
    sys.stderr.writelines(difflib.unified_diff(*pair, path, f"{path} (regenerated)"))
    return DIFFERS


def _unsigned(text: str) -> str:
    """A generated text without its command: the same file may be called by another path."""
    return re.sub(r"^Regenerate: srcgrad .*$", "", text, count=1, flags=re.MULTILINE)


def _show(options: argparse.Namespace) -> int:
    target: Target = options.target
    _require(target.file, [target.function])
    chosen = ([target.function], options.mode, options.wrt, options.at, "")
    text = _derivative(target.file, *chosen, options.backend, options.parallel)
    sys.stdout.write(highlight(text) if wants_colour(sys.stdout) else text)
    return OK


def _check(options: argparse.Namespace) -> int:
    """The generated pullback against differences, and the generated value against the program's.

    The cotangent of a number is 1, that of an array is drawn at random, the same each time.
    """
    name = options.target.function
    _require(options.target.file, [name])
    module = open_file(options.target.file)
    function = module.lower(module.functions[name])
    wrt = options.wrt or tuple(param.name for param in function.params[:1])
    at = {b.name: as_floats(b.value) if b.name in wrt else b.value for b in options.at}
    names, values = _arguments(function, at, wrt)
    text = _derivative(options.target.file, [name], "vjp", wrt, options.at)
    run = compile_source(text, f"{name}_vjp")
    draw = np.random.default_rng(0).standard_normal
    wanted = tuple(names.index(parameter) for parameter in wrt)
    try:
        value, pullback = run(*values)
        cotangent = trees.map_leaves(
            lambda leaf: draw(np.shape(leaf)) if np.ndim(leaf) else 1.0, value
        )
        gradients = pullback(cotangent)
        expected = central_differences(
            lambda *args: _weighted(cotangent, run(*args)[0]), values, wanted
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise SrcgradError(f"{name} raises {type(error).__name__} here: {error}") from error
    text, good = comparison(wrt, gradients, expected, float(abs(_weighted(cotangent, value))))
    print(f"{name} = {value_text(value, 10)}\n{text}", end="")
    inputs = dict(zip(names, values, strict=True))
    return OK if _agrees_with_program(function, module, inputs, value) and good else DIFFERS


def _weighted(cotangent: Any, value: Any) -> Any:
    """The number whose gradient a pullback gives."""
    pairs = zip(trees.flatten(cotangent)[0], trees.flatten(value)[0], strict=True)
    return sum(np.sum(bar * leaf) for bar, leaf in pairs if trees.is_float_leaf(leaf))


def _agrees_with_program(
    function: Function, module: StaticModule, at: dict[str, Any], value: Any
) -> bool:
    """Whether the value is that of the program itself, run by the interpreter of the graph."""
    try:
        graph = trace(function, module.lower, at)
    except SrcgradError:  # it traces less than can be differentiated
        return True
    leaves = [leaf for leaf in trees.flatten(value)[0] if trees.is_float_leaf(leaf)]
    own = [graph.nodes[position].value for _, position in graph.outputs]
    for ours, theirs in zip(leaves, own, strict=False):
        if not np.allclose(ours, theirs, rtol=1e-9, atol=1e-12, equal_nan=True):
            print(f"the value is {ours!r}, that of the program is {theirs!r}", file=sys.stderr)
            return False
    return True


def _graph(options: argparse.Namespace) -> int:
    target: Target = options.target
    _require(target.file, [target.function])
    module = open_file(target.file)
    function = module.lower(module.functions[target.function])
    graph = trace(
        function, module.lower, {b.name: b.value for b in options.at}, options.wrt or None
    )
    picture = svg(graph) if options.output else ""
    sys.stdout.write(table(graph))
    if options.output:
        write_atomic(options.output, picture)
    return OK


def _derivative(
    file: str,
    functions: Sequence[str] | None,
    mode: Mode,
    wrt: Sequence[str],
    at: Sequence[Binding],
    command: str = "",
    backend: str = BACKENDS[0],
    parallel: bool = False,
) -> str:
    """The generated module. Ints among the arguments `wrt` stand for floats."""
    values = {b.name: as_floats(b.value) if b.name in wrt else b.value for b in at}
    names = wrt[0] if len(wrt) == 1 else tuple(wrt) or None
    return transform(
        Path(file),
        functions=functions,
        wrt=names,
        mode=mode,
        at=values or None,
        command=command,
        backend=backend,
        parallel=parallel,
    )


def _command_line(options: argparse.Namespace) -> str:
    """How to make OUT again, for its header: without this machine's folders."""
    if not options.output:
        return ""
    paths = [p if not os.path.isabs(p) else Path(p).name for p in (options.file, options.output)]
    words = ["srcgrad", "transform", Path(paths[0]).as_posix(), "-o", Path(paths[1]).as_posix()]
    words += ["--function", *options.function] if options.function else []
    words += ["--wrt", ",".join(options.wrt)] if options.wrt else []
    words += ["--mode", options.mode] if options.mode != MODES[0] else []
    words += ["--backend", options.backend] if options.backend != BACKENDS[0] else []
    words += ["--parallel"] if options.parallel else []
    words += ["--at", *(b.text for b in options.at)] if options.at else []
    line = shlex.join(words)
    return line if line.isprintable() and "\\" not in line and '"' not in line else ""


def _arguments(
    function: Function, at: dict[str, Any], wrt: Sequence[str]
) -> tuple[list[str], list[Any]]:
    """Parameter names and their values; those without one have their default."""
    names = [param.name for param in function.params]
    for name in (*at, *wrt):
        if name not in names:
            known = ", ".join(names)
            raise SrcgradError(f"{function.name} has no parameter `{name}`; it takes {known}")
    missing = [p.name for p in function.params if p.name not in at and not p.has_value]
    if missing:
        raise SrcgradError(f"{function.name} needs --at {' '.join(f'{n}=...' for n in missing)}")
    return names, [at.get(p.name, p.value) for p in function.params]


# --- the input file


def _require(file: str, functions: Sequence[str]) -> None:
    """Refuse early, in one message, what is no Python file or lacks a function asked for."""
    try:
        with tokenize.open(file) as stream:
            tree = ast.parse(stream.read(), file)
    except SyntaxError as error:
        line, col = error.lineno or 1, max(0, (error.offset or 1) - 1)
        source = (error.text or "").rstrip()
        raise UnsupportedError(Problem(file, line, col, str(error.msg), "", source)) from None
    except ValueError as error:  # undecodable bytes and null bytes
        raise SrcgradError(f"{file}: not Python source: {error}") from None
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for name in functions:
        if name not in defined:
            known = f"it defines {', '.join(defined)}" if defined else "it defines none"
            raise SrcgradError(f"{file}: no function `{name}`; {known}")


def _same_file(one: str, other: str) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)
