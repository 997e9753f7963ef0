"""Files that were stored and then left without a row that names them."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from helpdesk.core.files import delete_unknown_files
from inbox.models import Attachment, Channel, Upload

logger = logging.getLogger(__name__)

KEPT = timedelta(days=2)
"""Longer than anything may take between storing a file and naming it in a row."""


def delete_stray_files(*, now: datetime) -> int:
    """Delete files older than two days that no message, draft or channel names.

    A full disk or a crash leaves them. Returns how many there were; may run twice.
    """
    if not (Attachment.objects.exists() or Upload.objects.exists()):
        # More likely it is being restored than that all files were left behind.
        logger.warning("the database knows no file: none is deleted")
        return 0
    deleted = delete_unknown_files(before=now - KEPT, known_among=_named_by_rows)
    logger.info("%s files that no message names are deleted", deleted)
    return deleted


def _named_by_rows(names: Sequence[str]) -> set[str]:
    # In one statement: between two, a file could go from a draft to a message or back.
    attached, uploaded = (
        rows.filter(stored_name__in=names).values_list("stored_name", flat=True)
        for rows in (Attachment.objects.all(), Upload.objects.all())
    )
    return {*attached.union(uploaded), *_of_channels()}


def _of_channels() -> Iterator[str]:
    rows = Channel.objects.values_list("capabilities__files", flat=True)
    for names in rows:
        yield from names or ()
