"""From text to a callable, so that every tool still shows the text.

The text is compiled under a file name of its own that `linecache` knows: `inspect.getsource`, pdb,
profilers and tracebacks then print its lines. With `SRCGRAD_SAVE_DIR` set the text is a real file
in that folder. Comments `# :4 return r @ r` in the text lead from a line that failed back to the
user's statement.
"""

from __future__ import annotations

import functools
import hashlib
import linecache
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

from srcgrad.errors import InternalError, SrcgradError

SAVE_DIR = "SRCGRAD_SAVE_DIR"
_ORIGIN = re.compile(r"\s*# :(\d+)(?: (.*))?$")
_DEF = re.compile(r"\s*def ")


def compile_source(
    text: str,
    name: str,
    namespace: Mapping[str, Any] | None = None,
    filename_hint: str = "",
    folder: str | os.PathLike[str] | None = None,
) -> Callable[..., Any]:
    """Execute `text` and return what it binds to `name`.

    `namespace` holds the names that the text reads without defining them; every call gets a module
    dictionary of its own. `filename_hint` names the function in the file name. The text is compiled
    once, however often this is called. It is a file of `folder`, where one is given, unless
    `SRCGRAD_SAVE_DIR` names another. Raises `InternalError` for a text that is not Python.
    """
    filename = _filename(text, filename_hint or name, os.environ.get(SAVE_DIR) or folder)
    register(text, filename)
    # of a file, the name is one that no other has: compiled code that is kept is known by it
    module_name = name if filename.startswith("<") else Path(filename).stem
    module: dict[str, Any] = {"__name__": f"generated.{module_name}", "__file__": filename}
    module |= namespace or {}
    exec(_code(text, filename), module)
    module |= namespace or {}  # the very objects, where the text writes their values out
    function: Callable[..., Any] = module[name]
    return function


def register(text: str, filename: str) -> None:
    """Make the lines of a text known to `linecache`, again if need be: `clearcache` forgets them.

    A modification time of None tells `linecache` that there is no file to compare with.
    """
    if filename.startswith("<") and filename not in linecache.cache:
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)


@functools.lru_cache(maxsize=1024)
def _code(text: str, filename: str) -> CodeType:
    try:
        return compile(text, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise InternalError(f"generated text is not Python: {error.msg}: {line!r}") from error


def _filename(text: str, hint: str, folder: str | os.PathLike[str] | None) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    if not folder:
        return f"<srcgrad {hint} {digest}>"
    path = Path(folder) / f"{re.sub(r'[^0-9A-Za-z_]', '_', hint)}_{digest}.py"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_atomic(path, text)
    except OSError as error:
        raise SrcgradError(f"{SAVE_DIR}: cannot write {path}: {error.strerror}") from error
    return str(path.resolve())


def write_atomic(path: str | os.PathLike[str], text: str) -> None:
    """Write a UTF-8 file with `\\n` line ends, whole or not at all."""
    write_whole(path, text.encode())


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file, whole or not at all."""
    import tempfile  # brings much, and is seldom needed

    target = Path(path)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, mode)  # mkstemp lets the owner alone read
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    value = os.umask(0o022)  # the mask can be read only by setting it
    os.umask(value)
    return value


# --- the user's line in a traceback


def origin(text: str, line: int) -> tuple[int, str] | None:
    """Line and statement of the user's behind a line (1-based) of the generated text."""
    for above in reversed(text.splitlines()[: line - 1]):
        found = _ORIGIN.match(above)
        if found:
            return int(found[1]), found[2] or ""
        if _DEF.match(above):
            return None
    return None


def own_line(text: str, line: int, user_file: str) -> tuple[int, str] | None:
    """The user's line that a line of the forward sweep repeats, if it stands once in the file."""
    statement = text.splitlines()[line - 1].split("  #")[0].strip()
    same = [n for n, own in enumerate(linecache.getlines(user_file), 1) if own.strip() == statement]
    return (same[0], statement) if len(same) == 1 else None


def user_traceback(
    exc: BaseException, text: str, user_file: str, function: Callable[..., Any], user_name: str
) -> TracebackType | None:
    """The exception's traceback, with a frame of the user's before each of the generated text.

    `function` is the generated function, `user_name` that of the user's. A frame without an
    origin, as those of the primal sweep are, stays alone: its line is the user's own. Adds a note
    that says the same in words where exceptions have notes (3.11).
    """
    filename = function.__code__.co_filename
    register(text, filename)
    entries = []
    entry = exc.__traceback__
    while entry is not None:
        entries.append(entry)
        entry = entry.tb_next
    rebuilt: TracebackType | None = None
    note = ""
    for entry in reversed(entries):
        frame = entry.tb_frame
        rebuilt = TracebackType(rebuilt, frame, entry.tb_lasti, entry.tb_lineno)
        if frame.f_code.co_filename != filename or not user_file:
            continue
        found = origin(text, entry.tb_lineno) or own_line(text, entry.tb_lineno, user_file)
        if found is not None:
            line, statement = found
            # Without an instruction there are no columns, so no carets under the wrong words.
            rebuilt = TracebackType(rebuilt, _frame(user_file, line, user_name), -1, line)
            note = note or f"in the derivative of {user_name}, {user_file}:{line}: {statement}"
    if note and hasattr(exc, "add_note") and note not in getattr(exc, "__notes__", ()):
        exc.add_note(note)
    return rebuilt


class _Stop(Exception):
    """Raised in a frame made for show, to get hold of it."""


def _frame(filename: str, line: int, name: str) -> FrameType:
    """A frame that stands at a line of a file."""
    code = compile("raise __srcgrad__", filename, "exec")
    code = code.replace(co_firstlineno=line, co_name=name)
    try:
        exec(code, {"__srcgrad__": _Stop, "__name__": "srcgrad", "__file__": filename})
    except _Stop as stop:
        assert stop.__traceback__ is not None and stop.__traceback__.tb_next is not None
        return stop.__traceback__.tb_next.tb_frame
    raise InternalError("the frame of a traceback did not stop")
