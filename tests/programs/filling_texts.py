"""Texts that a tuple fills in: `%` of a text is no arithmetic."""


def keys_made_of_positions(x):
    total = 0.0
    d = {"k_0": x[0], "k_1": x[1]}
    for i in range(2):
        total += d.get("k_%s" % (i,), x[2]) * d["k_1"]
    return total


def texts_compared(x):
    total = 0.0
    for i in range(3):
        if "%s!" % (i,) == "1!":
            total += x[0] * x[0]
    return total


def key_of_two_numbers(x):
    d = {"0_1": x[0]}
    assert x[0] < 100, "bad %d %d" % (1, 2)
    return d["%d_%d" % (0, 1)] ** 2


def key_of_a_pattern(x):
    pattern = "%s%d"
    d = {"b1": x[0]}
    return d[pattern % ("b", 1)] * x[1]


def steps_told(x):
    total = 0.0
    for i in range(2):
        print("step %d of %d" % (i, 3))
        total += x[i] * x[2]
    return total
