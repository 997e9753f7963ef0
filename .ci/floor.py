"""Compare the scores on standard input with the floor, which they may only rise above.

The floor is a JSON object: the name of a corpus, and how many of its rows must pass.
"""

import json
import re
import sys
from pathlib import Path

LINE = re.compile(r"^(\w+)\s+(\d+)/(\d+)\s")


def main() -> None:
    floor: dict[str, int] = json.loads(Path(sys.argv[1]).read_text())
    scores = {}
    for line in sys.stdin:
        sys.stdout.write(line)
        if found := LINE.match(line):
            scores[found[1]] = int(found[2])
    fallen = {
        name: least for name, least in floor.items() if scores.get(name, 0) < least
    }
    for name, least in fallen.items():
        sys.stdout.write(f"{name}: {scores.get(name, 0)} passed, {least} did before.\n")
    for name, passed in scores.items():
        if passed > floor.get(name, 0):
            sys.stdout.write(f"{name} rose to {passed}: raise {sys.argv[1]}.\n")
    sys.exit(bool(fallen))


main()
