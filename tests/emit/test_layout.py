"""The layout of long lines: as `ruff format` has it, and nothing lost on the way."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srcgrad.emit.layout import WIDTH, layout
from srcgrad.emit.printer import print_module

PAGE = """import numpy as np
from aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa import (
    bbbbbbbbbbbbbbbbbbbbbbbbbbb,
    cccccccccccccccccc as e,
)


def solve_gradient(
    temperature, diffusivity, source_term, time_step, number_of_steps=10, *, weights
):
    u_bar[row_offset + 1 : row_end - 1, column_offset + 1 : column_end - 1] += (
        k_diffusion * lap_bar[row_offset:, c:]
    )
    u_bar[row_offset + 1 : row_end - 1, column_offset + 1 : column_end - 1] = lap_bar[
        row_offset:, column_offset:
    ]
    u_bar[row_offset + 1 : row_end - 1, column_offset + 1 : column_end - 1] = (
        np.asarray(lap_bar, dtype=np.float64)
    )
    total_bar = (
        total_bar
        + np.sum(temperature_bar * diffusivity_field, axis=(0, 1), keepdims=True)
        * scaling_factor
    )
    total_bar = first_factor_of_the_product * np.sum(
        temperature_bar * diffusivity_field, axis=(0, 1), keepdims=True
    )
    total_bar = np.sum(
        np.multiply(temperature_bar, diffusivity_field),
        axis=(0, 1),
        keepdims=True,
        initial=initial,
    )
    temperature_bar, diffusivity_bar = (
        unbroadcast_gradient(total_bar * diffusivity, temperature.shape),
        other_bar,
    )
    weights_bar = np.where(
        weights > threshold_of_the_weights,
        first_adjoint_contribution,
        second_adjoint_contribution[0],
    )
    scaled_bar = (
        first_adjoint_contribution
        if use_the_first_one_of_the_two_paths
        else second_adjoint_contribution
    )
    inner_bar = (
        first_adjoint_contribution
        + second_adjoint_contribution
        + third_adjoint_contribution
        + x
    ) ** 2
    chained_bar = (
        (first_adjoint_contribution * second_adjoint_contribution)
        .sum(axis=0)
        .reshape(original_shape)
        .T
    )
    tape = {
        "temperature": temperature,
        "diffusivity": diffusivity,
        "source_term": source_term,
        "steps": [1, 2],
    }
    if (
        np.any(temperature < lower_bound_of_temperature)
        or np.any(temperature > upper_bound_of_temperature)
        and x
    ):
        raise ValueError(
            "the temperature is outside the range for which it was measured"
        )
    for row_index, (row_value, row_weight) in enumerate(
        zip(temperature_rows, weights_of_the_rows, strict=True)
    ):
        assert temperature_rows[row_index].shape == weights_of_the_rows.shape, (
            "rows and weights must agree"
        )
    callback = lambda value: (
        first_adjoint_contribution * value + second_adjoint_contribution * value_of_time
    )
    stacked = [
        first_adjoint_contribution * value
        for value in second_adjoint_contribution
        if value is not None
    ]
    with (
        np.errstate(divide="ignore", invalid="ignore"),
        open(some_long_file_name_of_the_user) as opened_file,
    ):
        solve(temperature, diffusivity)
    return (
        temperature_bar,
        diffusivity_bar,
        source_term_bar,
        {"weights": weights_bar, "inner": inner_bar[0]},
    )
"""


def _printed(text: str) -> str:
    return print_module(ast.parse(text))


def test_long_lines_are_broken_and_read_back() -> None:
    # The input's own line breaks are lost in its tree, so this is the printer's layout.
    assert _printed(PAGE) == PAGE
    assert max(map(len, PAGE.split("\n"))) <= WIDTH


def test_formatters_change_nothing(tmp_path: Path) -> None:
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    if not Path(ruff).exists():
        pytest.skip("ruff, of the test extra, is not installed")
    file = tmp_path / "printed.py"
    file.write_text(_printed(PAGE), encoding="utf-8")
    command = [ruff, "format", "--isolated", "--diff", "--target-version", "py310", str(file)]
    command += ["--config", "format.skip-magic-trailing-comma=true"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_cannot_be_broken_stays_long() -> None:
    name = "a" * 100
    assert _printed(f"x = {name}") == f"x = {name}\n"
    assert _printed(f"x = {name}({name})") == f"x = {name}(\n    {name}\n)\n"


def test_a_trailing_comment_moves_above_where_it_does_not_fit() -> None:
    tree = ast.parse("x = a\ny = b")
    tree.body[0].trailing = "c" * 79  # type: ignore[attr-defined]
    tree.body[1].trailing = "c" * 80  # type: ignore[attr-defined]
    first, second = "c" * 79, "c" * 80
    assert print_module(tree) == f"x = a  # {first}\n# {second}\ny = b\n"


def test_layout_ends_in_one_newline() -> None:
    assert layout(["\n\n", "    ", "a", "\n"]) == "    a\n"


def test_a_long_module_prints_in_time() -> None:
    tree = ast.parse("y = a + b * np.sum(c, axis=0)[i, j:k] - f(x)\n" * 2000)
    start = time.process_time()
    print_module(tree)
    # Ten times what it takes: this is for quadratic time, not for slow machines.
    assert time.process_time() - start < 5
