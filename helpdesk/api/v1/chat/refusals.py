"""What the rules of a channel say no to, in words for people and codes for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status

from helpdesk.api.v1.chat.errors import Refused
from helpdesk.chat.actions.transcripts import NothingToSend, NowhereToSend
from helpdesk.chat.actions.writing import (
    ConversationUnknown,
    NothingWritten,
)
from helpdesk.chat.answers import FormInvalid
from helpdesk.chat.file_rules import (
    FileEmpty,
    FilesNotTaken,
    FileTooLarge,
    FileTypeNotTaken,
    TooManyFiles,
)
from helpdesk.chat.rules import MayNotHaveSeveral, MayNotReplyToClosed, MayNotStart
from inbox.models import Conversation

_FORBIDDEN = status.HTTP_403_FORBIDDEN
_BAD = status.HTTP_400_BAD_REQUEST
_WORDS: dict[type[Exception], tuple[str, Any, int]] = {
    MayNotStart: (
        "may_not_start",
        gettext_lazy("New conversations cannot be started here."),
        _FORBIDDEN,
    ),
    MayNotHaveSeveral: (
        "one_at_a_time",
        gettext_lazy("You have an open conversation. Please go on in that one."),
        _FORBIDDEN,
    ),
    MayNotReplyToClosed: (
        "conversation_closed",
        gettext_lazy("This conversation is closed. Please start a new one."),
        _FORBIDDEN,
    ),
    NothingWritten: (
        "nothing_written",
        gettext_lazy("There is nothing in this message yet. Write a few words."),
        _BAD,
    ),
    TooManyFiles: (
        "too_many_files",
        gettext_lazy("These are more files than one message can take."),
        _BAD,
    ),
    FileEmpty: (
        "file_empty",
        gettext_lazy("This file is empty. Choose another one."),
        _BAD,
    ),
    NowhereToSend: (
        "no_address",
        gettext_lazy("Mail cannot go there. Give an address that you can read."),
        _BAD,
    ),
    NothingToSend: (
        "nothing_to_send",
        gettext_lazy("There is nothing to send by mail from here."),
        _BAD,
    ),
    FilesNotTaken: (
        "files_not_taken",
        gettext_lazy("Files cannot be sent here."),
        _BAD,
    ),
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the rules say no to into the answer that says so.

    :raises Refused: with its code and words
    :raises Http404: for what the visitor may not know of
    """
    try:
        yield
    except (ConversationUnknown, Conversation.DoesNotExist):
        raise Http404 from None
    except FileTooLarge as error:
        raise _too_large(error) from None
    except FileTypeNotTaken as error:
        raise Refused("file_type_not_taken", error.hint, status=_BAD) from None
    except FormInvalid as error:
        raise _form_invalid(error) from None
    except tuple(_WORDS) as error:
        code, words, number = _WORDS[type(error)]
        raise Refused(code, str(words), status=number) from None


def _too_large(error: FileTooLarge) -> Refused:
    words = _("This is too large. Files may have %(size)s at most.")
    message = words % {"size": filesizeformat(error.most)}
    too_large = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    return Refused(
        "file_too_large", message, status=too_large, fields={"most": error.most}
    )


def _form_invalid(error: FormInvalid) -> Refused:
    message = _("Some answers are missing or cannot be right. Please check them.")
    fields = {name: [reason] for name, reason in error.reasons.items()}
    return Refused("form_invalid", message, fields={"form": fields})
