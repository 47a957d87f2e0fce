"""More lists and dicts that change: state of loops, buffers, nests."""

import numpy as np


def items_swapped(x):
    a = [1.0, 2.0, 3.0]
    a[0], a[2] = a[2] * x[0], a[0] * x[1]
    return a[0] * a[2] ** 2


def bubble_sort(x):
    q = [v for v in x]
    n = len(q)
    for i in range(n):
        for j in range(n - 1 - i):
            if q[j] > q[j + 1]:
                q[j], q[j + 1] = q[j + 1], q[j]
    return q[0] + 2 * q[1] + 3 * q[2] + 4 * q[3] ** 2


def popped_and_put_back(x):
    d = {"a": x[0], "b": x[1]}
    y = d.pop("a") * 2
    d["a"] = y * d["b"]
    return d["a"] * len(d)


def list_in_a_dict(x):
    d = {}
    d["h"] = []
    for v in x:
        d["h"].append(v * v)
    return sum(d["h"])


def ring_buffer(x):
    buf = [0.0] * 3
    out = 0.0
    for i in range(5):
        buf[i % 3] = x[i]
        out = out + sum(buf) ** 2
    return out


def list_in_a_tuple(x):
    t = (x[0], [x[1], x[2]])
    t[1][0] = t[0] * t[1][1]
    a, (b, c) = t
    return a * b * c


def callee_appends(x):
    def push(l, v):
        l.append(v)
        return l

    q = push([x[0]], x[1])
    push(q, x[2] * q[0])
    return q[0] * q[1] * q[2]


def sorted_items(x):
    q = [x[i] for i in range(5)]
    r = sorted(q)
    return r[0] + 2 * r[1] + 3 * r[4]


def arrays_of_a_list_changed(x):
    q = [x * 1.0, x * 2.0]
    for a in q:
        a[1:] += a[:-1]
    return np.sum(q[0] * q[1])


def copies_of_a_work_array(x):
    cur = x * 1.0
    hist = []
    for i in range(3):
        cur[0] = cur[1] * cur[2]
        hist.append(cur.copy())
        cur[1] += 0.5
    return np.sum(hist[0] * hist[2])


def dict_under_two_keys(x):
    d = {}
    d["a"] = {"x": x[0]}
    d["a"]["y"] = x[1] * d["a"]["x"]
    d["b"] = d["a"]
    d["b"]["x"] = x[2]
    return d["a"]["x"] * d["a"]["y"]


def list_added_to(s, t):
    v = None
    out = []
    for i in range(3):
        v = s if v is None else v * t
        out += [v]
    return out[0] * out[1] * out[-1]


def copied_then_cleared(x):
    q = [x[0], x[1]]
    r = q.copy()
    r.append(q[0] * q[1])
    q.append(r[2] ** 2)
    q.clear()
    q.append(r[1])
    return q[0] * r[2]


def list_of_an_array(x):
    q = list(x)
    q[0] = q[1] * 2
    return q[0] * q[2]


def rows_of_an_array(x):
    A = np.outer(x, x)
    q = list(A)
    q[0] = q[1] * 2
    q[2][0] = x[0]
    return np.sum(q[0]) * np.sum(A)


def buffer_cleared_in_each_step(x):
    total = 0.0
    buf = []
    for i in range(4):
        buf.clear()
        for j in range(i + 1):
            buf.append(x[j] * x[i])
        total += buf[0] * buf[-1] + sum(buf)
    return total


def list_joined_in_a_loop(x):
    buf = [x[0]]
    for i in range(1, 5):
        buf = buf + [buf[-1] * x[i]]
    return sum(buf)


def list_added_to_in_a_loop(x):
    buf = [x[0]]
    for i in range(1, 5):
        buf += [buf[-1] * x[i]]
    return sum(buf)


def dict_cleared_in_each_step(x):
    d = {}
    for i in range(5):
        d.clear()
        d["a"] = x[i]
        d["b"] = x[i] ** 2
    return d["a"] * d["b"]


def stack_machine(x):
    stack = [x[0], x[1]]
    for op in "+*-*":
        b = stack.pop()
        a = stack.pop()
        if op == "+":
            stack.append(a + b)
        elif op == "*":
            stack.append(a * b)
        else:
            stack.append(a - b)
        stack.append(x[len(stack)])
    return stack[0] * stack[1]


def histories_in_a_dict(x):
    hist = {"loss": [], "w": []}
    w = x[0]
    for i in range(4):
        loss = (w - x[i]) ** 2
        hist["loss"].append(loss)
        w = w - 0.1 * 2 * (w - x[i])
        hist["w"].append(w)
    return sum(hist["loss"]) + hist["w"][2] ** 2


def memo_of_a_recursion(x):
    cache = {}

    def fib(n):
        if n < 2:
            return x[n]
        if n in cache:
            return cache[n]
        cache[n] = fib(n - 1) * x[2] + fib(n - 2)
        return cache[n]

    return fib(5)


def lists_merged(x):
    q = [[v] for v in x]
    while len(q) > 1:
        a = q.pop(0)
        b = q.pop(0)
        q.append(a + b)
    return sum(v * (i + 1) for i, v in enumerate(q[0]))


def dict_of_a_zip(x):
    d = dict(zip(["a", "b", "c"], x))
    d["a"] = d["b"] * d["c"]
    return d["a"] * d["b"]


def grouped_by_condition(x):
    groups = {"lo": [], "hi": []}
    for v in x:
        groups["hi" if v > 1.0 else "lo"].append(v * v)
    return sum(groups["lo"]) + 2 * sum(groups["hi"])


def elimination_on_lists(x):
    A = [[x[i] * x[j] for j in range(3)] for i in range(3)]
    for k in range(3):
        for i in range(k + 1, 3):
            f = A[i][k] / (A[k][k] + 1.0)
            for j in range(k, 3):
                A[i][j] -= f * A[k][j]
    return A[2][2] * A[1][1] + A[2][1]


def list_of_zeros_filled(x):
    w = [0.0] * len(x)
    w[0] = x[0]
    for i in range(1, len(x)):
        w[i] = w[i - 1] * 0.5 + x[i] ** 2
    return w[-1] * w[2]


def state_changed_by_a_callee(x):
    st = {"pos": x.copy(), "vel": np.zeros_like(x), "t": 0.0}

    def step(st, dt):
        st["vel"] = st["vel"] - dt * st["pos"] ** 3
        st["pos"] = st["pos"] + dt * st["vel"]
        st["t"] += dt

    for _ in range(4):
        step(st, 0.1)
    return np.sum(st["pos"] ** 2) * st["t"]


def state_changed_in_place_by_a_callee(x):
    st = {"pos": x.copy(), "vel": np.zeros_like(x)}

    def step(st, dt):
        st["vel"] -= dt * st["pos"] ** 3
        st["pos"] += dt * st["vel"]
        return st

    for _ in range(4):
        st = step(st, 0.1)
    return np.sum(st["pos"] ** 2)


def nested_parameters_changed(x):
    p = {"a": x[0], "b": {"c": x[1:], "d": x[2]}}
    p["b"]["c"] = p["b"]["c"] * p["a"]
    p["b"]["d"] += p["a"]
    return np.sum(p["b"]["c"]) * p["b"]["d"]


def slice_replaced(x):
    l = [x[0], x[1], x[2]]
    l[1:2] = [x[3], x[4]]
    return l[0] * l[1] * l[2] * l[3]


def range_made_a_list(x):
    l = list(range(3))
    l[0] = x[0]
    l[1] = x[1] * l[0]
    return l[0] * l[1] * l[2]


def none_replaced_by_numbers(x):
    l = [None] * 3
    for i in range(3):
        l[i] = x[i] ** 2
    return l[0] * l[1] * l[2]


def none_replaced_by_arrays(x):
    l = [None] * 3
    for i in range(3):
        l[i] = x * (i + 1)
    return np.sum(l[0] * l[2])


def one_list_twice(x):
    a = [x[0], x[1]]
    b = [a, a]
    b[0][0] = x[2]
    return b[1][0] * a[1] * a[0]


def argument_in_a_dict_written(x):
    d = {"w": x}
    d["w"][0] = 2.0
    return np.sum(x**2 * d["w"])


def two_halves_changed(x):
    ws = [x[:2], x[2:]]
    ws[0] = ws[0] * 2
    ws[1] *= 3
    return np.sum(ws[0]) * np.sum(ws[1] ** 2) * x[3]


def dict_items_swapped(x):
    out = {}
    out["a"], out["b"] = x[0] * x[1], x[2]
    out["a"], out["b"] = out["b"], out["a"]
    return out["a"] ** 2 * out["b"]


def deque(x):
    from collections import deque

    q = deque([x[0], x[1]])
    q.append(x[2])
    v = q.popleft()
    return v * q[0] * q[1]


def view_of_an_array_in_a_dict(x):
    d = {"a": x * 1.0}
    v = d["a"][1:]
    v *= x[0]
    d["b"] = v
    return np.sum(d["a"]) * np.sum(d["b"])


def settings_rebuilt(x):
    cfg = {"w": x, "lr": 0.1}
    for _ in range(3):
        g = 2 * cfg["w"]
        cfg = {**cfg, "w": cfg["w"] - cfg["lr"] * g}
    return np.sum(cfg["w"] ** 2)


def work_list(x):
    q = [(x[0], 1), (x[1], 2)]
    t = 0.0
    while q:
        v, n = q.pop()
        t += v * n
        if n < 3:
            q.append((v * x[n], n + 1))
    return t


def smallest_so_far(x):
    best = None
    for v in x:
        if best is None or v < best:
            best = v
    return best**2


def means_by_group(x):
    class_counts = {}
    for i, v in enumerate(x):
        class_counts.setdefault(i % 2, []).append(v * v)
    return sum(np.mean(v) for v in class_counts.values())


def nest_written(x):
    st = [x[0], [x[1], {"k": x[2]}]]
    st[1][1]["k"] = st[0] * st[1][0]
    st[1][0] = st[1][1]["k"] ** 2
    return st[1][0] * st[1][1]["k"]


def work_array_through_out(x):
    acc = np.zeros(5)
    tmp = np.empty(5)
    for i in range(3):
        np.multiply(x, i + 1.0, out=tmp)
        np.sin(tmp, out=tmp)
        acc += tmp
    return np.sum(acc**2)
