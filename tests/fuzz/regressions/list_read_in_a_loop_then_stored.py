"""An item that is stored after a loop has read it is recorded for the loop's adjoint."""


def f(parts):
    parts2 = parts
    parts2[0] = sum(e * e for e in parts2)
    return 0.65 * parts[-1] + 0.94 * sum(parts)


POINTS = [([-0.546, 1.013],)]
