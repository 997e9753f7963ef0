"""Which language a visitor is spoken to in."""

from django.conf import settings
from django.utils.translation.trans_real import parse_accept_lang_header

WIDGET_LANGUAGES = (*(code for code, _ in settings.LANGUAGES if code != "pt"), "pt")
"""What the desk speaks, and Portuguese."""
RIGHT_TO_LEFT = frozenset({"ar", "fa"})
_CHINESE = {
    "zh": "zh-hans",
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
}


def known_language(code: str) -> str | None:
    """Return the language we speak that is meant by `pt-BR` or `zh_TW`, if any."""
    asked = code.strip().lower().replace("_", "-")
    while asked:
        asked = _CHINESE.get(asked, asked)
        if asked in WIDGET_LANGUAGES:
            return asked
        asked = asked.rpartition("-")[0]
    return None


def language_for(*, asked: str = "", accepted: str = "") -> str:
    """Return what to speak: what is asked for, else what the browser prefers.

    :param accepted: the header `Accept-Language`
    """
    wanted = [asked, *(code for code, _ in parse_accept_lang_header(accepted))]
    spoken = (known_language(code) for code in wanted)
    return next((code for code in spoken if code), settings.LANGUAGE_CODE)


def direction_of(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
