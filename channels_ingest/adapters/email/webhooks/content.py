"""Fetch what some providers do not send along: they store it and name the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class ContentNotFetched(Exception):
    """The provider did not hand over a mail that it told us of; worth another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedContent:
    body: bytes
    content_type: str = ""


class ContentFetcher(Protocol):
    """Given by the caller, who owns outgoing requests and their limits."""

    def get(self, *, url: str, headers: Mapping[str, str]) -> FetchedContent:
        """Download `url`.

        :raises ContentNotFetched: on any answer but success
        """
        ...

    def get_object(self, *, bucket: str, key: str) -> bytes:
        """Read an object from the S3 bucket that a receipt rule writes to.

        :raises ContentNotFetched: if it cannot be read
        """
        ...


class NothingToFetchWith:
    """For callers without a connection: every download fails."""

    def get(self, *, url: str, headers: Mapping[str, str]) -> FetchedContent:
        raise ContentNotFetched("The content of this mail was not downloaded.")

    def get_object(self, *, bucket: str, key: str) -> bytes:
        raise ContentNotFetched("The content of this mail was not downloaded.")
