"""Data sets: the shipped MNIST, or the person's own files, as one tensor a part.

Everything becomes uint8 (N, C, H, W), grey values 0..255, small enough to live on the device whole; what a model
sees of it is the business of a `Preparation`. Where no test part is given, a fixed tenth is held out.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.assets import assets_folder
from studio.engine.data_files import Part, read_idx_parts, read_numpy_parts, read_picture_parts
from studio.engine.errors import StudioError
from studio.engine.idx import is_idx
from studio.engine.pictures import fit_image
from studio.engine.preparation import Preparation, to_grey

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
    colour: bool = False,
    size: tuple[int, int] | None = None,
) -> Data:
    """The data set "mnist", or the one at a path: an IDX file or a folder with them, a folder of pictures
    (subfolders are classes; folders called train and test are parts), a .npy or .npz file.

    `labels`: an IDX or .npy file with one label an image. `colour`, `size` (H, W): how pictures of a folder are
    read. StudioError, one sentence that names the file, for everything that is wrong with it.
    """
    if str(name_or_path) == "mnist":
        images = assets_folder() / "data" / "mnist" / "train-images-idx3-ubyte.gz"
        return _assemble("mnist", read_idx_parts(images, None), _DIGITS, images)
    path, given = Path(name_or_path), None if labels is None else Path(labels)
    name, label_source = str(path), given or path
    if not path.exists():
        raise StudioError(f'There is no data set "{path}": it is neither "mnist" nor a file or folder.')
    if not path.is_dir():
        read = read_numpy_parts if path.suffix.lower() in (".npy", ".npz") else read_idx_parts
        return _assemble(name, read(path, given), None, label_source)
    # In a folder of IDX files the training part names the data set; its test part is found beside it.
    if files := sorted(file for file in path.iterdir() if "idx3" in file.name and is_idx(file)):
        first = next((file for file in files if file.name.startswith("train")), files[0])
        return _assemble(name, read_idx_parts(first, given), None, label_source)
    if given is not None:
        raise StudioError("The labels of a folder of pictures are its subfolders: no label file goes with it.")
    parts, classes = read_picture_parts(path, colour, size)
    return _assemble(name, parts, classes, path)


def check_labels(labels: Tensor, classes: int, source: str | Path) -> None:
    """StudioError unless every label is one of `classes` classes, 0..classes-1."""
    for label in (int(labels.min()), int(labels.max())) if len(labels) else ():
        if not 0 <= label < classes:
            raise StudioError(
                f'The label {label} in "{source}" is out of range: there are {classes} classes, 0 to {classes - 1}.'
            )


def _assemble(name: str, parts: list[Part], classes: tuple[str, ...] | None, label_source: Path) -> Data:
    (train, train_labels), (test, test_labels) = parts if len(parts) == 2 else _hold_out(name, *parts[0])
    if train.shape[1:] != test.shape[1:]:
        raise StudioError(f'The training and test images of "{name}" differ in size.')
    known = [labels for labels in (train_labels, test_labels) if labels is not None]
    if classes is None:
        count = max((int(labels.max()) + 1 for labels in known if len(labels)), default=0)
        classes = tuple(str(index) for index in range(count))
    for labels in known:
        check_labels(labels, len(classes), label_source)
    return Data(name, train, train_labels, test, test_labels, classes)


def _hold_out(name: str, images: Tensor, labels: Tensor | None) -> list[Part]:
    count = len(images)
    if count < 2:
        raise StudioError(f'"{name}" holds only {count} image: at least 2 are needed, to learn and to test.')
    order = torch.randperm(count, generator=torch.Generator().manual_seed(_HOLD_OUT_SEED))
    held = max(1, count // 10)
    rows = (order[held:].sort().values, order[:held].sort().values)
    return [(images[part], None if labels is None else labels[part]) for part in rows]
