"""A name that is a dict in a loop and another thing after it."""


def f(s, w, given):
    for i in range(1):
        s = given["b"] * w
    given = w
    return s * given


POINTS = [(0.5, 0.7, {"a": 0.5, "b": 0.3})]
