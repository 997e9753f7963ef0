"""Plain text as HTML, with what looks like an address made a link."""

import re
from html import escape
from typing import Final

from helpdesk.core.html.parsing import CONTROLS
from helpdesk.core.html.policy import LINK_REL, MAX_CHARACTERS, MAX_LINKS
from helpdesk.core.html.urls import safe_link

# Every part is bounded and starts only where a word starts: linear on any text.
_ADDRESS: Final = re.compile(
    r"(?<![\w@./+-])(?:"
    r"(?P<web>(?:https?://|www\.)[^\s<>\"`\x00-\x1f]{3,2000})"
    r"|(?P<mail>[\w.+%-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})"
    r")",
    re.IGNORECASE,
)
_TRAILING: Final = ".,;:!?'*_~"
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}
_SPACES: Final = re.compile(r"  +|(?<=\n) |\A ")


def linkify(text: str) -> str:
    """Return `text` as safe HTML: escaped, lines and columns kept, links alive."""
    text = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()
    text = CONTROLS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    parts, end = [], 0
    for count, match in enumerate(_ADDRESS.finditer(text)):
        if count >= MAX_LINKS:
            break
        address = _without_trailing(match.group())
        parts.append(_plain(text[end : match.start()]))
        parts.append(_link(address, is_mail=match.group("mail") is not None))
        end = match.start() + len(address)
    parts.append(_plain(text[end:]))
    return "".join(parts)


def _plain(text: str) -> str:
    kept = _SPACES.sub(lambda match: "\xa0" * len(match.group()), text)
    return escape(kept).replace("\n", "<br>\n")


def _link(address: str, *, is_mail: bool) -> str:
    if is_mail:
        href = f"mailto:{address}"
    else:
        href = safe_link(address if "://" in address else f"https://{address}")
    if not href:
        return _plain(address)
    return (
        f'<a href="{escape(href)}" target="_blank" rel="{LINK_REL}">'
        f"{escape(address)}</a>"
    )


def _without_trailing(address: str) -> str:
    """Leave out punctuation that belongs to the sentence, not to the address."""
    end = len(address)
    while end:
        last = address[end - 1]
        opening = _PAIRS.get(last)
        is_unopened = opening is not None and opening not in address[:end]
        if last not in _TRAILING and not is_unopened:
            break
        end -= 1
    return address[:end]
