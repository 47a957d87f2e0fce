"""Derivative of `bill` (shopping.py:13), `bill_with_goods` (shopping.py:22), generated
by srcgrad; it is not needed to run it.

Regenerate: srcgrad transform examples/shopping.py -o examples/shopping_grad.py
"""


def bill_grad(rate, shipping):
    """Gradient of `bill(rate, shipping)` with respect to (rate, shipping)."""
    # forward
    price = 6600 * 2
    converted = price / rate

    # backward
    # :16 converted = price / rate
    rate_bar = -(converted / rate)
    return rate_bar, 1.0


def bill_with_goods_grad(rate, shipping, goods):
    """Gradient of `bill_with_goods(rate, shipping, goods)` with respect to (rate, shipping, goods)."""
    # forward
    total_1 = 6600 * 2 / rate

    # backward
    # :24 total = 6600 * 2 / rate + shipping + goods
    rate_bar = -(total_1 / rate)
    return rate_bar, 1.0, 1.0
