"""What gives items one by one: of arrays and lists, beside changes of other memory."""

import itertools

import numpy as np


def items_of_a_product(x, y):
    total = 0.0
    for a, b in itertools.product(x, y):
        total += a * np.sin(b)
    return total


def numbered_items_of_a_product(x, y):
    total = 0.0
    for (i, a), (j, b) in itertools.product(enumerate(x), enumerate(y)):
        if i == j:
            continue
        total += a * np.sin(b)
    return total


def left_product(x, y):
    total = 0.0
    for i, j in itertools.product(range(len(x)), range(len(y))):
        if i + j > 3:
            break
        total += x[i] * y[j]
    return total


def product_with_itself(x, y):
    total = 0.0
    for i, j, k in itertools.product(range(2), repeat=3):
        total += x[i] * y[j] * np.sin(x[k])
    return total


def permutations_of_positions(x, y):
    total = 0.0
    for p in itertools.permutations(range(3)):
        total += x[p[0]] * y[p[1]] ** 2 * x[p[2]]
    return total


def bodies(x, y):
    """Pairs of dicts, whose items change: the list of them does not."""
    held = [{"p": x[i], "v": y[i]} for i in range(3)]
    for a, b in itertools.combinations(held, 2):
        d = a["p"] - b["p"]
        a["v"] -= d * 0.1
        b["v"] += d * 0.1
    for b in held:
        b["p"] += b["v"] * 0.2
    return sum(b["p"] ** 2 for b in held)


def rows_that_change(x, y):
    """Rows are views: Python sees the change, too."""
    m = np.stack([x, y])
    total = 0.0
    for a, b in itertools.product(m, m):
        a[0] += b[1] * 0.1
        total += np.sum(a * b)
    return total


def histogram_of_a_chain(x, y):
    counts = np.zeros(3)
    for n, a in enumerate(itertools.chain(x, y)):
        counts[n % 3] += a**2
    return (counts**2).sum()


def chain_of_rows(x, y):
    total = 0.0
    for a in itertools.chain.from_iterable([x, y * y]):
        total += a**2
    for a in itertools.chain(*[x, y]):
        total += np.sin(a)
    return total


def endless_ones(x, y):
    total = 0.0
    for i, a, k, w in zip(
        itertools.count(1), x, itertools.cycle([0, 2]), itertools.repeat(y[1]), strict=False
    ):
        total += a**i * y[k] * w
    return total


def columns_of_a_comprehension(x, y):
    rows = list(zip(*[(a, a * 2) for a in x], strict=False))
    total = 0.0
    for row in rows:
        total += sum(row) * y[0]
    return total


def columns_of_rows(x, y):
    rows = [[x[0], x[1]], [y[0], y[1]]]
    turned = [list(row) for row in zip(*rows, strict=False)]
    return turned[0][1] * turned[1][0] + turned[0][0]


def columns_of_an_array(x, y):
    total = 0.0
    for a, b in zip(*np.stack([x, y]), strict=False):
        total += a * b * b
    return total


def columns_by_name(x, y):
    a, b, c = zip(*[(x[i], y[i], 1.0) for i in range(3)])
    return np.dot(a, b) + c[0]


def columns_as_lists(x, y):
    turned = list(map(list, zip([x[0], x[1]], [y[0], y[1]], strict=True)))
    return turned[0][1] * turned[1][0]


def lists_of_pairs(x, y):
    pairs, numbered = list(zip(x, y, strict=True)), tuple(enumerate(x))
    total = np.sum(np.array(list(zip(x, y, strict=True)))[:, 0])
    for a, b in pairs:
        total += a * b
    return total * numbered[1][1] * y[numbered[2][0]] * list(reversed(x))[1]


def changed_while_a_list_is_looped_over(x, y):
    total = 0.0
    for a, b in list(zip(x, y, strict=True)):
        total += a * b
        y[0] = total
    return total + y[0]


def best_key(x, y):
    table = {"a": x[0] * y[1], "c": y[0], "b": x[1]}
    return table[max(table, key=table.get)] ** 2 + table[min(table, key=lambda k: table[k])]


def rows_that_grow(x, y):
    rows = [[x[0]], [x[1], y[0]]]
    total = 0.0
    for row in rows:
        row.append(y[1])
        for v in row:
            total += v * v
    return total


def positive_ones(x, y):
    total = 0.0
    for a in filter(lambda v: v > 0.1, x):
        total += a * y[1]
    return total


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", "") == __name__]


# --- Python reads the items of these before a change, or after it


def product(x, y):
    for a, b in itertools.product(x, y):
        x[1] = x[1] + a * b
    return x[1]


def combinations_of_a_list(x, y):
    held = [x[0], x[1], x[2]]
    for a, b in itertools.combinations(held, 2):
        held[2] = a * b
    return held[2] * y[0]


def pairs(x, y):
    held = list(x)
    for a, b in itertools.pairwise(held):
        held[1] = a * b
    return held[1] * y[0]


def chain(x, y):
    for a in itertools.chain(x, y):
        y[1] = a * x[0]
    return y[1]


def chain_of_another_name(x, y):
    z = y[1:]
    for a in itertools.chain(x, z):
        y *= a
    return y[1]


def chain_of_a_generator(x, y):
    for a in itertools.chain((v * y[0] for v in x), y):
        x[1] += a
    return x[1]


def slice_of_a_list(x, y):
    held = list(x)
    for a in itertools.islice(held, 1, None):
        held[2] = held[2] * a
    return held[2] * y[0]


def sums(x, y):
    for a in itertools.accumulate(x):
        x[2] += a * y[0]
    return x[2]


def in_a_helper(x, y):
    z = x * 2
    _moved(z, y)
    return z[1]


def in_a_helper_that_gives(x, y):
    return _moved(x, y) * x[1]


def in_a_function_of_its_own(x, y):
    def put(v):
        held[0] += v

    held = [x[0], x[1]]
    for a, b in itertools.product(held, y):
        put(a * b)
    return held[0]


def of_a_row(x, y):
    w = x.reshape(1, -1)
    for a, b in itertools.product(w[0], y):
        x[0] += a * b
    return x[0]


def of_a_list_in_a_dict(x, y):
    held = [x[0], x[1]]
    table = {"held": held}
    for a, b in itertools.product(table["held"], y):
        held[0] += a * b
    return held[0]


def filtered(x, y):
    for a in filter(lambda v: v > 0, x):
        x[2] += a * y[0]
    return x[2]


def grown_by_another_name(x, y):
    held = [x[0], x[1]]
    other, total = held, 0.0
    for a in held:
        total += a * y[0]
        if len(held) < 5:
            other.append(a * 2)
    return total


def grown_by_a_function(x, y):
    def put(v):
        held.append(v)

    held, total = [x[0], x[1]], 0.0
    for a in held:
        total += a * y[0]
        if len(held) < 5:
            put(a * 2)
    return total


def grown_in_place(x, y):
    held, total = [x[0], x[1], y[0]], 0.0
    for a in held:
        total += a * y[0]
        if len(held) < 5:
            held += [a]
    return total


def shortened(x, y):
    held, total = [x[0], x[1], y[0]], 0.0
    for a in held:
        total += a * y[0]
        if len(held) > 2:
            del held[0]
    return total


def _moved(u, w):
    for a, b in itertools.product(u, w):
        u[1] = u[1] + a * b
    return u[1]


CHANGING = [
    f
    for f in list(globals().values())
    if getattr(f, "__module__", "") == __name__ and f not in (*PROGRAMS, _moved)
]
