"""The shape of the source tree: sizes, layers and habits that a reviewer would otherwise count.

Run as a script it prints the functions longer than they should be, and fails on files over the cap.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "srcgrad"
MAX_FILE_LINES = 400
MAX_LINE_LENGTH = 100
LONG_FUNCTION = 60  # reported, not refused: a table of cases may be long and plain

LAYERS = ("ad", "analysis", "backends", "emit", "frontend", "ir", "optimize", "rules")
VAGUE_NAMES = ("common", "helpers", "misc", "util", "utils")

# Trees are read in one place and printed in one place.
TREE_LIBRARIES = {"astor": "emit", "gast": "frontend"}


def source_files() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def written_files() -> list[Path]:
    """Every Python file that people write: generated derivatives are left out."""
    folders = [ROOT / name for name in ("srcgrad", "tests", "examples", "benchmarks")]
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path for path in found if not is_generated(path))


def is_generated(path: Path) -> bool:
    return path.name.endswith("_grad.py") and path.parent.name in ("examples", "golden")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def oversized_files() -> list[str]:
    sizes = {path: len(lines(path)) for path in written_files()}
    return [f"{name(p)}: {n} lines" for p, n in sizes.items() if n > MAX_FILE_LINES]


def long_functions() -> list[str]:
    """Functions of the package above the reported length, longest first."""
    found: list[tuple[int, str]] = []
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONG_FUNCTION:
                    found.append(
                        (length, f"{name(path)}:{node.lineno} {node.name}: {length} lines")
                    )
    return [text for _, text in sorted(found, reverse=True)]


def test_no_file_is_over_the_cap() -> None:
    assert oversized_files() == []


def test_no_line_is_too_long() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in written_files()
        for number, line in enumerate(lines(path), 1)
        if len(line) > MAX_LINE_LENGTH
    ]
    assert found == []


def test_every_layer_exists() -> None:
    missing = [layer for layer in LAYERS if not (PACKAGE / layer / "__init__.py").is_file()]
    assert missing == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in source_files()}
    assert [name(f) for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_file_names_say_what_is_inside() -> None:
    assert [name(p) for p in source_files() if p.stem in VAGUE_NAMES] == []


def test_every_module_says_why_it_exists() -> None:
    trees = {p: ast.parse(p.read_text(encoding="utf-8")) for p in source_files()}
    assert [name(p) for p, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_annotations_are_never_evaluated() -> None:
    """So that one spelling of types serves 3.10 to 3.13."""
    wanted = "from __future__ import annotations"
    found = [name(p) for p in source_files() if lines(p) and wanted not in lines(p)]
    assert [path for path in found if not path.endswith("__init__.py")] == []


def test_tree_libraries_stay_in_their_layer() -> None:
    found = [
        f"{name(path)} imports {library}"
        for path in source_files()
        for library, layer in TREE_LIBRARIES.items()
        if library in imported(path) and path.relative_to(PACKAGE).parts[0] != layer
    ]
    assert found == []


def test_only_one_file_imports_astor() -> None:
    users = [name(path) for path in source_files() if "astor" in imported(path)]
    assert len(users) == 1, users


def test_dependencies_are_those_imported() -> None:
    used = set().union(*(imported(path) for path in source_files()))
    declared = re.search(r"\ndependencies = \[(.*?)\n\]", text_of("pyproject.toml"), re.DOTALL)
    assert declared is not None
    names = set(re.findall(r'"([a-z]+)', declared[1]))
    extras = {"numba"}  # asked for where they are used, and missed with a message
    assert names == used - sys.stdlib_module_names - {"srcgrad"} - extras


def test_carried_helpers_import_numpy_only() -> None:
    """Their source goes into generated files, which must stand alone."""
    files = sorted(PACKAGE.glob("support*.py"))
    # of srcgrad, only each other: a layer
    allowed = {"__future__", "numpy", "srcgrad", "typing", "warnings"}
    assert files
    assert [name(path) for path in files if not imported(path) <= allowed] == []


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    found = [
        f"{name(path)}:{number}"
        for path in source_files()
        for number, line in enumerate(lines(path), 1)
        if marks.search(line)
    ]
    assert found == []


def test_importing_loads_no_optional_package() -> None:
    """`import srcgrad` must work with the run-time dependencies alone, and stay quick."""
    optional = {"astor", "gast", "matplotlib", "numba", "rich", "scipy", "sklearn", "tqdm"}
    code = f"import sys, srcgrad; print(sorted({optional} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def main() -> int:
    """Report sizes; the exit status says whether a file is over the cap."""
    total = sum(len(lines(path)) for path in source_files())
    print(f"srcgrad: {len(source_files())} files, {total} lines")
    for text in long_functions():
        print(f"long function: {text}")
    for text in oversized_files():
        print(f"over {MAX_FILE_LINES} lines: {text}")
    return 1 if oversized_files() else 0


if __name__ == "__main__":
    sys.exit(main())
