"""Which files visitors may send: how many, how large, and of what kind.

A kind is what the name ends in, for that is what a computer goes by that opens it.
"""

from collections.abc import Collection, Sequence
from typing import Final

from django.utils.translation import gettext as _

from channels_ingest.providers.chat.settings import ChatSettings
from inbox.contract import Attachment

MAX_FILES: Final = 5
MAX_BYTES: Final = 25 * 1024 * 1024
"""Of all files of one message together."""
PROGRAMS: Final = frozenset(
    (
        *("apk", "app", "appimage", "appx", "bat", "cab", "chm", "class", "cmd"),
        *("com", "command", "cpl", "deb", "desktop", "dll", "dmg", "exe", "gadget"),
        *("hta", "inf", "ins", "iso", "jar", "jnlp", "js", "jse", "lnk"),
        *("mjs", "msc", "msi", "msix", "msp", "mst", "pif", "pkg", "ps1"),
        *("psm1", "py", "reg", "rpm", "scf", "scr", "sct", "sh", "sys"),
        *("url", "vb", "vbe", "vbs", "vhd", "vhdx", "workflow", "ws", "wsc"),
        *("wsf", "wsh", "xll"),
    )
)
"""What does something as soon as it is opened, on one system or another."""
TWINS: Final = (frozenset({"jpg", "jpeg"}), frozenset({"tif", "tiff"}))


class FileEmpty(Exception):
    """There is nothing in the file."""


class FileTooLarge(Exception):
    """A file, or all together, are larger than is taken; `most` says how large."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} bytes")
        self.most = most


class FilesNotTaken(Exception):
    """This channel takes no files at all."""


class FileTypeNotTaken(Exception):
    """Files of this kind are not taken here; `hint` says which are, to the visitor."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


class TooManyFiles(Exception):
    """More files than one message may have."""


def check_files(files: Sequence[Attachment], *, settings: ChatSettings) -> None:
    """Raise what is wrong with the files of one message.

    :raises FilesNotTaken: or any other exception of this module
    """
    if not settings.file_bytes:
        raise FilesNotTaken
    if len(files) > MAX_FILES:
        raise TooManyFiles
    sizes = [len(file.content) for file in files]
    if not all(sizes):
        raise FileEmpty
    if max(sizes) > settings.file_bytes:
        raise FileTooLarge(settings.file_bytes)
    if sum(sizes) > MAX_BYTES:
        raise FileTooLarge(MAX_BYTES)
    if not all(is_taken(file.name, settings=settings) for file in files):
        raise FileTypeNotTaken(hint_of(settings))


def is_taken(name: str, *, settings: ChatSettings) -> bool:
    """Whether the channel takes a file that is called so."""
    ending = ending_of(name)
    types = types_of(settings)
    return ending in types if types else ending not in PROGRAMS


def ending_of(name: str) -> str:
    """Return what a computer takes a file for, in small letters; empty if nothing.

    What cannot be seen, and what some systems leave out at the end, does not count.
    """
    shown = "".join(sign for sign in name if sign.isprintable()).rstrip(" .")
    return shown.rpartition(".")[2].casefold() if "." in shown else ""


def types_of(settings: ChatSettings) -> list[str]:
    """Return the endings that are taken; none means all but those of programs."""
    twins = (twin for each in settings.file_types for twin in _twins_of(each))
    return list(dict.fromkeys(twins))


def hint_of(settings: ChatSettings) -> str:
    """Tell a visitor which files can be sent, in the language that is active."""
    if not settings.file_types:
        return _("Programs cannot be sent here.")
    types = ", ".join(settings.file_types)
    return _("Only these files can be sent here: %(types)s.") % {"types": types}


def _twins_of(ending: str) -> Collection[str]:
    others = (twins - {ending} for twins in TWINS if ending in twins)
    return [ending, *next(others, ())]
