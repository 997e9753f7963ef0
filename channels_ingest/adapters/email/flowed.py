"""Joins the lines of `format=flowed` text (RFC 3676)."""

_SIGNATURE = "-- "


def unflow(text: str, *, deletes_space: bool) -> str:
    """Return the text with soft line breaks removed, quote marks kept."""
    lines: list[str] = []
    pieces: list[str] = []
    depth = 0
    for line in text.split("\n"):
        quotes, content = _split_quote(line)
        if pieces and (quotes != depth or content == _SIGNATURE):
            lines.append(_joined(depth, pieces))
            pieces = []
        depth = quotes
        flows = content.endswith(" ") and content != _SIGNATURE
        pieces.append(content[:-1] if flows and deletes_space else content)
        if not flows:
            lines.append(_joined(depth, pieces))
            pieces = []
    if pieces:
        lines.append(_joined(depth, pieces))
    return "\n".join(lines)


def _split_quote(line: str) -> tuple[int, str]:
    """Return the quote depth and the content without its space-stuffing."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _joined(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    return f"{'>' * depth} {content}".rstrip(" ") if depth else content
