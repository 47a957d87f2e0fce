"""Arrays in a dict of parameters, or in a state, read and written by elements in loops."""

import numpy as np


def elements(p):
    s = 0.0
    for i in range(3):
        s += p["w"][i] * p["b"][i - 1]
    return s


def whole_as_well(p):
    s = np.sum(p["w"])
    for i in range(3):
        s += p["w"][i] * p["b"][i - 1]
        s += np.sum(p["w"] * p["b"])
    return s + p["w"] @ p["b"]


def by_a_name(p):
    w = p["w"]
    s = 0.0
    for i in range(3):
        s += w[i] * p["w"][i - 1]
        v = p["b"]
        s += v[i] ** 2 * w[0]
    return s


def in_branches(p):
    s = 0.0
    for i in range(3):
        if p["w"][i] > 0:
            s += p["w"][i] * p["b"][i - 1]
        else:
            s -= p["b"][i] ** 2
    return s


def stretched(p):
    """What is read by elements was summed, or is stretched."""
    s = 0.0
    for i in range(3):
        m = np.sum(p["M"], axis=0)
        s += m[i] * p["w"][i]
        r = p["M"] + p["w"]
        s += r[i, 0] * p["M"][0, i]
    return s


def rows(p):
    s = 0.0
    for i in range(3):
        s += p["M"][i] @ p["w"]
        s += np.sum(p["M"][:, i] * p["M"][i])
        s += p["M"][i, 1:] @ p["b"][1:]
    return s


def exchanged(p):
    s = {"a": p["w"].copy(), "b": p["b"].copy()}
    for i in range(3):
        s["a"], s["b"] = s["b"], s["a"]
        s["a"][i] = s["b"][i - 1] * s["a"][0]
    return np.sum(s["a"] * s["b"])


def centred(p):
    s = 0.0
    for i in range(3):
        d = p["w"] - np.mean(p["w"])
        s += d[i] * p["w"][i] + d[0]
    return s


def without_a_loop(p):
    return p["w"][0] * p["w"][1] + p["w"][2] * p["b"][0] + p["M"][1, 2]


def by_a_function(p):
    def term(q, i):
        return q["w"][i] * q["b"][i]

    return sum(term(p, i) * term(p, i - 1) for i in range(3))


def left_early(p):
    s = 0.0
    for i in range(3):
        if p["w"][i] > 0.7:
            return s * p["b"][i]
        s += p["w"][i] * p["M"][i, i]
    return s


def lists_of_a_state(p, n=4):
    s = {"h": [0.5] * n, "c": [0.0] * n}
    for i in range(1, n):
        s["h"][i] = p["w"][i - 1] * s["c"][i - 1] + s["h"][i - 1]
        s["c"][i] = s["h"][i - 1] * p["b"][0]
    return s["h"][-1] * s["c"][-1] + s["c"][2]


def list_that_the_result_leaves_out(p, n=4):
    s = {"h": [0.5] * n, "c": [0.0] * n}
    for i in range(1, n):
        s["h"][i] = p["w"][i - 1] * s["c"][i - 1] + s["h"][i - 1]
        s["c"][i] = s["h"][i - 1] * p["b"][0]
    return s["h"][-1]
