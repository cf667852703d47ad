"""Screens that are not there: of the sizes and scales that people have, all at once, in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

_DOTS_PER_INCH = 96


class Screen(NamedTuple):
    """Pixels of the panel, and how many of them a pixel of the window has."""

    width: int
    height: int
    scale: float = 1.0

    @property
    def name(self) -> str:
        """Such as 1920x1080, or 1920x1080-at-150."""
        at = "" if self.scale == 1 else f"-at-{self.scale:.0%}".rstrip("%")
        return f"{self.width}x{self.height}{at}"


SCREENS = (
    Screen(1366, 768),
    Screen(1280, 720),
    Screen(1920, 1080, 1.5),
    Screen(2560, 1440, 2.0),
)


def in_memory(screens: tuple[Screen, ...], folder: Path) -> dict[str, str]:
    """What Qt needs in its environment, before there is an application, to have these screens, by
    their names. `folder` takes a file that it reads."""
    left, described = 0, []
    for screen in screens:
        described.append(
            {
                "name": screen.name,
                "x": left,
                "y": 0,
                "width": screen.width,
                "height": screen.height,
                "logicalDpi": round(_DOTS_PER_INCH * screen.scale),
                "logicalBaseDpi": _DOTS_PER_INCH,
            }
        )
        left += 2 * screen.width
    file = folder / "screens.json"
    file.write_text(json.dumps({"screens": described}))
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={file}"}
