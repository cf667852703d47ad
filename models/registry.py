"""The list of what can be built, by name: the variants that are declared in a list VARIANTS

- by a module of this package,
- by another installed package, under the entry point group `autoregressive_studio.models`,
- by a person's own file (`load_file`) or program (`register`).

A model joins the studio by being declared; whether a trained
checkpoint of it is shipped is another matter.
"""

from __future__ import annotations

import logging
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

from models.interface import Model, ModelConfig
from models.recipe import Recipe
from models.variants import Variant

GROUP = "autoregressive_studio.models"  # of entry points: a module with VARIANTS, or such a list
_MODULE = "models_of_"  # and a path: what the module of a person's own file is called

_variants: dict[str, Variant] = {}
_looking = RLock()  # the first to ask may be any thread


def variants() -> dict[str, Variant]:
    """Every variant by its name. The packages are looked through at the first call; one that cannot
    be used is named in a warning, and left out."""
    with _looking:
        if not _variants:
            _variants.update(_of_this_package())
            for point in entry_points(group=GROUP):
                try:
                    register(*_declared(point.load()), place=_package_of(point))
                except Exception as error:  # whatever others' code may raise
                    logging.getLogger(__name__).warning(
                        "The models of %s cannot be used: %s.", _package_of(point), _reason(error)
                    )
    return _variants


def register(*declared: Any, place: str = "a call of models.register") -> list[str]:
    """Make variants known, all of them or none; returns their names.

    declared: each a `Variant`, or a plain tuple of its first five fields.
    place: where they come from, in words.
    ValueError for what is no variant, and for a name that is taken, naming both places.
    """
    with _looking:
        found = _unique(declared, place, variants())
        _variants.update(found)
    return list(found)


def load_file(path: str | Path, besides: Callable[[ModuleType], bool] | None = None) -> list[str]:
    """Register the VARIANTS of a file of Python, which runs whatever code is in it; returns their
    names. A file that was loaded before takes the place of what it was.

    besides: is shown the module, for what else it may hold; where it says that there is something,
    the file needs no VARIANTS. What it raises is taken for a fault of the file.

    ValueError, one sentence that names the file and the line, for what cannot be used.
    """
    path = Path(path).resolve()
    place, module_name = f'"{path}"', f"{_MODULE}{path}"
    if not path.is_file():
        raise ValueError(f"there is no file {place}")
    spec = spec_from_file_location(
        module_name, path, loader=SourceFileLoader(module_name, str(path))
    )
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[module_name] = module  # where dataclasses look up the names in their annotations
    try:
        spec.loader.exec_module(module)
        more = besides is not None and besides(module)
        with _looking:
            others = {k: v for k, v in variants().items() if v.place != place}
            declared = () if more and not hasattr(module, "VARIANTS") else _declared(module)
            found = _unique(declared, place, others)
            for name in _variants.keys() - others.keys() - found.keys():
                del _variants[name]
            _variants.update(found)
    except (Exception, SystemExit) as error:  # whatever a person's code may raise
        del sys.modules[module_name]
        line = _line_of(error, path)
        raise ValueError(
            f"{place} cannot be used: {f'line {line}: ' if line else ''}{_reason(error)}"
        ) from error
    return list(found)


def loaded_files() -> list[str]:
    """The paths of the files that `load_file` has run: another process needs them too."""
    return [name.removeprefix(_MODULE) for name in sys.modules if name.startswith(_MODULE)]


def available() -> list[str]:
    """Every family and variant, sorted."""
    return sorted(variants())


def autoregressive() -> list[str]:
    """Those that generate: what `build` makes of these
    names is an `AutoregressiveModel`. Sorted."""
    return [name for name in available() if variants()[name].autoregressive]


def families(names: Iterable[str] | None = None) -> list[str]:
    """Of these names, None for all, the first of each family."""
    firsts: dict[type[Model], str] = {}
    for name in available() if names is None else names:
        firsts.setdefault(variant(name).model, name)
    return list(firsts.values())


def variant(name: str) -> Variant:
    """Raises ValueError, naming what there is, for a name that is not known."""
    if name not in variants():
        raise ValueError(f"there is no model {name!r}; there are {', '.join(available())}")
    return variants()[name]


def build(name: str, **overrides: Any) -> Model:
    """A model with fresh weights. Raises ValueError as `configured` does."""
    model = variant(name).model(configured(name, **overrides))
    model.name = name
    return model


def configured(name: str, **overrides: Any) -> ModelConfig:
    """What a model of this name is built from. Raises ValueError for an unknown name or override,
    naming it, and for a value that cannot be used."""
    defaults = variant(name).defaults
    known = [field.name for field in fields(defaults)]
    overrides = {defaults.FORMER.get(key, key): value for key, value in overrides.items()}
    for key, value in overrides.items():
        if key not in known:
            raise ValueError(f"{name} has no setting {key!r}; it has {', '.join(known)}")
        if isinstance(value, list):
            overrides[key] = tuple(value)
    return replace(defaults, **overrides)


def recipe(name: str, data: str = "") -> Recipe:
    """The recipe of the shipped checkpoint: the one made for these data,
    where there is one, else the usual one."""
    found = variant(name)
    return next((other for other in found.others if other.data == data), found.recipe)


def describe(name: str) -> str:
    """What it is, in one line."""
    return variant(name).summary


def _of_this_package() -> dict[str, Variant]:
    package = sys.modules[__name__.rpartition(".")[0]]
    found: dict[str, Variant] = {}
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        declared = getattr(import_module(info.name), "VARIANTS", ())
        found |= _unique(declared, info.name, found)
    return found


def _unique(declared: Iterable[Any], place: str, known: dict[str, Variant]) -> dict[str, Variant]:
    """Declarations as variants by name; ValueError for a name twice,
    among them or beside the known ones."""
    found: dict[str, Variant] = {}
    for one in map(Variant.read, declared):
        new = replace(one, place=place)
        other = found.get(new.name) or known.get(new.name)
        if other is not None:
            raise ValueError(
                f"the name {new.name!r} is given to two models, by {other.place} and by {new.place}"
            )
        found[new.name] = new
    return found


def _declared(source: Any) -> Iterable[Any]:
    """The list of variants that an entry point or a file gives: itself, or that of a module."""
    found = source if isinstance(source, (list, tuple)) else getattr(source, "VARIANTS", None)
    if not isinstance(found, (list, tuple)):
        raise ValueError("there is no list VARIANTS in it")
    return found


def _package_of(point: EntryPoint) -> str:
    package = f"the package {point.dist.name}" if point.dist else "a package"
    return f"{package} ({point.name} = {point.value})"


def _reason(error: BaseException) -> str:
    """What an exception says, without a stop at its end;
    its kind too, where it is not one of ours."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    said = said.strip().partition("\n")[0].rstrip(".")
    return said if isinstance(error, ValueError) else f"{type(error).__name__}: {said}".rstrip(": ")


def _line_of(error: BaseException, path: Path) -> int | None:
    """The line of a file that an exception came by last."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    lines = [
        at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == str(path)
    ]
    return lines[-1] if lines else None
