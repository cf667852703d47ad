"""Data sets: the shipped MNIST and emoji, or the person's own files, as one tensor a part.

Everything becomes uint8 (N, C, H, W), grey or red, green and blue, 0..255, small enough to live on
the device whole; what a model sees of it is the business of a `Preparation`. Where no test part is
given, a fixed tenth is held out.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data import cifar
from studio.engine.data.data_files import Part, read_idx_parts, read_numpy_parts, read_picture_parts
from studio.engine.data.emoji import CATEGORIES, read_emoji
from studio.engine.data.preparation import Preparation, to_grey, to_luminance
from studio.engine.media.idx import is_idx
from studio.engine.media.pictures import fit_image
from studio.engine.runtime.assets import DATA_SETS, assets_folder
from studio.engine.runtime.errors import StudioError

__all__ = ["Data", "Preparation", "check_labels", "fit_image", "open_data", "to_grey"]
_HOLD_OUT_SEED = 20_240_607  # part of the meaning of "the held-out tenth": never change it
_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Data:
    """Images uint8 (N, C, H, W) with, or without, int64 labels (N,) that index `class_names`."""

    name: str
    train: Tensor
    train_labels: Tensor | None
    test: Tensor
    test_labels: Tensor | None
    class_names: tuple[str, ...] = ()

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
        if wanted == self.colour:
            return self
        train, test = (
            part.expand(-1, 3, -1, -1).contiguous() if wanted else to_luminance(part)
            for part in (self.train, self.test)
        )
        return replace(self, train=train, test=test)

    def split(self, name: str) -> tuple[Tensor, Tensor | None]:
        """Images and labels of "train" or "test"; StudioError for any other name."""
        if name == "train":
            return self.train, self.train_labels
        if name == "test":
            return self.test, self.test_labels
        raise StudioError(f'"{name}" is not a part of the data: choose train or test.')


def open_data(
    name_or_path: str | Path,
    labels: str | Path | None = None,
    *,
    colour: bool | None = None,
    size: tuple[int, int] | None = None,
) -> Data:
    """The data set "mnist" or "emoji", or the one at a path: an IDX file or a folder with them, a
    folder of pictures (subfolders are classes; folders called train and test are parts), a .npy or
    .npz file, the binary files of CIFAR-10.

    `labels`: an IDX or .npy file with one label an image. `colour`: False for grey, True for three
    channels, None for what the data are. `size` (H, W): what pictures of a folder are resized to.
    StudioError, one sentence that names the file, for everything that is wrong with it.
    """
    data = _opened(str(name_or_path), None if labels is None else Path(labels), size)
    return data if colour is None else data.in_colour(colour)


def _opened(name: str, labels: Path | None, size: tuple[int, int] | None) -> Data:
    if name == "mnist":
        images = assets_folder() / "data" / "mnist" / "train-images-idx3-ubyte.gz"
        return _assemble(name, read_idx_parts(images, None), _DIGITS, images)
    if name == "emoji":
        pictures, categories, groups = read_emoji()
        return _assemble(
            name, _hold_out(name, pictures, categories, groups), CATEGORIES, Path(name)
        )
    path = Path(name)
    if not path.exists():
        raise StudioError(
            f'There is no data set "{path}": it is neither {" nor ".join(DATA_SETS)} nor a file or'
            " folder."
        )
    if cifar.training_batches(path) or path.suffix.lower() == cifar.SUFFIX:
        if labels is not None:
            raise StudioError(
                "The labels of CIFAR-10 are in its own files: no label file goes with it."
            )
        batches, classes = cifar.read_cifar_parts(path)
        return _assemble(name, [*batches], classes, path)
    if not path.is_dir():
        read = read_numpy_parts if path.suffix.lower() in (".npy", ".npz") else read_idx_parts
        return _assemble(name, read(path, labels), None, labels or path)
    # In a folder of IDX files the training part names the data set; its test part is found beside
    # it.
    if files := sorted(file for file in path.iterdir() if "idx3" in file.name and is_idx(file)):
        first = next((file for file in files if file.name.startswith("train")), files[0])
        return _assemble(name, read_idx_parts(first, labels), None, labels or path)
    if labels is not None:
        raise StudioError(
            "The labels of a folder of pictures are its subfolders: no label file goes with it."
        )
    parts, classes = read_picture_parts(path, size)
    return _assemble(name, parts, classes, path)


def check_labels(labels: Tensor, classes: int, source: str | Path) -> None:
    """StudioError unless every label is one of `classes` classes, 0..classes-1."""
    for label in (int(labels.min()), int(labels.max())) if len(labels) else ():
        if not 0 <= label < classes:
            raise StudioError(
                f'The label {label} in "{source}" is out of range: there are {classes} classes, 0'
                f" to {classes - 1}."
            )


def _assemble(
    name: str, parts: list[Part], classes: tuple[str, ...] | None, label_source: Path
) -> Data:
    (train, train_labels), (test, test_labels) = (
        parts if len(parts) == 2 else _hold_out(name, *parts[0])
    )
    if train.shape[1:] != test.shape[1:]:
        raise StudioError(f'The training and test images of "{name}" differ in size.')
    known = [labels for labels in (train_labels, test_labels) if labels is not None]
    if classes is None:
        count = max((int(labels.max()) + 1 for labels in known if len(labels)), default=0)
        classes = tuple(str(index) for index in range(count))
    for labels in known:
        check_labels(labels, len(classes), label_source)
    return Data(name, train, train_labels, test, test_labels, classes)


def _hold_out(
    name: str, images: Tensor, labels: Tensor | None, groups: Tensor | None = None
) -> list[Part]:
    """A fixed tenth, by chance, as the test part. groups: int64 (N,), images of one group stay
    together."""
    count = len(images)
    if count < 2:
        raise StudioError(
            f'"{name}" holds only {count} image: at least 2 are needed, to learn and to test.'
        )
    groups = torch.arange(count) if groups is None else groups
    sizes = groups.bincount()
    order = torch.randperm(len(sizes), generator=torch.Generator().manual_seed(_HOLD_OUT_SEED))
    number = (
        int((sizes[order].cumsum(0) < max(1, count // 10)).sum()) + 1
    )  # of groups, until a tenth is reached
    held = torch.isin(groups, order[:number])
    return [(images[part], None if labels is None else labels[part]) for part in (~held, held)]
