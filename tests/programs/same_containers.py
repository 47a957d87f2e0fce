"""Lists and dicts that two names stand for, or that one holds and another names."""

import numpy as np


def _put(d, k, v):
    d[k] = v


def _append(values, v):
    values.append(v)


def filled_by_a_function(x, y):
    d = {}
    for i in range(3):
        _put(d, i, x[i])
    _put(d, "k", y[0])
    return sum(d.values()) * len(d)


def grown_by_a_function(x, y):
    d = [x[0]]
    for i in range(3):
        _append(d, x[i] * y[i])
    return sum(d) * len(d)


def key_by_another_name(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e["c"] = x[0] * 2
    return sum(d.values())


def keys_by_another_name(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    for k in ("u", "v"):
        e[k] = d["a"] * 2
    return sum(d.values())


def items_replaced(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    for k in ("a", "b"):
        e[k] = d["a"] * 2
    return sum(d.values())


def keys_and_items(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    for k in ("u", "v"):
        e[k] = d["a"] * 2
        d["a"] = d["a"] * e[k]
    return sum(d.values())


def keys_of_a_dict_in_a_dict(x, y):
    d = {"a": x[0], "b": x[1]}
    h = {"in": d}
    for k in ("u", "v"):
        h["in"][k] = d["a"] * 2
    return sum(d.values())


def key_taken_out(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e["c"] = x[0] * 2
    del e["a"]
    return sum(d.values())


def length_only(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    for k in ("u", "v"):
        e[k] = x[0] * 2
    return sum(e.values()) + len(d)


def looked_for(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    for k in ("u", "v"):
        if k not in d:
            e[k] = x[0] * 2
    return e["u"]


def inserted_in_front(x, y):
    d = [x[0], x[1]]
    e = d
    e.insert(0, y[0] * x[0])
    return d[0] * d[1]


def popped(x, y):
    d = [x[0], x[1], y[0]]
    e = d
    a = e.pop()
    return d[0] * d[-1] * a


def deleted(x, y):
    d = [x[0], x[1], y[0]]
    e = d
    del e[0]
    return d[0] * d[1]


def reversed_by_another_name(x, y):
    d = [x[0], x[1], y[0]]
    e = d
    e.reverse()
    return np.prod(d) * d[0]


def updated(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e.update(c=y[0])
    return sum(d.values())


def set_by_default(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e.setdefault("c", y[0])
    return sum(v for k, v in d.items())


def copies_of_it(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e["c"] = y[0]
    f = {**d}
    g = dict(d)
    h = d | {"q": 1.0}
    i = d.copy()
    return f["c"] + g["c"] + h["c"] * i["c"]


def got_with_a_default(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e["c"] = y[0]
    return d.get("c", 0.0) * 2


def unpacked_values(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    e["c"] = y[0]
    a, _b, c = d.values()
    return a * c


def filled_from_nothing(x, y):
    d = {}
    e = d
    for i in range(3):
        e[i] = x[i]
    return sum(d.values()) * len(d)


def filled_by_a_closure(x, y):
    d = {}

    def put(k, v):
        d[k] = v

    for i in range(3):
        put(i, x[i])
    return sum(d.values()) * len(d)


def list_in_a_dict(x, y):
    d = {"l": []}
    l = d["l"]
    for i in range(3):
        l.append(x[i] * y[i])
    return sum(d["l"]) * len(d["l"])


def dict_in_a_dict(x, y):
    d = {"l": {}}
    l = d["l"]
    for i in range(3):
        l[i] = x[i] * y[i]
    return sum(d["l"].values()) * len(d["l"])


def dict_in_a_dict_that_grew(x, y):
    d = {"l": {"q": x[1]}}
    d["l"]["n"] = y[0]
    l = d["l"]
    l["m"] = y[1]
    return sum(d["l"].values()) * len(d["l"])


def array_in_place_of_a_number(x, y):
    d = [1.0, x[0]]
    e = d
    z = x * 2
    e[0] = z
    d[0] *= y
    return np.sum(z) * d[1]


def array_under_a_key(x, y):
    d = {"a": 1.0, "b": x[0]}
    e = d
    z = x * 2
    e["a"] = z
    d["a"] *= y
    return np.sum(z) * d["b"]


def array_in_an_inner_list(x, y):
    h = [[1.0, x[0]], [0.0]]
    e = h[0]
    z = x * 2
    e[0] = z
    h[0][0] *= y
    return np.sum(z) * h[0][1]


def array_appended(x, y):
    d = [x[0]]
    e = d
    z = x * 2
    e.append(z)
    d[1] *= y
    return np.sum(z) * d[0]


def spread_after_it_grew(x, y):
    d = [x[0]]
    e = d
    e.append(x[1])
    a = [*d]
    b = d + [2.0]
    c = d * 2
    f = d[1:]
    (_p, *q) = d
    return a[1] * b[1] * c[3] * f[0] * q[0]


def listed_after_it_grew(x, y):
    d = [x[0]]
    e = d
    e.append(x[1])
    t = tuple(d)
    u = np.array(d)
    v = [i * 2 for i in d]
    return t[1] * u[1] * v[1] * max(d) * sum(d)


def grown_by_a_closure(x, y):
    d = [x[0]]

    def more(v):
        d.append(v)
        return len(d)

    n = more(x[1]) + more(y[0])
    return sum(d) * n * len(d)


def dicts_appended(x, y):
    cache = []
    for i in range(3):
        c = {}
        c["x"] = x[i]
        c["z"] = x[i] * y[i]
        cache.append(c)
    t = 0.0
    for c in reversed(cache):
        t = t * c["x"] + c["z"]
    return t


def keys_in_a_loop_over_keys(x, y):
    d = {"a": x[0], "b": x[1]}
    e = d
    t = 0.0
    for k in list(d):
        e[k + "z"] = d[k] * 2
        t += d[k]
    return t + sum(d.values())


def slice_of_itself(x, y):
    values = [x[2], y[1]]
    values = values[:]
    return 3 * sum(values)


def rest_of_itself(x, y):
    values = [x[2], y[1], x[0]]
    values = values[1:]
    return values[0] * values[1]


def turned_into_itself(x, y):
    values = (x[2], y[1])
    values = values[::-1]
    return values[0] ** 2 + values[1]


def copied_in_a_loop(x, y):
    d = {"a": x[0], "b": y[0]}
    h = {"in": d}
    d["c"] = 0.3 * x[0]
    for _ in range(2):
        d = h["in"].copy()
    return sum(d.values()) + 5 * sum(h["in"].values())


def replaced_and_read(x, y):
    d = {"a": x[0], "b": y[0]}
    h = {"in": d}
    d["c"] = 0.3 * x[0]
    d = dict(h["in"])
    return 5 * h["in"]["a"] + d["c"]


def list_beside_a_dict(x, y):
    d, values = {"a": x[0]}, [x[2], y[1]]
    h = {"in": d, "l": values}
    for _ in range(3):
        d["q"] = 0.3 * x[0] - y[0]
    values.append(x[0] * y[2])
    return 6 * sum(h["l"])


def spread_into_another(x, y):
    d = {"a": x[0]}
    for i in range(3):
        e = d
        d = {**e, i: e["a"] * y[i]}
        e["a"] = e["a"] * 2.0
    return sum(d.values()) + e["a"]


def _total(rows):
    t = 0.0
    for r in rows:
        t = t + np.sum(r)
    return t


def tuple_of_a_slice(x, y):
    rows = [x * 2.0, y * 1.0]
    rows.append(x * y)
    t = tuple(rows[:2])
    product = np.sum(rows[1] * t[1])
    return product + _total(list(t)) * x[0]
