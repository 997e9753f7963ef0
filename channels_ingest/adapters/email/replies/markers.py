"""Single lines by which mail programs set history apart."""

import re

from channels_ingest.adapters.email.replies import words

LONGEST = 120

_RULE = re.compile(r"\s*[*_~#=+\-\u2014\u2013\u2500\u2501\u2022. ]{2,}\s*$")
_EDGES = " \t*_-=#<>~\u2500\u2501\u2014\u2013|"
_STRONG_EDGE = re.compile(
    r"^\s*\*?[-_=#~\u2500\u2501\u2014]{2,}|[-_=#~\u2500\u2501]{2,}"
)
_FORWARD_ALONE = re.compile(
    r"begin forwarded message|anfang der weitergeleiteten|d[ée]but du (?:message|courriel)"
    r"|inicio del mensaje reenviado|inizio (?:del )?messaggio inoltrato"
    r"|in[ií]cio da mensagem (?:re)?encaminhada|begin doorgestuurd bericht"
    r"|vidarebefordrat brev|start p[åa] videresendt|videresendt melding"
    r"|pocz[ąa]tek przekazywanej|za[čc][áa]tek p[řr]epos|začiatok preposl"
    r"|[вb] переслал|начало переадрес|початок листа|alkaa edelleen|välitetty viesti alkaa"
    r"|továbbított (?:üzenet|levél)|i̇letilen ileti|iletilen ileti|iletinin başlangıcı"
    r"|转发的邮件|轉寄郵件|開始轉寄|开始转发|転送されたメッセージ|전달된 (?:메시지|메일)"
    r"|בתחילת ההודעה שהועברה|تحويل الرسالة|بداية الرسالة"
    r"|forwarded message|forwarded by|forwarded mail|weitergeleitete nachricht",
    re.IGNORECASE,
)
_REPLY_ABOVE = re.compile(
    r"(?:repl(?:y|ies)|respon[ds]e?|respond|write|type|answer|antwort|antworten|schreiben"
    r"|r[ée]pon[sd]\w*|r[ée]pondre|respuesta|responda|responder|escriba|rispost\w*"
    r"|rispondi|scriv\w+|resposta|antwoord\w*|reageer|svar\w*)"
    r".{0,60}\b(?:above|oberhalb|über|au-dessus|ci-dessus|encima|arriba|acima|sopra|boven"
    r"|ovanför|ovenfor|over)\b",
    re.IGNORECASE,
)
_REPLY_ABOVE_FOREIGN = re.compile(
    r"ответ\w* выше|введите ответ выше|выше этой (?:черты|линии|строки)"
    r"|nad t[ąa] (?:lini|kresk)|請在此行上方|请在此行(?:上方|以上)|この行より上|이 줄 위에"
    r"|bu satırın üst"
)
_PREVIOUS = re.compile(
    r"(?:previous (?:replies|messages?|discussion)|in reply to|conversation history"
    r"|message history)\s*:?$",
    re.IGNORECASE,
)


def is_rule(line: str) -> bool:
    """Recognize a line of nothing but dashes, stars or the like."""
    return bool(_RULE.match(line[:LONGEST])) and not line.strip(
        " *_~#=+-\u2014\u2013\u2500\u2501\u2022."
    )


def is_separator(line: str) -> bool:
    """Recognize "-----Original Message-----" and its translations."""
    inner = _dashed_words(line)
    if inner is None:
        return False
    if inner in {"original", "原始邮件", "原始郵件", "reply", "antwort"}:
        return True
    return _mentions(inner, words.ORIGINAL) and _mentions(inner, words.MESSAGE)


def is_forward(line: str) -> bool:
    """Recognize "---------- Forwarded message ---------" and its like."""
    if len(line) > LONGEST:
        return False
    inner = _dashed_words(line)
    if inner is not None:
        return _mentions(inner, words.FORWARDED) and len(inner.split()) <= 16
    bare = line.strip(_EDGES)
    return (
        bare.endswith((":", "\uff1a"))
        and len(bare.split()) <= 8
        and bool(_FORWARD_ALONE.match(bare))
    )


def is_reply_above(line: str) -> bool:
    """Recognize "##- Please type your reply above this line -##"."""
    if len(line) > LONGEST:
        return False
    bare = line.strip(_EDGES)
    if _PREVIOUS.match(bare):
        return bare != line.strip()
    if _REPLY_ABOVE_FOREIGN.search(bare.casefold()):
        return len(bare.split()) <= 14
    match = _REPLY_ABOVE.search(bare)
    if not match:
        return False
    is_framed = bare != line.strip()
    return len(bare.split()) <= 14 and (is_framed or "line" in bare or bare.isupper())


def _dashed_words(line: str) -> str | None:
    """Return the words between two runs of dashes, in lower case."""
    if len(line) > LONGEST:
        return None
    bare = line.strip(" \t*>:\u00a0|")
    if bare[:2] not in _RUNS or bare[-2:] not in _RUNS:
        return None
    inner = bare.strip(_EDGES).casefold()
    return inner if inner and len(inner) <= 80 else None


def _mentions(inner: str, stems: list[str]) -> bool:
    return any(stem in inner for stem in stems)


_RUNS = frozenset(
    {"--", "__", "==", "##", "~~", "\u2500\u2500", "\u2501\u2501", "- ", " -"}
)
