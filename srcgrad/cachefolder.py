"""A folder of entries on disk: written whole or not at all, read only if they are what was written.

Several processes may use one folder. An entry is a line that tells the digest of the rest; what
does not fit its digest, or cannot be read, counts as not there. The oldest entries go when there
are too many.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from srcgrad.backends.numpy import write_atomic

VARIABLE = "SRCGRAD_CACHE"
MOST_ENTRIES, MOST_BYTES = 2000, 64 * 2**20
_OFF, _ON = ("0", "off", "no", "false"), ("1", "on", "yes", "true")
_ENDING = ".json"
_ROOM = re.compile("-[0-9a-f]{40}$")  # the folder may be one of the user's, with folders in it


def chosen_folder(asked: bool) -> Path | None:
    """The folder to use, None for no cache. `asked`: `cache=True` was given.

    `SRCGRAD_CACHE` names a folder, or says `on` (the user's own) or `off`; it settles the matter
    where it is set.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if said.lower() in _OFF or not said and not asked:
        return None
    if not said or said.lower() in _ON:
        return users_folder()
    return Path(said).expanduser()


def users_folder() -> Path:
    """Where programs of this user keep what they can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local", "srcgrad")
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/srcgrad"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "srcgrad")


def read(folder: Path, key: str) -> Any:
    """The entry; None if there is none, or none that is whole."""
    path = folder / (key + _ENDING)
    try:
        if not _is_safe(folder):
            return None
        digest, _, body = path.read_text(encoding="utf-8").partition("\n")
        if digest != _digest(body):
            return None
        os.utime(path)  # the latest used is the last to go
        return json.loads(body)
    except (OSError, ValueError):
        return None


def write(folder: Path, key: str, entry: Any) -> None:
    """Keep an entry. Where that fails, the folder being full or not ours, nothing is kept."""
    body = json.dumps(entry)
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_safe(folder):
            write_atomic(folder / (key + _ENDING), f"{_digest(body)}\n{body}")
            _drop_oldest(folder)


def room(folder: Path, key: str) -> Path | None:
    """A folder for files that belong to an entry, and go with it. None where none can be had."""
    own = folder / key
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own.mkdir(mode=0o700, exist_ok=True)
        return own if _is_safe(folder) and _is_safe(own) else None
    except OSError:
        return None


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _is_safe(folder: Path) -> bool:
    """True unless others could put code into the folder, which would be run."""
    if not hasattr(os, "geteuid"):
        return True
    found = folder.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _drop_oldest(folder: Path) -> None:
    found: dict[str, tuple[int, int]] = {}  # when an entry was used, and its bytes
    for item in os.scandir(folder):
        name = item.name.removesuffix(_ENDING)
        if name == item.name and not (_ROOM.search(name) and item.is_dir(follow_symlinks=False)):
            continue
        with suppress(FileNotFoundError):  # another process was faster
            known, (used, size) = item.stat(), found.get(name, (0, 0))
            own = _size(item.path) if name == item.name else known.st_size
            found[name] = max(used, known.st_mtime_ns), size + own
    count, size = len(found), sum(own for _, own in found.values())
    for name, (_, own) in sorted(found.items(), key=lambda entry: entry[1]):
        if count <= MOST_ENTRIES and size <= MOST_BYTES:
            return
        shutil.rmtree(folder / name, ignore_errors=True)
        with suppress(FileNotFoundError):
            os.unlink(folder / (name + _ENDING))
        count, size = count - 1, size - own


def _size(room: str) -> int:
    """Bytes of the files in a folder, if it is there."""
    found = [os.path.join(at, name) for at, _, names in os.walk(room) for name in names]
    total = 0
    for path in found:
        with suppress(OSError):
            total += os.stat(path).st_size
    return total
