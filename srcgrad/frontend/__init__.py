"""Source text -> IR. The only package that knows gast trees; see `read_live` and `read_text`."""

from __future__ import annotations

from srcgrad.frontend.decorations import Decoration
from srcgrad.frontend.environment import LIBRARIES
from srcgrad.frontend.modules import StaticModule, open_file, read_text
from srcgrad.frontend.program import Program, read_live
from srcgrad.frontend.source import Source

__all__ = [
    "LIBRARIES",
    "Decoration",
    "Program",
    "Source",
    "StaticModule",
    "open_file",
    "read_live",
    "read_text",
]
