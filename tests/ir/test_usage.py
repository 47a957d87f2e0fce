"""Kinds of parameters that the text alone tells."""

import numpy as np
import pytest

from srcgrad import transform

HEAD = "import numpy as np\n\n"


def derivative(body, params="A"):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return transform(f"{HEAD}def f({params}):\n{lines}", functions=["f"], wrt="A")


def test_shape_taken_apart_is_an_array_of_so_many_axes():
    text = derivative("n, m = A.shape\nreturn np.sum(A[0] * A[0]) / n")
    assert "A_bar = np.zeros_like(A)" in text
    assert "unbroadcast" not in text.partition("def f_grad")[2]


def test_an_item_of_the_shape_is_enough():
    assert "np.zeros_like(A)" in derivative("n = A.shape[0]\nreturn A[n - 1] * n")


@pytest.mark.parametrize(
    "body",
    [
        "if c:\n    return A[0]\nn = A.shape[0]\nreturn A[n - 1]",
        "if c:\n    n = A.shape[0]\nelse:\n    n = 1\nreturn A[n - 1]",
        "n = np.shape(A)[0]\nreturn A[n - 1]",
        "s = A.shape\ns = (3,)\nreturn A[s[0] - 1]",
    ],
)
def test_what_may_not_run_tells_nothing(body):
    assert "A_bar = zeros_like(A)" in derivative(body, "A, c=0")


def test_right_for_an_array():
    space = {}
    exec(derivative("n, m = A.shape\nreturn np.sum(A[:, 0] * A[:, 1]) / n"), space)
    A = np.random.default_rng().normal(size=(3, 2))
    np.testing.assert_allclose(space["f_grad"](A), A[:, ::-1] / 3)
