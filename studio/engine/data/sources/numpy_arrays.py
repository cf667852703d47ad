"""NumPy arrays: a .npy of images, or a .npz with images and labels under their usual names."""

from __future__ import annotations

from pathlib import Path

from studio.engine.data.sources import Found, Parts, Source
from studio.engine.data.sources.idx_files import read_labels
from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.runtime.errors import StudioError

# What images and labels are called: a single array, the usual pairs, the well-known archives with
# several parts.
_KEYS = {
    "train": (
        ("", ""),
        ("images", "labels"),
        ("x", "y"),
        ("x_train", "y_train"),
        ("train_images", "train_labels"),
    ),
    "validation": (
        ("x_val", "y_val"),
        ("val_images", "val_labels"),
        ("x_validation", "y_validation"),
        ("validation_images", "validation_labels"),
    ),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}


def _read(path: Path, labels: Path | None, size: tuple[int, int] | None) -> Found:
    """`labels` overrides those of the training part."""
    arrays = read_arrays(path)
    parts: Parts = {}
    for part, pairs in _KEYS.items():
        for images_key, labels_key in pairs:
            if images_key in arrays:
                images = as_images(arrays[images_key], path)
                if labels is not None and part == "train":
                    parts[part] = images, read_labels(labels, len(images), path)
                elif labels_key and labels_key in arrays:
                    parts[part] = images, as_labels(arrays[labels_key], len(images), path, path)
                else:
                    parts[part] = images, None
                break
        if not parts:
            found = ", ".join(sorted(arrays)) or "nothing"
            raise StudioError(f'"{path}" holds no array called images or x, but {found}.')
    return Found(parts, label_source=labels)


SOURCE = Source(
    "NumPy arrays: a .npy of images, a .npz with images and labels",
    _read,
    recognises=lambda path: path.suffix.lower() in (".npy", ".npz") and not path.is_dir(),
)
