"""Every sample of every rule in forward mode, against reverse mode."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from srcgrad import SrcgradError, UnsupportedError
from tests.forward import check_forward
from tests.rules.test_end_to_end import HEAD, is_float, rows, text_of

# Calls with a pullback, of which no tangent is made.
REFUSED = {"numpy.linalg.norm": 4, "numpy.interp": 2}
# Functions of SciPy that are differentiated in reverse mode alone, in some argument at least
REVERSE_ONLY = {
    *(f"scipy.stats.multivariate_normal.{name}" for name in ("pdf", "logpdf", "entropy")),
    *(f"scipy.stats.dirichlet.{name}" for name in ("pdf", "logpdf")),
    *(f"scipy.stats.multinomial.{name}" for name in ("pmf", "logpmf")),
    *("scipy.stats.sem", "scipy.ndimage.map_coordinates", "scipy.spatial.distance.cdist"),
    *("scipy.signal.lfilter", "scipy.signal.welch", "scipy.integrate.trapezoid"),
    *(f"scipy.sparse.linalg.{name}" for name in ("cg", "bicgstab", "gmres")),
    *(
        f"scipy.linalg.{name}"
        for name in (
            *("solve", "solve_banded", "solve_toeplitz", "solve_continuous_lyapunov"),
            *("solve_discrete_lyapunov", "lstsq", "norm", "pinv", "cho_factor", "cho_solve"),
            *("lu", "lu_factor", "lu_solve", "qr", "polar", "svd", "svdvals", "eigh", "eigvalsh"),
            *("eigh_tridiagonal", "expm_frechet", "companion", "fiedler", "fiedler_companion"),
        )
    ),
}
# Single precision: the two modes add up in another order.
SINGLE = ("numpy.float32",)


def test_every_sample(tmp_path: Path) -> None:
    made = {i: (row, text_of(row, i)) for i, row in enumerate(rows())}
    known = {i: (row, text) for i, (row, text) in made.items() if text is not None}
    path = tmp_path / "samples_in_forward_mode.py"
    path.write_text(HEAD + "\n\n".join(text[0] for _, text in known.values()))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    right, refused, wrong = 0, dict[str, int](), []
    for number, (row, (_, args)) in known.items():
        if not any(map(is_float, args)):
            continue
        try:
            with np.errstate(all="ignore"):
                rtol = 1e-5 if row.name in SINGLE else 1e-9
                check_forward(getattr(module, f"f{number}"), args, number, rtol)
            right += 1
        except UnsupportedError as error:
            if "forward mode" in str(error):
                refused[row.name] = refused.get(row.name, 0) + 1
        except (AssertionError, TypeError, ValueError, NameError, SrcgradError) as error:
            wrong.append(f"{row}: {type(error).__name__} {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert {name for name in refused if name.startswith("scipy.")} <= REVERSE_ONLY
    assert {name: n for name, n in refused.items() if not name.startswith("scipy.")} == REFUSED
    assert right > 1000
