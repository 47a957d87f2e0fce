"""Sample arguments of the functions of `scipy.special`."""

from __future__ import annotations

import numpy as np

from tests.rules.harness import Row, lit, row
from tests.rules.samples_elementwise import COLUMN, INSIDE, OTHER, POSITIVE, REAL

UNIT = (INSIDE + 1) / 2
ORDERS = ("n", "a", "b")


def _named(name: str) -> str:
    return f"scipy.special.{name}"


ELEMENTWISE: list[Row] = [
    *(
        row(_named(name), REAL)
        for name in (
            *("erf", "erfc", "erfcx", "dawsn", "ndtr", "log_ndtr", "expit", "log_expit"),
            *("i0", "i1", "i0e", "i1e", "j0", "j1", "expm1", "cosm1", "exp10", "exp2", "cbrt"),
        )
    ),
    *(
        row(_named(name), POSITIVE)
        for name in (
            *("gamma", "gammaln", "loggamma", "rgamma", "digamma", "psi", "entr", "y0", "y1"),
            *("k0", "k1", "expi", "exp1", "log1p"),
        )
    ),
    row(_named("erfinv"), INSIDE),
    *(row(_named(name), UNIT) for name in ("erfcinv", "ndtri", "logit")),
    *(
        row(_named(name), POSITIVE, COLUMN)
        for name in ("beta", "betaln", "poch", "xlogy", "xlog1py", "rel_entr", "kl_div")
    ),
    row(_named("owens_t"), REAL, OTHER),
    row(_named("log_ndtr"), np.array([-40.0, -8.0, 9.0])),
]

ORDERED: list[Row] = [
    *(
        row(_named(name), n, POSITIVE, fixed=ORDERS)
        for name in ("jv", "jn", "yv", "yn", "iv", "ive", "kv")
        for n in (2, 1)
    ),
    row(_named("jv"), 1.5, POSITIVE, fixed=ORDERS),
    row(_named("polygamma"), 1, POSITIVE, loose=True),
    row(_named("expn"), 2, POSITIVE),
    row(_named("gammainc"), 1.7, POSITIVE, fixed=ORDERS),
    row(_named("gammaincc"), 0.7, POSITIVE, fixed=ORDERS),
    row(_named("betainc"), 1.7, 0.8, UNIT, fixed=ORDERS),
    row(_named("hyp1f1"), 1.7, 0.8, UNIT, fixed=ORDERS),
    row(_named("multigammaln"), POSITIVE + 2, 3),
]

ALONG: list[Row] = [
    *(
        row(_named(name), REAL, **kwargs)
        for name in ("logsumexp", "softmax", "log_softmax")
        for kwargs in ({}, {"axis": lit(0)}, {"axis": lit(-1)})
    ),
    row(_named("logsumexp"), REAL, axis=lit(1), keepdims=lit(True)),
]

SPECIAL = [*ELEMENTWISE, *ORDERED, *ALONG]
