"""Carried helpers for functions of SciPy.

As in `srcgrad.support`: each alone or with others, their source goes into the files that use them,
which import the parts of SciPy that they name. `g` is the cotangent of the result.
"""

from __future__ import annotations

from srcgrad.distant import Distant

scipy = Distant("scipy")
