"""A brand's color, and what can be read on it."""

import re

WHITE, BLACK = "#ffffff", "#000000"
ENOUGH = 4.5
"""The contrast that WCAG AA asks of text."""
_COLOR = re.compile(r"#[0-9a-f]{6}")


def color_or(color: str, default: str) -> str:
    """Return the color if it is one, as `#0f766e`; else the other."""
    known = color.strip().lower()
    return known if _COLOR.fullmatch(known) else default


def ink_on(color: str) -> str:
    """Return the color that text and icons have to have on this one."""
    return WHITE if contrast_of(color, WHITE) >= ENOUGH else BLACK


def contrast_of(color: str, other: str) -> float:
    """Return the contrast of two colors as WCAG counts it, from 1 to 21."""
    light, dark = sorted((_luminance(color), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return (
        value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
    )
