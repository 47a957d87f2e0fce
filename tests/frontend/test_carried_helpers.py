"""Helpers in a text are those with a rule, however their docstrings are laid out there."""

import numpy as np

from srcgrad import grad, jvp, support_selection
from srcgrad.frontend.carried import carried_helper


def nearest(c, p):
    return np.sum(np.min(np.sum(p**2, axis=1)[:, None] - 2.0 * (p @ c.T) + c[:, 0], axis=1))


def arguments():
    rng = np.random.default_rng()
    return rng.normal(size=(40, 3)), rng.normal(size=(60, 3)), rng.normal(size=(40, 3))


def test_docstrings_of_several_lines():
    c, p, _ = arguments()
    names = {}
    exec(grad(nearest).lower(c, p).source, names)
    found = names["first_places"]
    assert found.__doc__ != support_selection.first_places.__doc__
    assert carried_helper(found) is support_selection.first_places


def test_another_function_is_none_of_them():
    names = {}
    text = (
        'import numpy as np\n\ndef first_places(x, first):\n    """Other."""\n    return x[first]\n'
    )
    exec(text, names)
    assert carried_helper(names["first_places"]) is None


def test_places_of_extrema_have_no_tangents():
    c, p, direction = arguments()
    gradient = grad(nearest)
    _, tangent = jvp(gradient, (c, p), (direction, None))
    h = 1e-6
    expected = (gradient(c + h * direction, p) - gradient(c - h * direction, p)) / (2 * h)
    np.testing.assert_allclose(tangent, expected, atol=1e-6)
