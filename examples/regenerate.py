"""Writes every committed derivative again, by the command that its own header names.

Run: python examples/regenerate.py [--check]
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from srcgrad.cli import main as srcgrad

HERE = Path(__file__).resolve().parent


def command_of(path: Path) -> list[str]:
    """Arguments of the `srcgrad` command in the header of a generated file, run from the root."""
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.startswith("Regenerate: srcgrad "):
            return shlex.split(text.removeprefix("Regenerate: srcgrad "))
    raise ValueError(f"{path} does not say how it was generated")


def main() -> int:
    """Largest exit code of the commands."""
    os.chdir(HERE.parent)
    extra = sys.argv[1:]
    return max(srcgrad([*command_of(path), *extra]) for path in sorted(HERE.glob("*_grad.py")))


if __name__ == "__main__":
    raise SystemExit(main())
