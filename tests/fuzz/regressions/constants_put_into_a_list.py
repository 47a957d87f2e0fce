"""Values without a derivative go into a list with one: its adjoint changes its length with it."""


def f(parts, s):
    parts.insert(1, 0.51)
    total = parts[2] * parts[0]
    parts.extend([0.5, 1.0])
    parts[3] *= s
    return sum(parts) * total


POINTS = [([0.4, 0.7], 0.3)]
