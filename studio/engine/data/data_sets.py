"""Data sets: the shipped MNIST and emoji, or the person's own files, as one tensor a part.

Everything becomes uint8 (N, C, H, W), grey or red, green and blue, 0..255, small enough to live on
the device whole; what a model sees of it is the business of a `Preparation`.

There are three parts: what is learnt from (train), what is looked at meanwhile and to choose by
(validation), and what is touched once, at the end (test). Where no test part is given, it is a
fixed tenth of the images; where no validation part is, a fixed twentieth of those that are left, of
MNIST the last 5,000. Nothing is learnt from what is called a test part: where there is no other,
the training part is empty.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.holding_out import held_out
from studio.engine.data.preparation import to_luminance
from studio.engine.data.sources import Found, Part, Parts, Wanted, class_numbers, read_source
from studio.engine.data.variants import Variants
from studio.engine.runtime.errors import StudioError


@dataclass(frozen=True)
class Data:
    """Images uint8 (N, C, H, W) with, or without, int64 labels (N,) that index `class_names`.

    variants: other looks of training pictures, which training shows in their place by chance.
    """

    name: str
    train: Tensor
    train_labels: Tensor | None
    validation: Tensor
    validation_labels: Tensor | None
    test: Tensor
    test_labels: Tensor | None
    class_names: tuple[str, ...] = ()
    variants: Variants | None = None

    @property
    def colour(self) -> bool:
        return self.train.shape[1] == 3

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Of a picture, as `DataSpec` has it."""
        return tuple(self.train.shape[1:])

    @property
    def labelled(self) -> bool:
        """Whether there are classes to learn."""
        return self.train_labels is not None

    def in_colour(self, wanted: bool) -> "Data":
        """The same in colour (a grey value three times) or in grey (luminance)."""
        train, validation, test = (
            _in_colour(part, wanted) for part in (self.train, self.validation, self.test)
        )
        variants = self.variants and Variants(
            _in_colour(self.variants.images, wanted), self.variants.of
        )
        return replace(self, train=train, validation=validation, test=test, variants=variants)

    def split(self, name: str) -> tuple[Tensor, Tensor | None]:
        """Images and labels of "train", "validation" or "test"; StudioError for any other name."""
        if name == "train":
            return self.train, self.train_labels
        if name == "validation":
            return self.validation, self.validation_labels
        if name == "test":
            return self.test, self.test_labels
        raise StudioError(f'"{name}" is not a part of the data: choose train, validation or test.')


def open_data(
    name_or_path: str | Path,
    labels: str | Path | None = None,
    *,
    validation: str | Path | None = None,
    colour: bool | None = None,
    size: tuple[int, int] | None = None,
    levels: int | None = None,
    skip_damaged: bool = False,
) -> Data:
    """A data set that ships, by its name, or the files at a path: see `studio.engine.data.sources`.

    `labels`: an IDX, .npy or .npz file with one label for each training image. `validation`: a file
    or folder, in any of these forms, whose images are the validation part. `colour`: False for
    grey, True for three channels, None for what the data are. `size`, `levels`, `skip_damaged`: see
    `Wanted`. StudioError, one sentence that names the file, for everything that is wrong with it.
    """
    name = str(name_or_path)
    wanted = Wanted(None if labels is None else Path(labels), size, levels, skip_damaged)
    found = read_source(name, wanted)
    if validation:
        own = _validation_in(Path(validation), found, replace(wanted, labels=None))
        found = replace(found, parts={**found.parts, "validation": own})
    data = _assemble(name, found)
    return data if colour is None else data.in_colour(colour)


def _validation_in(path: Path, data: Found, wanted: Wanted) -> Part:
    """The images at a path as the validation part of other data: in colour where these are, and
    with the numbers that their classes have there."""
    found = read_source(str(path), wanted)
    parts = (found.parts.get(part) for part in ("validation", "train", "test"))
    images, labels = next(filter(None, parts))
    train, train_labels = data.parts.get("train") or next(iter(data.parts.values()))
    if train_labels is None:
        labels = None
    if labels is not None and found.classes and data.classes:
        labels = class_numbers(found.classes, data.classes, path)[labels]
    return _in_colour(images, train.shape[1] == 3), labels


def check_labels(labels: Tensor, classes: int, source: str | Path) -> None:
    """StudioError unless every label is one of `classes` classes, 0..classes-1."""
    for label in (int(labels.min()), int(labels.max())) if len(labels) else ():
        if not 0 <= label < classes:
            raise StudioError(
                f'The label {label} in "{source}" is out of range: there are {classes} classes, 0'
                f" to {classes - 1}."
            )


def _assemble(name: str, found: Found) -> Data:
    parts, classes = _completed(name, found), found.classes
    (train, train_labels), (validation, validation_labels), (test, test_labels) = (
        parts[part] for part in ("train", "validation", "test")
    )
    for images, part in ((validation, "validation"), (test, "test")):
        if train.shape[1:] != images.shape[1:]:
            raise StudioError(f'The training and {part} images of "{name}" differ in size.')
    known = [labels for _, labels in parts.values() if labels is not None]
    if classes is None:
        count = max((int(labels.max()) + 1 for labels in known if len(labels)), default=0)
        classes = tuple(str(index) for index in range(count))
    for labels in known:
        check_labels(labels, len(classes), found.label_source or name)
    return Data(
        name,
        train,
        train_labels,
        validation,
        validation_labels,
        test,
        test_labels,
        classes,
        found.variants,
    )


def _completed(name: str, found: Found) -> Parts:
    """All three parts: those that are not there are held out of the training part, fixed shares of
    it, by chance, of whole groups."""
    parts = dict(found.parts)
    if "train" not in parts:
        some, some_labels = next(iter(parts.values()))
        none = some[:0], None if some_labels is None else some_labels[:0]
        return {"train": none, "validation": none, "test": none, **parts}
    missing = [part for part in ("test", "validation") if part not in parts]
    count = len(parts["train"][0])
    if missing and count <= len(missing):
        images = "image" if count == 1 else "images"
        raise StudioError(
            f'"{name}" has {count} {images} to learn from, too few to set others aside for'
            f" {' and '.join(sorted(missing, reverse=True))}."
        )
    if not missing:
        return parts
    groups = torch.arange(count) if found.groups is None else found.groups
    held, whole = held_out(groups, missing), parts["train"]
    parts |= {part: _some(whole, rows) for part, rows in held.items()}
    parts["train"] = _some(whole, ~torch.stack([*held.values()]).any(0))
    return parts


def _some(part: Part, rows: Tensor) -> Part:
    """The pictures of a part where `rows`, bool (N,), says so."""
    images, labels = part
    return images[rows], None if labels is None else labels[rows]


def _in_colour(images: Tensor, wanted: bool) -> Tensor:
    if wanted == (images.shape[1] == 3):
        return images
    return images.expand(-1, 3, -1, -1).contiguous() if wanted else to_luminance(images)
