"""Rebuild `sprite.svg` from the packages that the icons come from.

    npm pack lucide-static@1.62.0 simple-icons@16.37.0     # then unpack both
    python static/icons/build_sprite.py LUCIDE_FOLDER SIMPLE_ICONS_FOLDER

`lucide.txt` and `simple-icons.txt` list what a template or script uses, and nothing
else: the sprite is part of the first load of every page.
"""  # noqa: INP001

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>")
LOGO = '<path d="M4 4c0 6 8 5 8 11v5M20 4c0 6-8 5-8 11M12 4v6"/>'
FILLED = ' fill="currentColor" stroke="none"'
CHANNELS = {
    "api": "webhook",
    "chat": "message-circle",
    "email": "mail",
    "form": "file-text",
    "note": "notebook-pen",
    "sms": "message-square",
    "voice": "phone",
    "webchat": "message-circle",
}
"""Channel kinds without a brand of their own, and the icon that stands for them."""


def shapes_of(path: Path) -> str:
    """Return the drawing inside an SVG file, without its wrapper and comments."""
    drawing = "".join(SHAPE.findall(re.sub(r"\s+", " ", path.read_text())))
    return drawing.replace(" />", "/>")


def symbol(identifier: str, shapes: str, attributes: str = "") -> str:
    wrapper = f'<symbol id="{identifier}" viewBox="0 0 24 24"{attributes}>'
    return f"{wrapper}{shapes}</symbol>"


def names_in(filename: str) -> list[str]:
    return (HERE / filename).read_text().split()


def build(lucide: Path, brands: Path) -> str:
    symbols = [
        *(
            symbol(name, shapes_of(lucide / "icons" / f"{name}.svg"))
            for name in names_in("lucide.txt")
        ),
        *(
            symbol(f"channel-{kind}", shapes_of(lucide / "icons" / f"{name}.svg"))
            for kind, name in CHANNELS.items()
        ),
        *(
            symbol(
                f"channel-{kind}", shapes_of(brands / "icons" / f"{kind}.svg"), FILLED
            )
            for kind in names_in("simple-icons.txt")
        ),
        symbol("logo", LOGO),
    ]
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


if __name__ == "__main__":
    sprite = build(Path(sys.argv[1]), Path(sys.argv[2]))
    (HERE / "sprite.svg").write_text(sprite)
