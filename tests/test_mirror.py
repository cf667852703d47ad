"""The tests mirror the engine: a module is tested in the file of its own name."""

from __future__ import annotations

from pathlib import Path

ENGINE = Path("studio", "engine")


def untested(root: Path) -> list[str]:
    """The modules of the engine without a test file of their own name."""
    modules = [path.relative_to(root / ENGINE) for path in (root / ENGINE).rglob("*.py")]
    return sorted(
        module.as_posix()
        for module in modules
        if module.name != "__init__.py"
        and not (root / "tests" / "engine" / module.with_name(f"test_{module.name}")).is_file()
    )


def test_every_module_of_the_engine_has_a_test_file_of_its_own_name():
    assert untested(Path(__file__).parent.parent) == []


def test_a_module_without_one_is_found(tmp_path: Path):
    for name in ("studio/engine/__init__.py", "studio/engine/room/old.py", "studio/engine/new.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("tests/engine/room/test_old.py", "tests/engine/room/test_new.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert untested(tmp_path) == ["new.py"]
