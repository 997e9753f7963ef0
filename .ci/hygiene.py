"""Look at the files named: large, conflicted, secret or untidy ones do not go in."""

import sys
from collections.abc import Iterator
from pathlib import Path

LARGEST = 1024 * 1024
CONFLICTS = (b"<<<<<<< ", b">>>>>>> ")
KEY = b"PRIVATE" + b" KEY-----"
KEEPS_ITS_SPACES = {".eml", ".mbox", ".md", ".svg", ".po", ".patch"}


def problems(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    if len(content) > LARGEST:
        yield f"is larger than {LARGEST // 1024} KiB"
    if KEY in content:
        yield "holds a private key"
    if b"\0" in content or path.suffix in KEEPS_ITS_SPACES:
        return
    lines = content.splitlines()
    if any(line.startswith(CONFLICTS) for line in lines):
        yield "holds a merge conflict"
    if any(line != line.rstrip() for line in lines):
        yield "has spaces at the end of a line"
    if content and (not content.endswith(b"\n") or content.endswith(b"\n\n")):
        yield "does not end with one line break"


def main() -> None:
    found = [
        f"{name} {problem}"
        for name in sys.argv[1:]
        if Path(name).is_file()
        for problem in problems(Path(name))
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(bool(found))


main()
