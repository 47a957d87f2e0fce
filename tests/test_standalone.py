"""Generated files run where srcgrad cannot be imported, importing only NumPy and the library."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
GENERATED = sorted(path.name for path in EXAMPLES.glob("*_grad.py"))

PRELUDE = """
import importlib.abc, sys
import numpy as np

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
from {module} import *
"""

NETWORK = """
rng = np.random.default_rng(0)
from {name} import init_params
params = init_params(rng)
"""

# For each generated file, what to do with it in a process without srcgrad.
USES = {
    "affine": """
value, pullback = affine_vjp(np.ones((2, 3)), np.eye(3), np.zeros(3))
assert [g.shape for g in pullback(value)] == [(2, 3), (3, 3), (3,)]
assert [g.shape for g in pullback(value)] == [(2, 3), (3, 3), (3,)]  # a pullback serves twice
""",
    "big_network": NETWORK
    + """
gradient = loss_grad(params, rng.random((2, 100)), np.eye(10)[:2])
assert {k: v.shape for k, v in gradient.items()} == {k: v.shape for k, v in params.items()}
""",
    "chain": """
assert square_grad(3.0) == 6.0
assert square_of_sum_grad(1.0, 2.0) == (6.0, 6.0)
assert abs(composition_grad(0.0) - 1.0) < 1e-15
assert paths_grad(2.0, 0.0) == (12.0, 8.0)
assert deep_grad(0.0, 3) == 3.375
""",
    "convnet": NETWORK
    + """
images, labels = rng.random((2, 1, 8, 8)), np.array([1, 2])
mask = np.ones((2, 64))
_, fast = loss_value_and_grad(params, images, labels, mask)
_, slow = loss_loops_value_and_grad(params, images, labels, mask)
_, drawn = loss_random_value_and_grad(params, images, labels, 1.0, rng)
for name in params:
    assert np.allclose(fast[name], slow[name], atol=1e-12)
    assert np.allclose(fast[name], drawn[name], atol=1e-12)
""",
    "descent": """
assert bowl_grad(np.array([3.0, -4.0])).tolist() == [6.0, -8.0]
assert np.allclose(hollows_grad(np.array([0.0, 0.0])), [2.0, 0.0])
""",
    "digits_network": NETWORK
    + """
for f in (loss_value_and_grad, loss_sigmoid_value_and_grad):
    value, gradient = f(params, rng.random((5, 64)), np.arange(5))
    assert value > 0
    assert {k: v.shape for k, v in gradient.items()} == {k: v.shape for k, v in params.items()}
""",
    "jacobians": """
assert scalar_vjp(2.0, 3.0)[1](1.0) == (3.0, 2.0)
for f, x in ((matrix_vjp, np.ones(3)), (batch_vjp, np.ones((3, 4)))):
    value, pullback = f(np.ones((2, 3)), x)
    assert [g.shape for g in pullback(value)] == [(2, 3), x.shape]
assert vector_vjp(np.ones(3), np.arange(3.0))[1](1.0)[0].tolist() == [0.0, 1.0, 2.0]
""",
    "line": "assert loss_grad(1.0, 4.0, -3.0, 3.0) == -16.0",
    "matmul": """
X, W, g = np.ones((2, 3)), np.arange(12.0).reshape(3, 4), np.ones((2, 4))
for f in (matmul_vjp, matmul_loops_vjp):
    dX, dW = f(X, W)[1](g)
    assert np.allclose(dX, g @ W.T) and np.allclose(dW, X.T @ g)
""",
    "nodes": """
assert add_grad(2.0, 3.0) == (1.0, 1.0) and subtract_grad(2.0, 3.0) == (1.0, -1.0)
assert multiply_grad(2.0, 3.0) == (3.0, 2.0) and reciprocal_grad(2.0) == -0.25
assert power_grad(2.0, 3) == 12.0 and exp_grad(0.0) == 1.0 and log_grad(4.0) == 0.25
assert sin_grad(0.0) == 1.0 and cos_grad(0.0) == 0.0
""",
    "one_weight": "assert loss_grad(1.0, 1.0, 2.0) == -2.0",
    "predators": """
start, seen = np.array([30.0, 4.0]), np.full((5, 2), 20.0)
slope = misfit_grad(np.array([0.5, 0.03, 0.02, 0.8]), start, seen)
assert slope.shape == (4,) and np.all(np.isfinite(slope))
""",
    "polynomial": "assert polynomial_grad(2.0, 1.0, 3.0, 5.0) == (24.0, 8.0, 4.0, 1.0)",
    "relu": """
for f in (relu_maximum_vjp, relu_where_vjp, relu_masked_vjp):
    assert f(np.array([-1.0, 0.0, 2.0]))[1](np.full(3, 7.0))[0].tolist() == [0.0, 0.0, 7.0]
""",
    "heat": """
u, u_dot = np.arange(5.0) ** 2, np.ones(5)
value, tangent = final_heat_jvp(u, 0.1, 1, u_dot, 1.0)
assert np.allclose(value, [0.0, 1.2, 4.2, 9.2, 16.0])
assert np.allclose(tangent, [1.0, 3.0, 3.0, 3.0, 1.0])
""",
    "particle": """
slope = (landing_grad(0.1), landing_grad(0.1 + 1e-6), landing_grad(0.1 - 1e-6))
assert np.isfinite(slope).all() and slope[0] != 0 and abs(slope[1] - slope[2]) < 1e-2
""",
    "saddle": """
start = np.array([1.0, 1.0])
assert np.allclose(worst_grad(np.array([0.5, -2.0]), start), [1.0, -4.0])
""",
    "shopping": """
assert np.allclose(bill_grad(1100.0, 5.0), (-13200 / 1100**2, 1.0))
assert np.allclose(bill_with_goods_grad(1100.0, 5.0, 33.0), (-13200 / 1100**2, 1.0, 1.0))
""",
    "sigmoid": "assert sigmoid_grad(0.0) == sigmoid_nodes_grad(0.0) == 0.25",
    "softmax": """
expected = [[-0.25, 0.25], [0.25, -0.25]]
assert np.allclose(loss_onehot_grad(np.zeros((2, 2)), np.eye(2)), expected)
assert np.allclose(loss_labels_grad(np.zeros((2, 2)), np.array([0, 1])), expected)
""",
    "wave": """
u = np.exp(-np.linspace(-3, 3, 21) ** 2)
found = misfit_grad(np.full(21, 0.7), u, np.linspace(1.0, 0.2, 40))
assert np.allclose(found, found[::-1]) and np.all(found[1:-1] != 0)
assert found[0] == found[-1] == 0  # the ends are held
assert not misfit_grad(np.full(21, 0.7), u, np.zeros(0)).any()
""",
}


def test_every_generated_file_has_a_use() -> None:
    assert {name.removesuffix("_grad.py") for name in GENERATED} == set(USES)


@pytest.mark.parametrize("name", sorted(USES))
def test_runs_without_srcgrad(name: str) -> None:
    script = PRELUDE.replace("{module}", f"{name}_grad") + USES[name].replace("{name}", name)
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=EXAMPLES)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", GENERATED)
def test_imports_only_numpy_and_the_standard_library(name: str) -> None:
    """And SciPy, where the program itself does."""
    primal = (EXAMPLES / name.replace("_grad.py", ".py")).read_text(encoding="utf-8")
    libraries = {"numpy", "scipy"} if "scipy" in primal else {"numpy"}
    tree = ast.parse((EXAMPLES / name).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots = {str(node.module).partition(".")[0]}
        else:
            continue
        assert roots <= libraries | sys.stdlib_module_names
