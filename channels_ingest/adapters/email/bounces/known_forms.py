"""Ask flufl.bounce, which knows the reports of many mail servers by heart."""

from email.message import Message
from email.utils import parseaddr
from typing import TYPE_CHECKING

from flufl.bounce import all_failures

from channels_ingest.adapters.email.bounces.addresses import clean_address, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

# Its patterns may look at each character of a line many times: short lines, few.
_LONGEST_LINE = 200
_MOST_CHARACTERS = 20_000
_TELLING_HEADERS = ("From", "Subject", "X-Mailer", "X-Failed-Recipients", "To")


def find_by_known_form(
    message: Message, lines: "Sequence[str]"
) -> tuple[list[str], list[str]]:
    """The addresses that are delayed, and those that failed.

    Only the report's own words are shown to it, so addresses in the returned message
    cannot be taken for failed ones.
    """
    delayed, failed = all_failures(_excerpt(message, lines))
    return _addresses(delayed), _addresses(failed)


def _excerpt(message: Message, lines: "Sequence[str]") -> Message:
    excerpt = Message()
    for name in _TELLING_HEADERS:
        if value := message.get(name):
            excerpt[name] = " ".join(str(value)[:_LONGEST_LINE].split())
    if not parseaddr(str(excerpt.get("From", "")))[1]:
        # Some of its patterns take it for granted that there is a sender.
        del excerpt["From"]
        excerpt["From"] = "<>"
    text = "\n".join(line[:_LONGEST_LINE] for line in lines)
    excerpt.set_payload(text[:_MOST_CHARACTERS] + "\n\n")
    return excerpt


def _addresses(found: "frozenset[bytes] | set[bytes]") -> list[str]:
    decoded = (clean_address(raw.decode("ascii", "replace")) for raw in sorted(found))
    return distinct(address for address in decoded if address)
