"""`srcgrad transform`: files in, files out, and every way in which that can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def load(text: str) -> dict[str, object]:
    """Run generated source in a process-like namespace of its own."""
    space: dict[str, object] = {}
    exec(compile(text, "generated", "exec"), space)
    return space


def test_prints_the_derivatives_of_all_public_functions(run: Run) -> None:
    result = run("transform", "model.py")
    assert (result.code, result.err) == (0, "")
    space = load(result.out)
    assert "loss_grad" in space and "layer_grad" in space and "_private_grad" not in space
    assert space["loss_grad"](1.0, 4.0, -3.0, 3.0) == -16  # type: ignore[operator]


def test_chosen_functions_parameters_and_mode(run: Run) -> None:
    args = ("--function", "loss", "--wrt", "w,b", "--mode", "value_and_grad")
    space = load(run("transform", "model.py", *args).out)
    assert "layer_value_and_grad" not in space
    value, (w_bar, b_bar) = space["loss_value_and_grad"](1.0, 4.0, -3.0, 3.0)  # type: ignore
    assert (value, w_bar, b_bar) == (4, -16, -4)


def test_decorated_functions_are_the_default(run: Run, tmp_path: Path) -> None:
    text = (
        "from srcgrad import grad\n\n\ndef helper(x: float):\n    return 2 * x\n\n\n"
        "@grad\ndef f(x: float):\n    return x * x\n"
    )
    (tmp_path / "decorated.py").write_text(text)
    space = load(run("transform", "decorated.py").out)
    assert "f_grad" in space and "helper_grad" not in space


def test_output_is_written_whole_and_is_fresh_afterwards(run: Run, tmp_path: Path) -> None:
    assert run("transform", "model.py", "-o", "out.py") == (0, "", "")
    text = (tmp_path / "out.py").read_text(encoding="utf-8")
    again = "\nRegenerate: srcgrad transform model.py -o out.py\n"
    assert again in text
    assert load(text)["loss_grad"](1.0, 4.0, -3.0, 3.0) == -16  # type: ignore[operator]
    assert run("transform", "model.py", "-o", "out.py", "--check") == (0, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.py", "out.py"]


def test_the_header_names_the_command(run: Run, tmp_path: Path) -> None:
    options = ("--function", "loss", "--wrt", "w,b", "--mode", "vjp", "--at", "w=1.0", "b=2.0")
    run("transform", str(tmp_path / "model.py"), "-o", str(tmp_path / "out.py"), *options)
    text = (tmp_path / "out.py").read_text(encoding="utf-8")
    assert f"Regenerate: srcgrad transform model.py -o out.py {' '.join(options)}\n" in text
    assert str(tmp_path) not in text
    assert run("transform", "./model.py", "-o", "./out.py", *options, "--check").code == 0


def test_check_tells_a_stale_file_and_leaves_it(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.py"
    run("transform", "model.py", "-o", "out.py")
    stale = out.read_text().replace("np.tanh", "np.sinh")
    out.write_text(stale)
    result = run("transform", "model.py", "-o", "out.py", "--check")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("out.py: out of date\n--- out.py\n")
    assert "np.sinh" in result.err
    assert out.read_text() == stale


def test_check_of_a_missing_file(run: Run) -> None:
    assert run("transform", "model.py", "-o", "out.py", "--check") == (
        1, "", "out.py: does not exist yet\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("absent.py",), "srcgrad: absent.py: No such file or directory"),
        ((".",), "srcgrad: .: Is a directory"),
        (("broken.py",), "broken.py:3:"),
        (("bytes.py",), "bytes.py:1:1: invalid or missing encoding declaration"),
        (
            ("model.py", "--function", "nope"),
            "model.py: no function `nope`; it defines loss, layer",
        ),
        (("model.py", "--function", "loss", "--wrt", "q"), "q"),
        (("model.py", "--check"), "--check needs -o OUT"),
        (("model.py", "-o", "model.py"), "this is the input"),
        (("model.py", "-o", "no/such/folder/out.py"), "No such file or directory"),
        (("model.py", "--mode", "sideways"), "invalid choice"),
        (("model.py", "--wrt", "a,,b"), "not a list of parameter names"),
        (("model.py", "--at", "w"), "not of the form NAME=VALUE"),
        (("model.py", "--at", "w=os.getcwd()"), "not a Python literal"),
    ],
)
def test_what_cannot_be_served_is_said_once(
    run: Run, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    (tmp_path / "broken.py").write_text("x = 1\n\ndef f(x:\n    return x\n")
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\n")
    before = sorted(tmp_path.rglob("*"))
    result = run("transform", *args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "Traceback" not in result.err
    assert sorted(tmp_path.rglob("*")) == before


def test_syntax_errors_show_the_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\nif x\n    y = 2\n")
    lines = run("transform", "broken.py").err.splitlines()
    assert lines[0].startswith("broken.py:2:5: ")
    assert lines[1:] == ["    if x", "        ^"]


def test_every_unsupported_construct_is_listed_and_nothing_written(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_text(
        "def f(x: float):\n    global count\n    count = 1\n"
        "    y = (x for _ in range(3))\n    return y[0]\n"
    )
    result = run("transform", "bad.py", "-o", "out.py")
    assert (result.code, result.out) == (2, "")
    assert "bad.py:2:5: " in result.err and "bad.py:4:9: " in result.err
    assert "    global count\n    ^" in result.err
    assert not (tmp_path / "out.py").exists()


def test_faults_of_srcgrad_ask_for_a_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> str:
        raise KeyError("lost")

    monkeypatch.setattr("srcgrad.cli.transform", broken)
    result = run("transform", "model.py")
    assert result.code == 3
    assert "internal error: KeyError: 'lost'" in result.err and "report" in result.err
    assert "Traceback" not in result.err


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x: float):\n    return x * x\n")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "srcgrad", "transform", str(tmp_path / "f.py")]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_runs_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x: float):\n    return x * x\n")
    command = [sys.executable, "-m", "srcgrad", "transform", str(tmp_path / "f.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert load(done.stdout)["f_grad"](3.0) == 6  # type: ignore[operator]
