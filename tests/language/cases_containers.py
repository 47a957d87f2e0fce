"""Lists, tuples, dicts and comprehensions."""

import collections

import numpy as np


def list_append(x):
    """`list.append` in a loop"""
    parts = []
    for v in x:
        parts.append(v * v)
    return parts[0] * parts[-1] + sum(parts)


def list_extend(x):
    """`list.extend`"""
    parts = [x[0]]
    parts.extend([x[1] * x[0], x[2]])
    return parts[0] * parts[1] * parts[2]


def list_insert(x):
    """`list.insert`"""
    parts = [x[0], x[1]]
    parts.insert(1, x[2] * x[3])
    return parts[0] + parts[1] * parts[2]


def list_pop(x):
    """`list.pop`"""
    parts = [x[0], x[1], x[2]]
    last = parts.pop()
    first = parts.pop(0)
    return last * first * first + parts[0]


def list_slice(x):
    """a slice of a list is a copy"""
    parts = [x[0], x[1], x[2]]
    part = parts[1:]
    parts[1] = x[3]
    return part[0] * parts[1]


def list_multiplied(x):
    """`[e] * n`"""
    parts = [x[0]] * 3
    return parts[0] * parts[1] + parts[2]


def list_added(x):
    """`list + list`"""
    parts = [x[0], x[1]] + [x[2]]
    parts += [x[3]]
    return parts[0] * parts[2] * parts[3]


def list_item_assigned(x):
    """`parts[i] = e`"""
    parts = [x[0], x[1], x[2]]
    parts[1] = parts[0] * parts[1]
    parts[0] = parts[1] ** 2
    return parts[0] * parts[1] + parts[2]


def list_item_augmented(x):
    """`parts[i] += e`"""
    parts = [0.0, 0.0]
    for i in range(4):
        parts[i % 2] += x[i] * x[i]
    return parts[0] * parts[1]


def list_item_in_a_loop(x):
    """`parts[i] = e` in a loop, a list of numbers"""
    parts = [0.0] * 5
    for i in range(5):
        parts[i] = x[i] * x[i - 1]
    return parts[1] * parts[3] + sum(parts)


def list_nested(x):
    """a list of lists"""
    rows = [[x[0], x[1]], [x[2], x[3]]]
    total = 0.0
    for row in rows:
        total += row[0] * row[1]
    return total * rows[1][0]


def list_reversed_and_sorted(x):
    """`reversed(parts)`, `parts[::-1]`, `sorted(parts)`"""
    parts = [x[0], x[1], x[2]]
    a, b, _ = sorted(parts)
    return a * b + parts[::-1][0] * list(reversed(parts))[1] * x[0]


def list_same_array_thrice(x):
    """one array appended three times, then written"""
    y = x * x
    parts = []
    for i in range(3):
        y[i] = x[0] * x[i + 1]
        parts.append(y)
    return np.sum(parts[0] * parts[2])


def list_array_written(x):
    """an array in a list, written through the list"""
    parts = [x * x, x**3]
    parts[0][1] = x[2] * x[3]
    parts[1] *= 2.0
    return np.sum(parts[0] * parts[1])


def list_array_is_reference(x):
    """an array written after it went into a list"""
    y = x * x
    parts = [y]
    y[1] = x[2] * x[3]
    return np.sum(parts[0] ** 2)


def list_two_names(x):
    """a list under two names"""
    parts = [x[0]]
    other = parts
    other.append(x[1] * x[2])
    return parts[0] * parts[1]


def list_of_arrays_joined(x):
    """`np.array(parts)`, `np.stack`, `np.concatenate`"""
    parts = [x * v for v in (1.0, 2.0)]
    return np.sum(np.stack(parts) ** 2) + np.sum(np.concatenate(parts) ** 3)


def list_loop_state(x):
    """a list as the state of a loop"""
    state = [x[0], x[1]]
    for i in range(3):
        state = [state[1], state[0] * state[1] + x[i]]
    return state[0] * state[1]


def list_argument(w):
    """a list as an argument
    At: [x, s, [A]]"""
    return np.sum(w[0] ** 2) * w[1] + np.sum(w[2][0] ** 2)


def list_argument_written(w):
    """a list given as an argument, changed
    At: [s, t]"""
    w[0] = w[0] * w[1]
    w.append(w[0] ** 2)
    return w[0] + w[2]


def list_result(x):
    """a list returned"""
    return [x * x, np.sum(x), {"a": x[0] ** 2}]


def tuple_values(s, t):
    """tuples: indexed, added, nested, unpacked"""
    p = (s, t * s)
    q = p + (s * s,)
    a, (b, c) = q[0], q[1:]
    return a * b * c


def tuple_argument(w):
    """a tuple as an argument
    At: (s, (t, x))"""
    a, (b, v) = w
    return a * b * np.sum(v**2)


def tuple_compared(s):
    """`in`, `==`, `len` of tuples"""
    if (1, 2) == (1, 2) and "a" in ("a", "b") and len((s, s)) == 2:
        return s * s
    return s


def dict_argument(w):
    """a dict as an argument
    At: {"w": x, "b": s, "name": "first", "n": 3, "on": True, "none": None}"""
    y = w["w"] * w["b"] if w["on"] else w["w"]
    return np.sum(y**2) * w["n"]


def dict_get(w):
    """`d.get(key, default)`, `key in d`
    At: {"a": s}"""
    k = w.get("k", 2.0)
    return w["a"] ** 2 * k if "a" in w else w.get("a")


def dict_setdefault(s):
    """`d.setdefault`"""
    d = {"a": s * s}
    return d.setdefault("b", s) * d.setdefault("a", 1.0)


def dict_update(s, t):
    """`d.update`"""
    d = {"a": s}
    d.update({"b": t, "a": s * t})
    d.update(c=2.0)
    return d["a"] * d["b"] * d["c"]


def dict_items(w):
    """`d.items()`, `d.values()`, `d.keys()`
    At: {"a": s, "b": t}"""
    total = 0.0
    for key, value in w.items():
        total += value**2 if key == "a" else value**3
    for value in w.values():
        total *= value
    return total * len(w.keys())


def dict_item_assigned(s, t):
    """`d[key] = e`"""
    d = {}
    d["a"] = s * t
    d["b"] = d["a"] * s
    d["a"] = d["b"] ** 2
    return d["a"] * d["b"]


def dict_accumulated(x):
    """sums by key"""
    d = {"even": 0.0, "odd": 0.0}
    for i in range(5):
        key = "even" if i % 2 == 0 else "odd"
        d[key] += x[i] * x[i]
    return d["even"] * d["odd"]


def dict_accumulated_get(x):
    """`d[key] = d.get(key, 0.0) + e`"""
    d = {}
    for i in range(5):
        d[i % 2] = d.get(i % 2, 0.0) + x[i] * x[i]
    return d[0] * d[1]


def dict_default(x):
    """`collections.defaultdict`"""
    d = collections.defaultdict(float)
    for i in range(5):
        d[i % 2] += x[i] * x[i]
    return d[0] * d[1]


def dict_result(s):
    """a dict returned"""
    return {"a": s * s, "b": (s, [s**3])}


def dict_merged(s, t):
    """`{**d, "b": e}`, `d | e`"""
    d = {"a": s, "b": s}
    e = {**d, "b": t * t}
    f = d | e
    return e["a"] * f["b"]


def dict_popped(s, t):
    """`d.pop(key)`, `del d[key]`"""
    d = {"a": s, "b": t, "c": 1.0}
    del d["c"]
    return d.pop("a") ** 2 * d["b"] * len(d)


def list_comprehension(x):
    """`[e for v in x]`"""
    parts = [v * v for v in x]
    return parts[0] * parts[1] + sum(parts)


def list_comprehension_filtered(x):
    """`[e for i in range(n) if test]`"""
    parts = [x[i] ** 2 for i in range(5) if x[i] > 0.9 and i != 1]
    return sum(parts) * x[0]


def list_comprehension_nested(A):
    """`[e for row in A for v in row]`"""
    return sum([v * v for row in A for v in row])


def list_comprehension_of_lists(A):
    """`[[e for v in row] for row in A]`"""
    return np.sum(np.array([[v * v * v for v in row] for row in A]))


def list_comprehension_zip(x, u):
    """`[a * b for a, b in zip(x, u)]`"""
    return sum([a * b * i for i, (a, b) in enumerate(zip(x, u))])


def dict_comprehension(x):
    """`{i: e for i in range(n)}`"""
    d = {i: x[i] ** 2 for i in range(5)}
    return d[0] * d[3]


def set_comprehension(s):
    """`{k for k in parts}`, a set of strings"""
    names = {k for k in ("a", "b", "a")}
    return s * s * len(names)


def generator_sum(x):
    """`sum(e for v in x)`"""
    return sum(v * v for v in x)


def generator_max(x):
    """`max(e for v in x)`, `min(...)`"""
    return max(v * v for v in x) * min(v + 1.0 for v in x)


def generator_any_all(x):
    """`any(test for v in x)`, `all(...)`"""
    if any(v > 0.4 for v in x) and all(v > 0.0 for v in x):
        return np.sum(x**2)
    return np.sum(x)


def generator_to_list(x):
    """`list(e for v in x)`, `tuple(...)`, `dict(...)`"""
    a = list(v * v for v in x)
    b = tuple(v + 1.0 for v in x)
    c = dict((i, x[i] ** 3) for i in range(5))
    return a[0] * b[1] * c[2]


def generator_as_value(x):
    """a generator expression kept in a name"""
    squares = (v * v for v in x)
    return sum(squares) * x[0]


def set_of_inactive(s):
    """a set of numbers that carry no derivative"""
    chosen = {1, 3}
    a = s
    for i in range(4):
        if i in chosen:
            a = a * s
    return a


def text_formatted(s):
    """f-strings and methods of strings"""
    name = f"{s:.1f}".replace(".", ",").upper()
    return s * s if "," in name else s


def starred_display(x):
    """`[*parts, e]`, `(*parts,)`"""
    parts = [x[0], x[1]]
    more = [*parts, x[2] * x[0]]
    return more[0] * more[2] + (*parts, 1.0)[1]
