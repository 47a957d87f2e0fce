"""A shopping bill as a computational graph: two articles of 6600 paid in another currency.

At rate 1100 and shipping 5 the bill is 17; with 33 of other goods it is 50. A change of the rate
counts -13200 / 1100^2 = -0.0109..., shipping and goods count one to one.
"""

from __future__ import annotations

from srcgrad import grad


@grad(argnums=("rate", "shipping"))
def bill(rate: float, shipping: float) -> float:
    """Two articles converted at `rate`, plus shipping."""
    price = 6600 * 2
    converted = price / rate
    total = converted + shipping
    return total


@grad(argnums=("rate", "shipping", "goods"))
def bill_with_goods(rate: float, shipping: float, goods: float) -> float:
    """The same bill with other goods added."""
    total = 6600 * 2 / rate + shipping + goods
    return total
