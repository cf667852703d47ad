"""What is said in words of the next site: which level comes, and why. Free of Qt."""

from __future__ import annotations

from studio.engine.generation.next_site import NextSite, Why

COLOURS = ("red", "green", "blue")
_MANY = 4  # components whose weights are told
_WHY = {
    Why.BY_HAND: "You set this value by hand: it comes whatever the noise says.",
    Why.GIVEN: "You gave this value: it comes whatever the noise says.",
    Why.ATTEMPTS: "Several attempts compete here, each with noise of its own.",
    Why.REFINED: "This was drawn again by a sweep, with noise of its own.",
    Why.CERTAIN: "The pixel that the model is surest of comes next: which one shows when it comes.",
}


def level_name(level: int, levels: int) -> str:
    """Of a picture's level."""
    return ("black", "white")[level] if levels == 2 else str(level)


def channel_name(channel: int, channels: int) -> str:
    return COLOURS[channel] if channels == len(COLOURS) else ""


def short(site: NextSite, channel: int, name: str) -> str:
    """Why a level comes, in a few words; name: of the level that comes."""
    noise = site.chosen_by(channel)
    if noise is not None:
        return f"noise {noise:.2f} → {name}"
    return {Why.BY_HAND: "set by hand", Why.GIVEN: "given"}.get(site.why, "")


def after(site: NextSite, channel: int) -> str:
    """What a channel is shown after, where the person supposes something; "" where nothing."""
    supposed = site.supposed[:channel]
    if all(level is None for level in supposed) or site.value is None:
        return ""
    told = [
        f"{channel_name(i, len(site.sampled)) or f'channel {i + 1}'} {level}"
        for i, level in enumerate(supposed)
        if level is not None
    ]
    return "after " + " and ".join(told)


def at_length(site: NextSite, sound: bool) -> str:
    """All of it, a sentence a line."""
    channels, levels = site.sampled.shape
    lines = [] if site.supposed else [_WHY[site.why]] if site.why in _WHY else []
    for channel in range(channels):
        if (noise := site.chosen_by(channel)) is None or site.value is None:
            continue
        level = site.value[channel]
        low, high = site.interval(channel, level)
        name = f"level {level}" if sound or levels > 2 else level_name(level, levels)
        whose = f"{channel_name(channel, channels)}: ".capitalize() if channels > 1 else ""
        begin = f"{whose}noise" if whose else "Noise"
        lines.append(f"{begin} {noise:.3f} falls into {name}, from {low:.3f} to {high:.3f}.")
    if site.said is not site.sampled:
        lines.append(
            "Filled: what is sampled from. Outlined: what the model says at temperature 1. Pale:"
            " cut off by top-k or top-p."
        )
    if site.components is not None:
        heaviest = sorted(site.components.weights[0].tolist(), reverse=True)
        told = ", ".join(f"{100 * weight:.0f} %" for weight in heaviest[:_MANY])
        more = ", …" if len(heaviest) > _MANY else ""
        lines.append(f"Thin curves: {len(heaviest)} components, which weigh {told}{more}.")
    return "\n".join(lines)
