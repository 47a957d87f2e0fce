"""Sample arguments of reductions of some elements only, quantiles, covariances, running sums."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_arrays import KEEP, C, M, N, V, W, real

MASK = np.array([[True, False, True, True], [False, False, True, True], [True, True, False, True]])
HOLES = np.where(MASK, M, np.nan)
SOME = np.array([0.3, np.nan, 1.2, -0.7, np.nan])
TALL = real(4, 3)
Q = ("q",)

WHERE: list[Row] = [
    *(
        row(fn, M, where=MASK, **kwargs)
        for fn in (np.sum, np.mean, np.var, np.std, np.prod)
        for kwargs in (
            {},
            {"axis": lit(0)},
            {"axis": lit(1), **KEEP},
            {"axis": (0, 1)},
        )
    ),
    *(
        row(fn, M, where=MASK, initial=lit(start), **kwargs)
        for fn, start in ((np.max, -9), (np.amax, 0.01), (np.min, 9.0), (np.amin, -0.02))
        for kwargs in ({}, {"axis": lit(0)}, {"axis": lit(1), **KEEP})
    ),
    row(np.max, M, initial=lit(0.1)),
    row(np.min, M, axis=lit(1), initial=lit(0.1)),
    row(np.sum, M, where=MASK[0]),
    row(np.sum, M, axis=lit(0), initial=0.7),
    row(np.sum, M, initial=0.7, where=MASK),
    row(np.prod, M, axis=lit(0), initial=0.7),
    row(np.prod, M, axis=lit(1), initial=0.7, where=MASK),
    row(np.prod, np.where(MASK, M, 0.0), axis=lit(1), where=~MASK),
    row(np.var, M, axis=lit(0), ddof=lit(1), where=MASK[:, [0, 0, 3, 3]] | True),
    *(
        row(fn, M, axis=lit(0), dtype=np.float64)
        for fn in (np.sum, np.mean, np.var, np.std, np.prod, np.cumsum, np.cumprod)
    ),
    row(np.sum, M, lit(1), np.float64),
]

NAN: list[Row] = [
    *(
        row(fn, x, **kwargs)
        for fn in (
            np.nansum,
            np.nanmean,
            np.nanprod,
            np.nanmax,
            np.nanmin,
            np.nanvar,
            np.nanstd,
            np.nanmedian,
        )
        for x, kwargs in (
            (SOME, {}),
            (HOLES, {}),
            (HOLES, {"axis": lit(0)}),
            (HOLES, {"axis": lit(-1), **KEEP}),
            (C, {"axis": (0, 2)}),
        )
    ),
    row(np.nanvar, HOLES, axis=lit(1), ddof=lit(1)),
    row(np.nansum, HOLES, axis=lit(1), dtype=np.float64),
    *(
        row(fn, x, **kwargs)
        for fn in (np.nancumsum, np.nancumprod)
        for x, kwargs in ((SOME, {}), (HOLES, {}), (HOLES, {"axis": lit(0)}))
    ),
    row(np.nanquantile, HOLES, lit(0.3), axis=lit(0)),
    row(np.nanquantile, HOLES, np.array([0.3, 0.8]), axis=lit(1), fixed=Q, loose=True),
    row(np.nanquantile, HOLES, lit(0.3), method=lit("higher")),
    row(np.nanpercentile, HOLES, lit(30), axis=lit(0)),
]

QUANTILES: list[Row] = [
    row(np.median, V),
    row(np.median, M),
    row(np.median, M, lit(0)),
    row(np.median, M, axis=lit(1), **KEEP),
    row(np.median, C, axis=(0, -1)),
    row(np.median, C, axis=(2, 0), **KEEP),
    row(np.quantile, V, lit(0.3)),
    row(np.quantile, M, lit(0.0)),
    row(np.quantile, M, lit(1.0), axis=lit(1)),
    row(np.quantile, C, np.array([0.1, 0.6, 0.9]), axis=(0, 2), fixed=Q, loose=True),
    row(
        np.quantile, M, np.array([[0.1, 0.6], [0.9, 0.5]]), axis=lit(1), fixed=Q, loose=True, **KEEP
    ),
    *(
        row(
            np.quantile,
            real(7),
            np.array([0.12, 0.5, 0.83]),
            method=lit(method),
            fixed=Q,
            loose=True,
        )
        for method in (
            "linear",
            "lower",
            "higher",
            "nearest",
            "midpoint",
            "inverted_cdf",
            "averaged_inverted_cdf",
            "closest_observation",
            "interpolated_inverted_cdf",
            "hazen",
            "weibull",
            "median_unbiased",
            "normal_unbiased",
        )
    ),
    row(np.percentile, V, lit(30)),
    row(np.percentile, M, 75.0, axis=lit(0), fixed=Q, loose=True),
    row(np.percentile, M, np.array([25.0, 75.0]), axis=lit(0), fixed=Q, loose=True),
]

COVARIANCES: list[Row] = [
    row(np.cov, V),
    row(np.cov, M),
    row(np.cov, M, bias=lit(True)),
    row(np.cov, M, ddof=lit(0)),
    row(np.cov, TALL, rowvar=lit(False)),
    row(np.cov, V, W),
    row(np.cov, V, W, ddof=lit(0)),
    row(np.cov, M, N, loose=True),
    row(np.cov, M, real(2, 4), loose=True),
    row(np.cov, TALL, real(4, 2), rowvar=lit(False), loose=True),
    row(np.corrcoef, M),
    row(np.corrcoef, TALL, rowvar=lit(False)),
    row(np.corrcoef, V, W),
    row(np.corrcoef, M, real(2, 4), loose=True),
    row(np.bincount, np.array([0, 2, 2, 4, 1]), V, loose=True),
    row(np.bincount, np.array([0, 2, 2, 4, 1]), weights=V, minlength=lit(8), loose=True),
]

RUNNING: list[Row] = [
    *(
        row(fn, x, **kwargs)
        for fn in (np.cumulative_sum, np.cumulative_prod)
        for x, kwargs in ((V, {}), (M, {"axis": lit(0)}), (C, {"axis": lit(-1)}))
    ),
]

UFUNC_METHODS: list[Row] = [
    *(
        row(f"numpy.{name}.reduce", x, **kwargs)
        for name in ("add", "multiply", "maximum", "minimum", "logaddexp")
        for x, kwargs in ((V, {}), (M, {}), (M, {"axis": lit(1), **KEEP}), (C, {"axis": lit(-1)}))
    ),
    *(
        row(f"numpy.{name}.accumulate", x, **kwargs)
        for name in ("add", "multiply", "maximum", "minimum")
        for x, kwargs in ((V, {}), (M, {}), (C, {"axis": lit(-2)}))
    ),
    *(
        row(f"numpy.{name}.reduceat", x, indices, axis, loose=True)
        for name in ("add", "multiply", "maximum", "minimum")
        for x, indices, axis in ((V, [0, 2, 3], lit(0)), (M, np.array([2, 0, 3]), lit(1)))
    ),
    *(
        row(f"numpy.{name}.reduce", M, **more)
        for name, start in (("add", 0.3), ("multiply", 0.7), ("maximum", 0.1), ("minimum", 0.1))
        for more in (
            {"initial": lit(start)},
            {"where": M > 0.2, "initial": lit(start)},
            {"axis": lit(None)},
        )
    ),
    row("numpy.add.reduce", M, dtype=lit("float64"), axis=lit(1)),
    row("numpy.hypot.reduce", M),
    row("numpy.hypot.reduce", M, axis=lit(1), keepdims=lit(True)),
]

STATISTICS = [*UFUNC_METHODS, *WHERE, *NAN, *QUANTILES, *COVARIANCES, *RUNNING]
