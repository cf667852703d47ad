"""What a model can do decides what happens to it, never what it is: the studio knows no family."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import models
import studio
from studio.engine import kinds
from studio.gui.kinds import KINDS

STUDIO = Path(studio.__file__).parent
DEMONSTRATIONS = STUDIO / "demonstrations.py"  # the checkpoints that the studio shows itself with


def files() -> list[Path]:
    return sorted(path for path in STUDIO.rglob("*.py") if path != DEMONSTRATIONS)


def families() -> set[str]:
    """The modules of `models` in which a family is declared."""
    return {v.place for v in models.registry.variants().values() if v.built_in}


def imported(path: Path) -> Iterator[str]:
    """Every module, and every name in a module, that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def texts(path: Path) -> set[str]:
    nodes = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


def test_the_studio_imports_no_family() -> None:
    known = families()
    found = {str(path.relative_to(STUDIO)): known & set(imported(path)) for path in files()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_studio_names_no_model() -> None:
    known = set(models.available())
    found = {str(path.relative_to(STUDIO)): known & texts(path) for path in files()}
    assert {path: names for path, names in found.items() if names} == {}


def test_both_would_be_noticed(tmp_path: Path) -> None:
    (path := tmp_path / "bad.py").write_text(
        "def f():\n    from models.made import MADE\n    return MADE, 'wavenet'\n"
    )
    assert families() & set(imported(path)) == {"models.made"}
    assert set(models.available()) & texts(path) == {"wavenet"}


@pytest.mark.parametrize("name", models.available())
def test_every_model_is_of_a_kind_that_the_window_has_too(name: str) -> None:
    kind = kinds.listed(name)
    assert kinds.of(models.build(name)) is kind
    assert kind.name in KINDS


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_commands(kind: kinds.Kind) -> None:
    commands = import_module(kind.commands)
    assert all(callable(getattr(commands, name)) for name in ("generate", "complete", "report"))
