"""The same generator, driven by hypothesis: it keeps, replays and shrinks what fails."""

from __future__ import annotations

from hypothesis import strategies

from tests.fuzz.program import generate


def programs(profile: str = "all") -> strategies.SearchStrategy[str]:
    """Texts of programs. Smaller draws are programs of fewer and simpler statements."""
    return strategies.randoms(use_true_random=False).map(lambda draw: generate(draw, profile).text)
