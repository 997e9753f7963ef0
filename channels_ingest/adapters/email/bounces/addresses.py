"""Find mail addresses in a report, in linear time."""

import re
from collections.abc import Iterable

# Bounded repetition, and a start that no address character precedes. Letters of
# European scripts only: Chinese and Japanese are written up to an address unspaced.
_LETTERS = r"A-Za-z0-9_\u00C0-\u024F\u0370-\u052F"
_SIGNS = r"!#$%&'*+/=?^`{|}~.\-"
_LABEL = r"[A-Za-z0-9_\-]{1,63}"
ADDRESS = re.compile(
    rf"(?<![{_LETTERS}!#$%&*+/=?^`{{|}}~.\-@])"
    rf'(?:[{_LETTERS}{_SIGNS}]{{1,128}}|"[^"\n@]{{1,64}}")@'
    rf"(?:{_LABEL}(?:\.{_LABEL}){{1,20}}|\w[\w\-]{{0,62}}(?:\.[\w\-]{{1,63}}){{0,20}})"
)
_PREFIX = re.compile(
    r"^(?:smtp|rfc822|mailto|to|rcpt|addr|address)[=:;]", re.IGNORECASE
)
_QUOTED_PRINTABLE_SPACE = "=20"


def clean_address(text: str) -> str:
    """The address in `text` as it is written to, or "" if it is none."""
    found = ADDRESS.search(text[:1000])
    if not found:
        return ""
    address = _PREFIX.sub("", found.group().removeprefix("'"))
    local, _, domain = address.rpartition("@")
    domain = domain.strip(".-_")
    local = local.removeprefix(_QUOTED_PRINTABLE_SPACE)
    # "david...@example.com" has been shortened for an archive: nobody's address.
    if not local or not domain or "..." in local or local.startswith("."):
        return ""
    return f"{local}@{domain}"


def addresses_in(line: str) -> list[str]:
    """Every address in `line`, in order."""
    if "@" not in line:
        return []
    found = (clean_address(match.group()) for match in ADDRESS.finditer(line))
    return [address for address in found if address]


def distinct(addresses: Iterable[str]) -> list[str]:
    """`addresses` without repetitions in any case of letters, first ones first."""
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(address.lower(), address)
    return list(seen.values())
