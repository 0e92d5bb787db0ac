"""What is installed is what is here: every package is listed, imports run one way, no text is
executed, and every example in a docstring holds."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import hessrank

ROOT = Path(__file__).parent.parent
#: A layer may import those to its right.
LAYERS = ("hessrank", "proofs", "numeric", "symbolic")
SOURCES = sorted(p for layer in LAYERS for p in (ROOT / layer).rglob("*.py"))


def module_name(path: Path) -> str:
    """proofs/reasoning/claim.py is installed as hessrank.proofs.reasoning.claim."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    inside = parts if parts[0] == "hessrank" else ("hessrank", *parts)
    return ".".join(inside).removesuffix(".__init__")


def layer_of(module: str) -> int:
    part = module.split(".")[1] if "." in module else ""
    return LAYERS.index(part) if part in LAYERS else 0


def imported(tree: ast.AST) -> set[str]:
    """The modules of hessrank that are imported anywhere in `tree`, also inside functions."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "hessrank"}


def test_every_package_is_listed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    folders = {p.parent.relative_to(ROOT) for p in SOURCES}
    assert set(settings["setuptools"]["packages"]) == {module_name(ROOT / f) for f in folders}
    for name, folder in settings["setuptools"]["package-dir"].items():
        assert (ROOT / folder).is_dir(), name


def _for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way_and_no_text_is_executed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path == ROOT / "symbolic" / "problems" / "landscape.py":
        # the one exception: the types of the three methods that the layers above answer
        tree.body = [node for node in tree.body if not _for_types(node)]
    here = LAYERS.index(path.relative_to(ROOT).parts[0])
    for name in imported(tree):
        assert layer_of(name) >= here, f"{path.name} imports {name}"
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"eval", "exec", "sympify", "parse_expr", "compile"}
    assert not any(isinstance(n, ast.ExceptHandler) and n.type is None for n in ast.walk(tree))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_examples_in_docstrings_hold(path):
    module = importlib.import_module(module_name(path))
    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert failed == 0


def test_the_checker_stands_alone():
    """It runs with nothing but the standard library: -I ignores the environment and this folder,
    -S the installed packages."""
    checker = ROOT / "proofs" / "checker.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(checker), "--help"], capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_public_names_are_there():
    for name in hessrank.__all__:
        assert getattr(hessrank, name) is not None, name


def test_type_checkers_read_the_same_names():
    tree = ast.parse(Path(hessrank.__file__).read_text(encoding="utf-8"))
    block = next(
        n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"
    )
    seen = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            assert alias.asname == alias.name, "only `name as name` is exported"
            seen[alias.name] = node.module
    assert seen == {**hessrank._HOMES, **dict.fromkeys(hessrank._MODULES, "hessrank")}
    assert sorted(seen) == hessrank.__all__


def test_mypy_knows_the_public_names_and_no_others(tmp_path):
    pytest.importorskip("mypy")
    for layer in LAYERS:  # as they lie when installed
        inside = tmp_path / "site" / "hessrank" / ("" if layer == "hessrank" else layer)
        shutil.copytree(ROOT / layer, inside, dirs_exist_ok=True)
    (tmp_path / "user.py").write_text(
        "import hessrank as hr\n"
        "net: hr.Model = hr.mlp([1, 2, 1])\n"
        "bad: int = hr.mlp([1, 2, 1])\n"
        "hr.nonsense(1)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "user.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    mistakes = [line for line in done.stdout.splitlines() if line.startswith("user.py")]
    assert [line.split(":")[1] for line in mistakes] == ["3", "4"], done.stdout + done.stderr
    assert "assignment" in mistakes[0] and "nonsense" in mistakes[1]


def test_links_in_the_documents_lead_somewhere():
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
