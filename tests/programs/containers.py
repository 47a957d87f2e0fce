"""Lists and dicts that change, hold arrays, and are held by others."""

import numpy as np


def dict_grown_and_overwritten(s, t):
    d = {}
    d["a"] = s * t
    d["b"] = d["a"] * s
    d["a"] = d["b"] ** 2
    return d["a"] * d["b"]


def list_items_replaced(x):
    parts = [x[0], x[1], x[2]]
    parts[1] = parts[0] * parts[1]
    parts[0] = parts[1] ** 2
    return parts[0] * parts[1] + parts[2]


def sums_by_computed_position(x):
    parts = [0.0, 0.0]
    for i in range(4):
        parts[i % 2] += x[i] * x[i]
    return parts[0] * parts[1]


def numbers_filled_in_a_loop(x):
    parts = [0.0] * 5
    for i in range(5):
        parts[i] = x[i] * x[i - 1]
    return parts[1] * parts[3] + sum(parts)


def sums_by_computed_key(x):
    d = {"even": 0.0, "odd": 0.0}
    for i in range(5):
        key = "even" if i % 2 == 0 else "odd"
        d[key] += x[i] * x[i]
    return d["even"] * d["odd"]


def dict_comprehension(x):
    d = {i: x[i] ** 2 for i in range(5)}
    return d[0] * d[3]


def arrays_written_through_the_list(x):
    parts = [x * x, x**3]
    parts[0][1] = x[2] * x[3]
    parts[1] *= 2.0
    return np.sum(parts[0] * parts[1])


def array_written_after_it_was_listed(x):
    y = x * x
    parts = [y]
    y[1] = x[2] * x[3]
    return np.sum(parts[0] ** 2)


def state_replaced_in_steps(x):
    st = {"p": x * 1.0, "v": np.zeros(5)}
    for k in range(3):
        st["v"] = st["v"] - 0.1 * st["p"] ** 2
        st["p"] = st["p"] + 0.1 * st["v"]
    return np.sum(st["p"] ** 2)


def state_changed_in_place(x):
    st = {"p": x * 1.0, "v": np.zeros(5)}
    for k in range(3):
        st["v"] -= 0.1 * st["p"] ** 2
        st["p"] += 0.1 * st["v"]
    return np.sum(st["p"] ** 2)


def dict_grown_in_a_branch(x):
    d = {"n": 0.0}
    for i in range(5):
        if x[i] > 0.8:
            d["n"] = d["n"] + x[i] ** 2
            d["last"] = x[i]
        else:
            d["last"] = x[i] ** 3
    return d["n"] * d["last"]


def union_of_dicts(s, t):
    d = {"a": s, "b": s}
    e = {**d, "b": t * t}
    f = d | e
    return e["a"] * f["b"]


def one_array_appended_again_and_again(x):
    y = x * x
    parts = []
    for i in range(3):
        y[i] = x[0] * x[i + 1]
        parts.append(y)
    return np.sum(parts[0] * parts[2])


def list_of_lists_written(x):
    rows = [[0.0, 0.0], [1.0, 2.0]]
    rows[0][1] = x[0] * x[1]
    rows[1][0] += x[2]
    rows[1][0] *= x[3]
    return rows[0][1] * rows[1][0] * rows[1][1]


def table_filled_by_recurrence(x):
    m = [[0.0] * 3 for _ in range(2)]
    for i in range(2):
        for j in range(3):
            m[i][j] = x[i] * x[j] + (m[i][j - 1] if j else 0.0)
    return m[0][2] * m[1][1]


def memo_filled_by_recurrence(x):
    memo = {}
    for i in range(5):
        memo[i] = x[i] * (memo[i - 1] + memo[i - 2] if i >= 2 else 1.0)
    return memo[4]


def list_under_two_names(x):
    c = [x[0], x[1]]
    d = c
    d[0] = x[2] * d[1]
    return c[0] * c[1] + d[0]


def list_copied_then_written(x):
    c = [x[0], x[1]]
    d = list(c)
    d[0] = x[2] * d[1]
    return c[0] * c[1] + d[0]


def queue_turned(x):
    q = [x[0], x[1], x[2]]
    for i in range(4):
        a = q.pop(0)
        q.append(a * x[i])
    return q[0] * q[1] + q[2]


def newest_first(x):
    q = []
    for i in range(5):
        q.insert(0, x[i] ** 2)
        if len(q) > 2:
            q.pop()
    return q[0] * q[1]


def inserted_before_the_last(x):
    q = [x[0]]
    y = q[-1] * x[1]
    q.insert(0, y * x[2])
    z = q[-1] * q[0]
    q.insert(-1, z)
    return q[0] * q[1] * q[2]


def extended_deleted_reversed(x):
    q = []
    for i in range(3):
        q.extend([x[i], x[i + 1] ** 2])
    del q[1]
    q.reverse()
    return q[0] * q[1] + q[2] * q[3] + q[-1]


def extended_by_arrays(x):
    q = []
    q.extend(x)
    q.extend(x * 2)
    q[0] = 3.0 * q[5]
    return q[0] * q[1] + q[9] ** 2


def grouped_by_setdefault(x):
    d = {}
    for i in range(5):
        d.setdefault(i % 2, []).append(x[i])
    return d[0][0] * d[0][2] + d[1][1]


def product_by_key(x):
    d = {}
    for i in range(5):
        key = "abc"[i % 3]
        if key not in d:
            d[key] = x[i]
        else:
            d[key] *= x[i]
    return sum(d.values())


def dict_under_two_names(x):
    d = {"a": x[0]}
    d2 = d
    d2["b"] = x[1] * d["a"]
    d["a"] = d2["b"] ** 2
    return d["a"] + d2["a"] * d["b"]


def dict_with_one_more(x):
    d = {"a": x, "b": x**2}
    e = dict(d, c=x[0])
    e["a"] = e["a"] * 2
    return np.sum(d["a"] * e["a"]) * e["c"]


def copy_of_a_dict_shares_arrays(x):
    d = {"a": x * 1.0}
    e = dict(d)
    e["a"] *= 2
    return np.sum(d["a"] * e["a"])


def display_of_a_dict_shares_arrays(x):
    d = {"a": x * 1.0}
    e = {**d}
    e["a"][0] = 5 * x[1]
    return np.sum(d["a"] ** 2)


def repeated_sliced_joined(x):
    q = [x[0], x[1]] * 2
    q[0] = x[2]
    r = q[1:] + [x[3]]
    r[0] *= x[4]
    return sum(r) * q[0] * q[1]


def one_row_repeated(x):
    rows = [[x[0], x[1]]] * 2
    rows[0][0] = x[2] * x[3]
    return rows[1][0] * rows[0][1]


def items_replaced_while_enumerated(x):
    q = [x[0], x[1], x[2]]
    for i, v in enumerate(q):
        q[i] = v * v + (q[i - 1] if i > 0 else 0.0)
    return q[2] * q[0]


def pairs_as_keys(x):
    grid = {(i, j): x[i] * x[j] for i in range(3) for j in range(2)}
    total = 0.0
    for (i, j), v in grid.items():
        total += v * (i + 2 * j)
    grid[(0, 1)] = total
    return grid[0, 1] * grid[2, 1]


def count_and_sum(x):
    c = {"n": 0, "s": 0.0}
    for v in x:
        c["n"] += 1
        c["s"] += v * v
    return c["s"] / c["n"]


def best_so_far(x):
    best = {"v": None, "i": -1}
    for i in range(5):
        if best["v"] is None or x[i] > best["v"]:
            best["v"] = x[i]
            best["i"] = i
    return best["v"] ** 2 + best["i"]


def layers_as_dicts(x):
    layers = [{"w": x[i] * 1.0, "b": x[i + 1]} for i in range(3)]
    h = x[0]
    for layer in layers:
        h = np.tanh(h * layer["w"] + layer["b"])
    for layer in layers:
        layer["w"] = layer["w"] - 0.1 * h
    return sum(layer["w"] for layer in layers)


def over_the_keys(x):
    p = {"w": x * 1.0, "b": 0.5}
    g = {}
    for k in p:
        g[k] = p[k] * 2.0
    for k in p:
        p[k] = p[k] - 0.1 * g[k] ** 2
    return np.sum(p["w"] ** 2) * p["b"]


def state_rebuilt_and_written(x):
    st = [0.0, 1.0]
    for v in x:
        a, b = st
        st = [b, a + b * v]
        st[0] += v
    return st[0] * st[1]


def history_of_arrays(x):
    h = [x * 1.0]
    for i in range(3):
        h.append(np.tanh(h[-1] * h[0]))
    h[1] = h[3] * 2
    return np.sum(h[1] * h[2])
