"""All cases, by the module of their kernels."""

from __future__ import annotations

from types import ModuleType

from tests.kernels import cases_mixed, cases_models, cases_numerics
from tests.kernels.case import Case

__all__ = ["CASES", "Case"]

CASES: dict[ModuleType, list[Case]] = {
    **cases_numerics.CASES,
    **cases_models.CASES,
    **cases_mixed.CASES,
}
