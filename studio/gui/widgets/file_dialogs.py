"""Asks for files: which to open, and where to save.

Each dialog starts in the folder that the last one of its kind ended in.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QSettings, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from studio.engine.checkpoints.cards import SUFFIX
from studio.engine.media.pictures import SUFFIXES
from studio.engine.runtime.file_names import file_name
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.document import SUFFIX as SCENE
from studio.gui.widgets.controls import without_icons

CHECKPOINTS = f"Checkpoints (*{SUFFIX})"
PICTURES = f"Pictures ({' '.join(f'*{suffix}' for suffix in sorted(SUFFIXES))})"
SAMPLES = {
    "Picture (*.png)": ".png",
    "Animation (*.gif)": ".gif",
    "Film (*.mp4)": ".mp4",
    "NumPy array (*.npy)": ".npy",
    "NumPy archive (*.npz)": ".npz",
}
SHEETS = {name: suffix for name, suffix in SAMPLES.items() if suffix != ".npy"}
SOUND = {"WAV (*.wav)": ".wav", "FLAC (*.flac)": ".flac"}
SPECTROGRAMS = {"Picture (*.png)": ".png", "NumPy array (*.npy)": ".npy"}
SCENES = f"Scenes, and files with one (*{SCENE} *.png *.gif *.mp4 *.npy *.npz *.wav *.flac)"
PICTURE_DATA = (
    "Data sets of pictures (*.npz *.npy *.bin *ubyte *ubyte.gz *.idx *.gz *.amat *.csv *.tsv)"
)
DRAWINGS = "Drawings (*.npz)"
EVERYTHING = "All files (*)"
_YES = QMessageBox.StandardButton.Yes


def ask_open_checkpoint(parent: QWidget | None) -> Path | None:
    """The checkpoint to open; None where the person thought better of it."""
    found, _ = QFileDialog.getOpenFileName(
        parent, "Open a checkpoint", _folder("checkpoint"), f"{CHECKPOINTS};;{EVERYTHING}"
    )
    return _chosen(found, "checkpoint")


def ask_open_picture(parent: QWidget | None, title: str = "Open a picture") -> Path | None:
    """The picture to open, or None."""
    found, _ = QFileDialog.getOpenFileName(
        parent, title, _folder("picture"), f"{PICTURES};;{EVERYTHING}"
    )
    return _chosen(found, "picture")


def ask_save_checkpoint(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a checkpoint, called `name` unless the person says otherwise, or None."""
    start = str(Path(_folder("checkpoint")) / f"{file_name(name)}{SUFFIX}")
    found, _ = QFileDialog.getSaveFileName(parent, "Save the checkpoint", start, CHECKPOINTS)
    return _to_save(parent, found, "checkpoint", SUFFIX)


def ask_save_onnx(parent: QWidget | None, name: str) -> Path | None:
    """Where to export a model to, called `name` unless the person says otherwise, or None."""
    start = str(Path(_folder("export")) / f"{file_name(name)}.onnx")
    found, _ = QFileDialog.getSaveFileName(parent, "Export the model", start, "ONNX (*.onnx)")
    return _to_save(parent, found, "export", ".onnx")


def ask_save_pictures(parent: QWidget | None, name: str) -> Path | None:
    """Where to save what was drawn, called `name` unless the person says otherwise, or None; the
    ending is one of `SAMPLES`, the filter's where none was typed."""
    start = str(Path(_folder("samples")) / f"{file_name(name)}.png")
    found, kind = QFileDialog.getSaveFileName(parent, "Save the drawing", start, ";;".join(SAMPLES))
    typed = Path(found).suffix.lower()
    return _to_save(
        parent, found, "samples", typed if typed in SAMPLES.values() else SAMPLES.get(kind, ".png")
    )


def ask_save_sheet(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a sheet of several drawings, or a film of them, or None; as
    `ask_save_pictures`, the ending is one of `SHEETS`."""
    start = str(Path(_folder("samples")) / f"{file_name(name)}.png")
    found, kind = QFileDialog.getSaveFileName(parent, "Save the grid", start, ";;".join(SHEETS))
    typed = Path(found).suffix.lower()
    suffix = typed if typed in SHEETS.values() else SHEETS.get(kind, ".png")
    return _to_save(parent, found, "samples", suffix)


def ask_save_mask(parent: QWidget | None) -> Path | None:
    """Where to save a mask, or None; the ending is that of a PNG."""
    start = str(Path(_folder("picture")) / "mask.png")
    found, _ = QFileDialog.getSaveFileName(parent, "Save the mask", start, "Masks (*.png)")
    return _to_save(parent, found, "picture", ".png")


def ask_open_scene(parent: QWidget | None) -> Path | None:
    """The scene to open, alone or in whatever carries one, or None."""
    found, _ = QFileDialog.getOpenFileName(
        parent, "Open a scene", _folder("scene"), f"{SCENES};;{EVERYTHING}"
    )
    return _chosen(found, "scene")


def ask_save_scene(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a scene alone, or None."""
    start = str(Path(_folder("scene")) / f"{file_name(name)}{SCENE}")
    found, _ = QFileDialog.getSaveFileName(parent, "Save the scene", start, f"Scenes (*{SCENE})")
    return _to_save(parent, found, "scene", SCENE)


def ask_save_screenshot(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a picture of what is seen, or None; the ending is that of a PNG."""
    start = str(Path(_folder("samples")) / f"{file_name(name)}.png")
    found, _ = QFileDialog.getSaveFileName(parent, "Save a screenshot", start, "Pictures (*.png)")
    return _to_save(parent, found, "samples", ".png")


def ask_open_recording(parent: QWidget | None) -> Path | None:
    """The recording to open, or None."""
    found, _ = QFileDialog.getOpenFileName(
        parent, "Open a recording", _folder("recording"), f"{recordings()};;{EVERYTHING}"
    )
    return _chosen(found, "recording")


def ask_open_lesson(parent: QWidget | None) -> Path | None:
    """The Markdown of a lesson, or None."""
    found, _ = QFileDialog.getOpenFileName(
        parent, "Open a lesson", _folder("lesson"), "Lessons (*.md)"
    )
    return _chosen(found, "lesson")


def ask_open_drawings(parent: QWidget | None) -> Path | None:
    """The set of drawings to open, or None."""
    found, _ = QFileDialog.getOpenFileName(parent, "Open drawings", _folder("drawings"), DRAWINGS)
    return _chosen(found, "drawings")


def ask_save_drawings(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a set of drawings, or None; the ending is that of an archive of NumPy."""
    start = str(Path(_folder("drawings")) / f"{file_name(name)}.npz")
    found, _ = QFileDialog.getSaveFileName(parent, "Save the drawings", start, DRAWINGS)
    return _to_save(parent, found, "drawings", ".npz")


def ask_folder(parent: QWidget | None, title: str, kind: str) -> Path | None:
    """A folder for something of that kind, or None."""
    found = QFileDialog.getExistingDirectory(parent, title, _folder(kind))
    if found:
        QSettings().setValue(f"folders/{kind}", found)
    return Path(found) if found else None


def recordings() -> str:
    """What a dialog shows of recordings."""
    from studio.engine.media.recordings import SUFFIXES as SOUNDS  # brings libraries for sound

    return f"Recordings ({' '.join(f'*{suffix}' for suffix in sorted(SOUNDS))})"


def ask_save_sound(parent: QWidget | None, name: str) -> Path | None:
    """Where to save a sound, called `name` unless the person says otherwise, or None;
    the ending is one of `SOUND`."""
    start = str(Path(_folder("sound")) / f"{file_name(name)}.wav")
    found, kind = QFileDialog.getSaveFileName(parent, "Save the sound", start, ";;".join(SOUND))
    typed = Path(found).suffix.lower()
    return _to_save(
        parent, found, "sound", typed if typed in SOUND.values() else SOUND.get(kind, ".wav")
    )


def ask_open_spectrogram(parent: QWidget | None) -> Path | None:
    """The recording, picture or array to take a spectrogram from, or None."""
    from studio.engine.audio.spectrogram_files import (
        SUFFIXES as TAKEN,  # brings libraries for sound, which pictures do without
    )

    kinds = f"Recordings, pictures, arrays ({' '.join(f'*{suffix}' for suffix in sorted(TAKEN))})"
    found, _ = QFileDialog.getOpenFileName(
        parent, "Open a spectrogram", _folder("spectrogram"), f"{kinds};;{EVERYTHING}"
    )
    return _chosen(found, "spectrogram")


def ask_save_spectrogram(parent: QWidget | None) -> Path | None:
    """Where to save what was painted, or None; the ending is one of `SPECTROGRAMS`."""
    start = str(Path(_folder("spectrogram")) / "spectrogram.png")
    found, kind = QFileDialog.getSaveFileName(
        parent, "Save the spectrogram", start, ";;".join(SPECTROGRAMS)
    )
    typed = Path(found).suffix.lower()
    suffix = typed if typed in SPECTROGRAMS.values() else SPECTROGRAMS.get(kind, ".png")
    return _to_save(parent, found, "spectrogram", suffix)


def _folder(kind: str) -> str:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    kept = QSettings().value(f"folders/{kind}", "")
    for folder in (str(kept), documents):
        if folder and QDir(folder).exists():
            return folder
    return QDir.homePath()


def _chosen(name: str, kind: str) -> Path | None:
    if not name:
        return None
    QSettings().setValue(f"folders/{kind}", str(Path(name).parent))
    return Path(name)


def _to_save(parent: QWidget | None, name: str, kind: str, suffix: str) -> Path | None:
    path = _chosen(name, kind)
    if path is None or path.name.lower().endswith(suffix):
        return path
    path = path.with_name(path.name + suffix)
    if path.exists():  # the dialog asked about another name: the one without the ending
        question = QMessageBox(parent, textFormat=Qt.TextFormat.PlainText)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Replace the file?")
        question.setText(f'"{shortened(path.name)}" is there already. Replace it?')
        question.setStandardButtons(_YES | QMessageBox.StandardButton.No)
        without_icons(question)
        answer = question.exec()
        question.deleteLater()
        return path if answer == _YES else None
    return path
