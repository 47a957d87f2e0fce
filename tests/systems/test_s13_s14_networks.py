"""S13 and S14: two-layer networks against central differences over every parameter, and trained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import big_network
import big_network_grad
import digits_network
import digits_network_grad
import numpy as np
import pytest
import run_big_network
from differences import central_differences, largest_difference, mean_difference
from digits_data import load_split
from numpy.testing import assert_allclose

from srcgrad import grad, value_and_grad

EXAMPLES = Path(digits_network.__file__).parent

# Runs a script as `python SCRIPT ...` in a process in which srcgrad cannot be imported.
BLOCKED = """
import importlib.abc, runpy, sys

class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "srcgrad":
            raise ImportError("srcgrad is blocked")

sys.meta_path.insert(0, Blocker())
try:
    import srcgrad
except ImportError:
    pass
else:
    raise SystemExit("srcgrad could be imported")
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.parametrize("name", ["loss", "loss_sigmoid"])
def test_s13_gradient_check(name: str) -> None:
    # The seed is fixed: a unit that happens to sit at ReLU's kink would spoil the differences.
    params = digits_network.init_params(np.random.default_rng(7))
    data = load_split()
    x, labels = data.train_images[:3], data.train_labels[:3]
    loss = getattr(digits_network, name)
    numeric = central_differences(lambda: loss(params, x, labels), params)
    for value, gradient in (
        value_and_grad(loss)(params, x, labels),
        getattr(digits_network_grad, f"{name}_value_and_grad")(params, x, labels),
    ):
        assert value == pytest.approx(loss(params, x, labels), rel=1e-14)
        assert list(gradient) == list(params)
        assert mean_difference(gradient, numeric) < 1e-9
        assert largest_difference(gradient, numeric) < 1e-7


def test_s13_gradient_leaves_parameters_alone() -> None:
    params = digits_network.init_params(np.random.default_rng(1))
    kept = {name: array.copy() for name, array in params.items()}
    data = load_split()
    _, gradient = digits_network_grad.loss_value_and_grad(
        params, data.train_images[:4], data.train_labels[:4]
    )
    for name in params:
        assert np.array_equal(params[name], kept[name])
        assert gradient[name].shape == params[name].shape
        for other in params:
            assert not np.shares_memory(gradient[name], params[other])


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_s13_trains_where_srcgrad_cannot_be_imported(activation: str, tmp_path: Path) -> None:
    picture = tmp_path / "loss.png"
    script = EXAMPLES / "train_digits.py"
    command = [sys.executable, "-c", BLOCKED, script.as_posix()]
    command += ["--activation", activation, "--picture", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) >= 0.95
    assert "epoch" in done.stderr  # the progress bar
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_s14_all_parameters_against_central_differences() -> None:
    result = run_big_network.compare(seed=3)
    assert result.parameters == 33_310
    assert result.largest < 1e-9
    assert result.differences > 10 * result.reverse


def test_s14_live_gradient_is_the_generated_one(rng: np.random.Generator) -> None:
    params = big_network.init_params(rng)
    x = rng.random((6, 100))
    onehot = np.eye(10)[rng.integers(0, 10, 6)]
    live = grad(big_network.loss)(params, x, onehot)
    saved = big_network_grad.loss_grad(params, x, onehot)
    for name in params:
        assert_allclose(live[name], saved[name], rtol=1e-12, atol=1e-15)
