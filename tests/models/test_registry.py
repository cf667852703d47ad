"""Models are declared: found beside the families, in packages of others and in a person's files."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

import models
from models import Recipe, Variant, made, pixelcnn, registry

pytestmark = pytest.mark.usefixtures("own_models")

SMALL = Variant(
    "small", pixelcnn.PixelCNN, pixelcnn.Config(width=8), Recipe(), "A PixelCNN of few channels"
)

FILE = """
from dataclasses import dataclass
from models import Recipe
from models.pixelcnn import Config, PixelCNN

@dataclass(frozen=True)
class Thin(Config):
    width: int = 8

VARIANTS = [("thin", PixelCNN, Thin, Recipe(epochs=1), "A thin one")]
"""


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def packaged(folder: Path, entry_point: str) -> Path:
    """What an installed package leaves behind for others to find."""
    about = folder / "others-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entry_point}\n")
    return folder


def looked_for_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(registry, "_variants", {})
    return models.available()


# ---- the studio's own ----------------------------------------------------------------------------


def test_the_first_of_each_family_stands_for_it() -> None:
    firsts = registry.families()
    classes = [registry.variant(name).model for name in firsts]
    assert len(classes) == len(set(classes))
    assert set(classes) == {variant.model for variant in registry.variants().values()}
    assert registry.families(["pixelcnn-two-stack", "pixelcnn", "made-any-order", "made"]) == [
        "pixelcnn-two-stack",
        "pixelcnn",
        "made-any-order",
    ]


def test_every_family_that_declares_variants_is_found():
    assert {v.name for v in [*made.VARIANTS, *pixelcnn.VARIANTS]} <= set(models.available())
    assert registry.variant("made-any-order").place == "models.made"
    assert registry.variant("made-any-order").built_in


def test_a_variant_differs_from_its_family_by_its_config():
    assert models.build("gated-pixelcnn-class").config.to_dict()["classes"] == 10
    assert models.build("gated-pixelcnn-class", classes=3).config.to_dict()["classes"] == 3
    assert models.build("gated-pixelcnn").config.to_dict()["classes"] == 0


def test_a_setting_is_also_known_by_the_name_of_an_earlier_version():
    assert models.build("autoencoder", noise=0.25).config.to_dict()["corruption"] == 0.25


# ---- by hand -------------------------------------------------------------------------------------


def test_a_model_is_registered_by_hand():
    assert models.register(SMALL) == ["small"]
    assert models.build("small").config == pixelcnn.Config(width=8)
    assert models.recipe("small") == Recipe()
    assert models.describe("small") == "A PixelCNN of few channels"
    assert not registry.variant("small").built_in


def test_a_plain_tuple_will_do_and_a_class_of_config_stands_for_its_defaults():
    models.register(("plain", pixelcnn.PixelCNN, pixelcnn.Config, Recipe(), "As it is"))
    assert models.build("plain").config == pixelcnn.Config()


def test_a_name_twice_names_both_places_and_nothing_is_registered():
    models.register(SMALL, place="the first place")
    other = Variant("other", pixelcnn.PixelCNN, pixelcnn.Config, Recipe(), "Another one")
    with pytest.raises(ValueError, match=r"'small'.* by the first place and by the second place"):
        models.register(other, SMALL, place="the second place")
    assert "other" not in models.available()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: "a name"}, "letters, digits"),
        ({1: pixelcnn.Config}, "not a class derived from models.Model"),
        ({2: dict}, "not a models.ModelConfig"),
        ({3: {"epochs": 3}}, "not a models.Recipe"),
        ({4: None}, "not a text"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said(change: dict[int, Any], words: str):
    fields: list[Any] = ["wrong", pixelcnn.PixelCNN, pixelcnn.Config(), Recipe(), "A sentence"]
    with pytest.raises(ValueError, match=words):
        models.register(tuple(change.get(i, value) for i, value in enumerate(fields)))


# ---- a person's own files ------------------------------------------------------------------------


def test_a_file_is_loaded(tmp_path: Path):
    path = written(tmp_path, FILE)
    assert models.load_file(path) == ["thin"]
    assert models.build("thin", head=4).config.to_dict()["width"] == 8
    assert str(path) in registry.variant("thin").place


def test_a_file_loaded_again_takes_the_place_of_what_it_was(tmp_path: Path):
    models.load_file(written(tmp_path, FILE))
    models.load_file(written(tmp_path, FILE.replace('"thin"', '"thinner"')))
    assert {"thin", "thinner"} & set(models.available()) == {"thinner"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import models\n\nmodels.nothing()\n", "line 3: AttributeError"),
        ("def f():\n    return 1 / 0\n\nf()\n", "line 2: ZeroDivisionError"),
        ("class:\n", "line 1: SyntaxError"),
        ("raise SystemExit(3)\n", "line 1: SystemExit"),
        ("models = []\n", "no list VARIANTS"),
        ("VARIANTS = [3]\n", "a variant is a models.Variant or .* not 3"),
        (FILE.replace('"thin"', '"made"'), "by models.made and by .*mine.py"),
    ],
)
def test_a_file_that_fails_says_where(tmp_path: Path, text: str, words: str):
    before = models.available()
    with pytest.raises(ValueError, match=rf"mine.py. cannot be used: .*{words}"):
        models.load_file(written(tmp_path, text))
    assert models.available() == before


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match=r"there is no file .*gone.py"):
        models.load_file(tmp_path / "gone.py")


# ---- packages of others --------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["others_models", "others_models:VARIANTS"])
def test_an_installed_package_brings_its_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
):
    written(tmp_path, FILE, "others_models.py")
    monkeypatch.syspath_prepend(packaged(tmp_path, f"some = {value}"))
    assert "thin" in looked_for_again(monkeypatch)
    assert registry.variant("thin").place == f"the package others (some = {value})"
    monkeypatch.delitem(sys.modules, "others_models")


@pytest.mark.parametrize(
    ("entry_point", "words"),
    [
        ("some = nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("some = math", "there is no list VARIANTS in it"),
        ("some = models.made", "the name 'made' is given to two models, by models.made and by"),
    ],
)
def test_a_package_that_cannot_be_used_is_named_in_one_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    entry_point: str,
    words: str,
):
    before = models.available()
    monkeypatch.syspath_prepend(packaged(tmp_path, entry_point))
    with caplog.at_level(logging.WARNING):
        assert looked_for_again(monkeypatch) == before
        models.available()
    (message,) = caplog.messages
    assert f"the package others ({entry_point}) cannot be used: {words}" in message


def test_where_nobody_logs_the_warning_of_a_package_is_a_sentence_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.syspath_prepend(packaged(tmp_path, "some = nowhere"))
    with monkeypatch.context() as without_pytest:
        without_pytest.setattr(logging.getLogger(), "handlers", [])
        looked_for_again(monkeypatch)
    said = capsys.readouterr().err
    assert said.startswith("The models of the package others (some = nowhere)")
    assert said.count("\n") == 1


# ---- what a model says of its weights ------------------------------------------------------------


def test_the_weights_of_a_part_are_those_within_it():
    model = models.build("gated-pixelcnn-location", shape=(1, 6, 6))
    assert model.weights_of(("out",)) == {"out.weight", "out.bias"}
    condition = model.weights_of(model.CONDITION_PARTS)
    assert {name.partition(".")[0] for name in condition} == {"condition_gates", "condition_map"}


@pytest.mark.parametrize("name", models.available())
def test_every_model_says_what_it_does_what_to_look_for_and_where_it_comes_from(name: str) -> None:
    found = models.registry.variant(name)
    for sentence in (found.does, found.look_for):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) < 170
    assert found.published is not None
    assert 2000 < found.published.year < 2026
    assert found.published.link.startswith("https://")
    assert found.words == (found.does, found.look_for, str(found.published))
