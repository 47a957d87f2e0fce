"""A constant that reads others: all of them are in the text written ahead of time."""

import math
from math import pi

HALF = math.tau / 4
ANGLE = pi * HALF


def f(x):
    return x * ANGLE


POINTS = [(0.5,)]
