"""The colours follow the system, and the icons follow the colours."""

import pytest
from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication, QToolButton

from studio.engine.runtime.assets import assets_folder
from studio.gui.widgets import icons, theme
from studio.gui.widgets.theme import Theme

NAMES = (
    "play pause step step-back finish restart brush eraser fill clear undo redo dice lock unlock"
    " open save train stop"
)
ICONS = [*NAMES.split(), "picture", "pipette", "background", "up", "close", "search", "sound"]
ICONS += ["smooth", "select", "insert-time", "cut-time", "loop", "record", "follow", "show-all"]
ICONS += ["enlarge", "keep", "info", "accept", "compare", "complete", "completions", "gap", "lasso"]
ICONS += ["anatomy", "branch", "change", "down", "eye", "lesson", "more", "rename"]


@pytest.fixture
def themed(qapp: QApplication):
    palette, style = qapp.palette(), qapp.style().name()
    theme.apply(qapp)
    yield qapp
    qapp.setStyle(style)
    qapp.setPalette(palette)


def system_turns(app: QApplication, scheme: Qt.ColorScheme) -> None:
    app.styleHints().colorSchemeChanged.emit(scheme)
    app.processEvents()


def darkest(image: QImage) -> int:
    """The lightness of the darkest opaque pixel."""
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return min(colour.lightness() for colour in colours if colour.alpha() > 250)


def test_the_window_turns_dark_and_light_with_the_system(themed):
    system_turns(themed, Qt.ColorScheme.Dark)
    assert theme.is_dark()
    assert themed.palette().color(QPalette.ColorRole.Window).lightness() < 60
    dark = theme.colour("accent")
    system_turns(themed, Qt.ColorScheme.Light)
    assert not theme.is_dark()
    assert theme.colour("accent") != dark


def test_applying_twice_leaves_one_follower(themed):
    theme.apply(themed)
    assert len(themed.findChildren(theme._Follower)) == 1


def test_every_colour_of_the_stage_is_there(themed):
    for name in (
        "unknown",
        "hatch",
        "evidence",
        "cursor",
        "unseen",
        "accent",
        "error",
        "ok",
        "muted",
    ):
        assert theme.colour(name).isValid(), name


def test_a_colour_that_is_not_there_is_a_key_error(themed):
    with pytest.raises(KeyError):
        theme.colour("mauve")


@pytest.mark.parametrize(
    ("look", "ratio"), [(Theme.LIGHT, 4.5), (Theme.DARK, 4.5), (Theme.HIGH_CONTRAST, 7.0)]
)
def test_text_can_be_read(look, ratio):
    """WCAG's contrast: AA, and AAA where it is high."""
    palette = theme.palette(look)
    roles = QPalette.ColorRole
    for text, ground in (
        (roles.WindowText, roles.Window),
        (roles.Text, roles.Base),
        (roles.ButtonText, roles.Button),
        (roles.PlaceholderText, roles.Base),
        (roles.PlaceholderText, roles.Window),
        (roles.HighlightedText, roles.Highlight),
        (roles.ToolTipText, roles.ToolTipBase),
    ):
        assert contrast(palette.color(text), palette.color(ground)) > ratio, (text, ground)


def test_what_the_window_paints_itself_can_be_read_where_contrast_is_high():
    palette, roles = theme.palette(Theme.HIGH_CONTRAST), QPalette.ColorRole
    which = theme.LOOKS.index(Theme.HIGH_CONTRAST)
    grounds = [palette.color(role) for role in (roles.Window, roles.Base, roles.Button)]
    grounds.append(QColor(theme.COLOURS["card"][which]))
    words = [QColor(theme.COLOURS[name][which]) for name in ("muted", "error", "ok", "accent")]
    words += [palette.color(role) for role in (roles.Text, roles.Link, roles.LinkVisited)]
    # for what is disabled WCAG asks nothing: it is to be read all the same
    words.append(palette.color(QPalette.ColorGroup.Disabled, roles.Text))
    for text in words[:-1]:
        for ground in grounds[:2] + grounds[3:]:
            assert contrast(text, ground) > 7, (text.name(), ground.name())
    assert contrast(words[-1], grounds[0]) > 7
    assert contrast(palette.color(roles.ButtonText), grounds[2]) > 7


def test_the_choice_of_a_theme_holds_against_the_system_and_is_remembered(themed):
    theme.choose(Theme.HIGH_CONTRAST)
    assert theme.look() is Theme.HIGH_CONTRAST
    system_turns(themed, Qt.ColorScheme.Light)
    assert theme.look() is Theme.HIGH_CONTRAST
    theme.apply(themed)  # as at the next start
    assert theme.look() is Theme.HIGH_CONTRAST
    theme.choose(Theme.SYSTEM)
    assert theme.look() is Theme.LIGHT


def test_a_theme_that_is_not_known_is_that_of_the_system(themed):
    QSettings().setValue(theme.KEY, "mauve")
    assert theme.chosen() is Theme.SYSTEM


def contrast(one, other) -> float:
    def luminance(colour) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_drawing_is_known_here():
    assert sorted(ICONS) == sorted(path.stem for path in (assets_folder() / "icons").glob("*.svg"))


def test_every_icon_is_drawn(themed):
    for name in ICONS:
        image = icons.icon(name).pixmap(QSize(20, 20)).toImage()
        inked = sum(image.pixelColor(x, y).alpha() > 128 for x in range(20) for y in range(20))
        assert 20 < inked < 300, name


def test_an_icon_that_is_not_there_is_a_key_error(qapp):
    with pytest.raises(KeyError):
        icons.icon("elephant")


def test_an_icon_takes_the_colour_of_the_text_even_when_it_changes(themed):
    stop = icons.icon("stop")
    system_turns(themed, Qt.ColorScheme.Light)
    assert darkest(stop.pixmap(QSize(20, 20)).toImage()) < 60
    system_turns(themed, Qt.ColorScheme.Dark)
    assert darkest(stop.pixmap(QSize(20, 20)).toImage()) > 200


def test_an_icon_of_what_is_disabled_is_fainter(themed):
    stop = icons.icon("stop")
    usable = darkest(stop.pixmap(QSize(20, 20)).toImage())
    assert darkest(stop.pixmap(QSize(20, 20), QIcon.Mode.Disabled).toImage()) > usable + 50


def test_an_icon_has_the_pixels_of_a_dense_screen(themed):
    pixmap = icons.icon("play").pixmap(QSize(20, 20), 2.0)
    assert pixmap.size() == QSize(40, 40)
    assert pixmap.devicePixelRatio() == 2.0


def test_a_button_shows_its_icon(themed, qtbot):
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icons.icon("stop"))
    button.resize(40, 40)
    with qtbot.waitExposed(button):
        button.show()
    assert darkest(button.grab().toImage()) < 60
