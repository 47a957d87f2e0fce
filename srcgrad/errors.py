"""Errors as the user meets them: the place, the reason, and what to write instead.

A function's problems are collected and raised together, so that one run shows them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class SrcgradError(Exception):
    """Base of every error that srcgrad raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a function cannot be differentiated, at its place in the user's file."""

    file: str
    line: int  # 1-based
    col: int  # 0-based, as in `ast`
    message: str  # what is wrong
    remedy: str = ""  # what to write instead
    source: str = ""  # the source line, for the caret
    end_col: int | None = None

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.col + 1}: {self.message}"
        if self.source.strip():
            indent = len(self.source) - len(self.source.lstrip())
            width = max(1, min(self.end_col or 0, len(self.source.rstrip())) - self.col)
            text += f"\n    {self.source.strip()}\n    {' ' * (self.col - indent)}{'^' * width}"
        if self.remedy:
            text += f"\n    {self.remedy}"
        return text


class UnsupportedError(SrcgradError):
    """The function uses something without a proven derivative. Lists every problem found."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = tuple(sorted(set(found), key=lambda p: (p.file, p.line, p.col, p.message)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[UnsupportedError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class SourceError(SrcgradError):
    """The source text of a function cannot be had, or is not the text that was compiled."""


class InternalError(SrcgradError):
    """A broken promise inside srcgrad. Please report it with the function that showed it."""
