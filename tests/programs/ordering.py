"""The largest, the smallest, and items in order, by a key."""


def largest_of_several(x):
    return max(x[0], x[1], -x[2], key=abs) * x[1]


def smallest_of_lists(x):
    return min([x[0], x[1]], [x[2], x[0]], key=lambda pair: pair[1])[0] ** 2


def in_order_backwards(x):
    items = sorted(x, key=abs, reverse=True)
    return items[0] * items[1] ** 2 + items[2]


def positions_backwards(x):
    places = sorted(range(3), key=lambda i: x[i], reverse=True)
    return x[places[0]] * x[places[1]] ** 2


def equal_keys_backwards(x):
    """Those with equal keys keep their order."""
    places = sorted(range(3), key=lambda i: i % 2, reverse=True)
    return x[places[0]] + 2 * x[places[1]] ** 2 + 3 * x[places[2]] * x[0]
