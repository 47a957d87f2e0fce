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
    row(_named("gammainc"), 1.7, POSITIVE),
    row(_named("gammaincc"), 0.7, POSITIVE),
    row(_named("betainc"), 1.7, 0.8, UNIT),
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
    row(_named("logsumexp"), REAL, axis=lit(1), b=np.abs(REAL) + 0.3, loose=True),
    row(_named("logsumexp"), REAL, b=np.array([[0.4], [1.5]]), loose=True),
    row(_named("logsumexp"), REAL, axis=lit(0), b=0.7, keepdims=lit(True), loose=True),
]

FAMILIES: list[Row] = [
    *(row(_named(name), POSITIVE, COLUMN / 2) for name in ("boxcox", "boxcox1p", "powm1")),
    *(row(_named(name), POSITIVE, np.array([0.0, 1e-4, -0.3]), loose=True) for name in ("boxcox",)),
    row(_named("binom"), POSITIVE + 3, COLUMN),
    row(_named("comb"), POSITIVE + 3, COLUMN, loose=True),
    row(_named("comb"), np.array([0.3, 2.5]), np.array([1.7, -0.4]), loose=True),  # it is 0
    row(_named("factorial"), POSITIVE, loose=True),
    row(_named("zeta"), 2.5, POSITIVE, fixed=("x",), loose=True),
    *(
        row(_named(name), *shapes, UNIT, fixed=("a", "b", "c", "v", "n", "k"))
        for name, shapes in {
            "hyp0f1": (1.3,),
            "hyp2f1": (0.4, 1.3, 2.2),
            "hyperu": (0.6, 1.4),
            "kve": (1.3,),
            "struve": (1.3,),
            "pdtr": (2.0,),
        }.items()
    ),
    *(
        row(_named(name), *shapes, UNIT)
        for name, shapes in {
            "gammaincinv": (1.7,),
            "gammainccinv": (1.7,),
            "betaincinv": (1.7, 2.2),
            "betaincc": (1.7, 2.2),
            "stdtr": (2.6,),
            "chdtr": (2.6,),
            "chdtrc": (2.6,),
        }.items()
    ),
    *(
        row(_named(name), *shapes, INSIDE, fixed=("a", "b", "n"))
        for name, shapes in {
            "eval_legendre": (3,),
            "eval_chebyt": (3,),
            "eval_chebyu": (3,),
            "eval_hermite": (3,),
            "eval_hermitenorm": (3,),
            "eval_laguerre": (3,),
            "eval_genlaguerre": (3, 0.4),
            "eval_gegenbauer": (3, 0.6),
            "eval_jacobi": (3, 0.4, 0.7),
        }.items()
    ),
    *(row(_named(name), 1.4, OTHER) for name in ("huber", "pseudo_huber")),
    *(
        row(_named(name), POSITIVE, 0.4, fixed=("lmbda",))
        for name in ("inv_boxcox", "inv_boxcox1p")
    ),
    *(row(_named(name), REAL) for name in ("exprel", "erfi", "sindg", "cosdg", "tandg")),
    row(_named("exprel"), np.array([0.0, 1e-5, -0.01])),
    *(row(_named(name), POSITIVE) for name in ("spence",)),
    row(_named("spence"), np.array([1.0, 1.0 + 1e-4])),
    *(row(_named(name), UNIT) for name in ("ellipk", "ellipe", "ellipkm1")),
    *(row(_named(name), np.array([0.0, 1e-9, -3.0])) for name in ("ellipk", "ellipe")),
    *(row(_named(name), INSIDE, 0.4, fixed=("m",)) for name in ("ellipkinc", "ellipeinc")),
    row(_named("ndtri_exp"), -POSITIVE),
]
SEVERAL: list[Row] = [
    *(row(_named(name), POSITIVE, loose=True) for name in ("fresnel", "sici", "shichi", "airy")),
]
SPECIAL = [*ELEMENTWISE, *ORDERED, *ALONG, *FAMILIES, *SEVERAL]
