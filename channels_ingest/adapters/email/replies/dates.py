"""Read the date in an embedded header, in whatever language it was written."""

# Words in many scripts.
# ruff: noqa: E501, RUF001

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

LONGEST = 120

# The beginnings by which months are told apart, in the languages of HEADER_NAMES.
_MONTHS = {
    1: "jan ene gen janv ian ocak oca yan янв січ яну sty led tammi sij siječ يناير كانون "
    "ژانویه ינו ιαν tháng1 studz sau ges",
    2: "feb fév fev febr şub şuba фев лют фев lut úno únor helmi velj فبراير شباط فوریه פבר φεβ",
    3: "mar mär mars marz març maart maa mrt мар бер mart бер březn bře maalis ožu مارس آذار "
    "מרץ μαρ mrz márc kov",
    4: "apr abr avr ápr nis апр кві квіт kwi dub huhti tra أبريل نيسان آوریل אפר απρ",
    5: "may mai mag maj mei máj мая май тра трав maj kvě touko svib مايو أيار مه מאי μαΐ μαι geg",
    6: "jun juin giu июн чер черв haz cze čer červn kesä lip يونيو حزيران ژوئن יונ ιουν",
    7: "jul juil lug июл лип tem lip červenec čvc heinä srp يوليو تموز ژوئیه יול ιουλ",
    8: "aug ago aoû aout авг сер серп ağu sie srp elo kol أغسطس آب اوت אוג αυγ",
    9: "sep set sept сен вер вер eyl wrz zář syys ruj سبتمبر أيلول سپتامبر ספט σεπ",
    10: "oct okt ott out окт жов eki paź říj loka lis أكتوبر تشرين اکتبر אוק οκτ",
    11: "nov noi ноя лис kas lis listopad marras stu نوفمبر نوامبر נוב νοε",
    12: "dec dic déc dez des дек гру ara gru pro joulu pros ديسمبر دسامبر דצמ δεκ",
}
_DIGITS = str.maketrans(
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"
    "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "01234567890123456789",
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.\u5e74\ub144]\s?(\d{1,2})\s?[-/.\u6708\uc6d4]\s?(\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(
    r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})[-/.]\s?((?:19|20)?\d\d)(?!\d)"
)
_INTERNET_DATE = re.compile(
    r"(?<!\d)\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d\d(?::\d\d)?(?! ?[AaPp]\.?[Mm])"
)
_VIETNAMESE = re.compile(
    r"(\d{1,2})\s(?:tháng|thg)\s(\d{1,2}),?\s(?:năm\s)?((?:19|20)\d\d)", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DAY = re.compile(r"(?<![\d:.])(\d{1,2})(?![\d:]|\s?[ap]\.?m)(?!\.\d\d\b)")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})(?:[:h\u6642\u65f6]\s?|\.)(\d\d)(?:[:.](\d\d))?(?!\d)"
)
_AFTERNOON = re.compile(
    r"\b(?:p\.?\s?m\b|nachm|öö)|\u4e0b\u5348|\u5348\u5f8c|\uc624\ud6c4|\u0645(?!\w)|μ\.?μ",
    re.IGNORECASE,
)
_MORNING = re.compile(
    r"\b(?:a\.?\s?m\b|vorm)|\u4e0a\u5348|\u5348\u524d|\uc624\uc804|π\.?μ", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:GMT|UTC|\s)([+-])(\d\d):?(\d\d)\b")
_WORD = re.compile(r"[^\W\d_]+")


def read_date(text: str) -> datetime | None:
    """Return the moment a header names, in UTC if it names no time zone."""
    text = text[:LONGEST].translate(_DIGITS)
    if not _INTERNET_DATE.search(text):
        return _read_foreign(text)
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _read_foreign(text: str) -> datetime | None:
    day = _numeric_day(text) or _written_day(text)
    if day is None:
        return None
    hour, minute, second = _time_of_day(text)
    try:
        return datetime(*day, hour, minute, second, tzinfo=_zone(text))
    except (ValueError, OverflowError):
        return None


def _numeric_day(text: str) -> tuple[int, int, int] | None:
    found = _YEAR_FIRST.search(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _VIETNAMESE.search(text)
    if found:
        return int(found[3]), int(found[2]), int(found[1])
    found = _YEAR_LAST.search(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    is_american = found[2] == "/" and bool(
        _AFTERNOON.search(text) or _MORNING.search(text)
    )
    if second > 12 or (is_american and first <= 12):
        first, second = second, first
    return year + 2000 * (year < 100), second, first


def _written_day(text: str) -> tuple[int, int, int] | None:
    year = _YEAR.search(text)
    months = [month for word in _WORD.findall(text) if (month := _month(word))]
    if not year or not months:
        return None
    rest = _TIME.sub(" ", text[: year.start()] + " " + text[year.end() :])
    day = _DAY.search(rest)
    # The last one: "mar. 5 mai" begins with a Tuesday.
    return (int(year[1]), months[-1], int(day[1])) if day else None


def _month(word: str) -> int | None:
    folded = word.casefold()
    best = max(
        (
            (len(stem), month)
            for month, stems in _STEMS.items()
            for stem in stems
            if folded.startswith(stem)
        ),
        default=None,
    )
    return best[1] if best else None


_STEMS = {month: tuple(stems.split()) for month, stems in _MONTHS.items()}


def _time_of_day(text: str) -> tuple[int, int, int]:
    for found in _TIME.finditer(text):
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if _is_part_of_day(text, found):
            continue
        if _AFTERNOON.search(text) and hour < 12:
            hour += 12
        elif _MORNING.search(text) and hour == 12:
            hour = 0
        return hour, minute, second
    return 0, 0, 0


def _is_part_of_day(text: str, found: re.Match[str]) -> bool:
    """Tell 05.11 in 05.11.2026 from the hour 05.11."""
    return bool(_YEAR_LAST.match(text, found.start())) or int(found[1]) > 23


def _zone(text: str) -> timezone:
    found = _OFFSET.search(text)
    if not found:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return (
        timezone(offset if found[1] == "+" else -offset) if offset < _DAY_LONG else UTC
    )


_DAY_LONG = timedelta(hours=24)
