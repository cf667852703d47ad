"""A scene inside the files that were made with it, in metadata of their own: see
`studio.engine.media.attached`. Or alone, as a file that ends in .scene.json.

Files of any origin are looked into: nothing is read before its size is known, and nothing that is
read runs code.
"""

from __future__ import annotations

from pathlib import Path

from studio.engine.media.attached import attach, attached, has_attached
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import open_plain, reason, write_atomically
from studio.engine.scenes.document import (
    MOST_CHARACTERS,
    SUFFIX,
    as_text,
    from_text,
    is_scene,
)
from studio.engine.scenes.scene import Scene


def carry(path: Path, scene: Scene) -> None:
    """Put a scene into a file that has none yet: a picture, a film, a sound or arrays, while it is
    written (see `write_atomically`)."""
    attach(path, as_text(scene))


def carries(path: Path) -> bool:
    """Whether a file may carry a scene; quick, however large it is."""
    return path.name.lower().endswith(SUFFIX) or has_attached(path)


def carried_in(path: Path) -> Scene | None:
    """The scene that a file carries, or is; None where there is none. StudioError, one sentence,
    where the file cannot be read, where its scene is damaged or too large, and for a file that
    claims by its name to be a scene and is none."""
    what = f'The scene in "{path}"'
    alone = path.name.lower().endswith(SUFFIX)
    text = _content(path) if alone else attached(path, MOST_CHARACTERS)
    if text is None or not (alone or is_scene(text)):
        return None
    return from_text(text, what)


def save_scene(scene: Scene, path: Path) -> None:
    """Write a scene alone, indented for people; StudioError, one sentence, where it cannot be."""
    write_atomically(path, f"{as_text(scene, indent=1)}\n".encode())


def _content(path: Path) -> str:
    try:
        if (size := path.stat().st_size) > MOST_CHARACTERS:
            raise StudioError(f'"{path}" is larger than {MOST_CHARACTERS >> 20} MB.')
        with open_plain(path) as file:
            return file.read(size).decode("utf-8-sig")
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except OSError as error:
        raise StudioError(f'"{path}" cannot be read: {reason(error)}.') from error
    except ValueError:
        raise StudioError(f'"{path}" cannot be read: it is no text.') from None
