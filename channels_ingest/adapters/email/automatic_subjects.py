"""What out-of-office assistants write into subjects, language by language."""

import re

# In front of the subject that is answered ("Automatic reply: Invoice"), or alone.
_PHRASES = (
    # English
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "autoresponder",
    "out of office",
    "out-of-office",
    "out of the office",
    "ooo",
    "vacation reply",
    "away from my mail",
    "i am on vacation",
    "on holiday",
    "on leave",
    # German
    "automatische antwort",
    "automatische abwesenheits*",
    "abwesenheitsnotiz",
    "abwesenheitsnachricht",
    "abwesenheits*",
    "abwesend",
    "nicht im büro",
    "nicht im haus",
    "urlaubsbenachrichtigung",
    # French
    "réponse automatique",
    "reponse automatique",
    "absence du bureau",
    "absent du bureau",
    "absente du bureau",
    "message d'absence",
    "notification d'absence",
    # Spanish
    "respuesta automática",
    "respuesta automatica",
    "contestación automática",
    "fuera de la oficina",
    "ausente de la oficina",
    "ausencia temporal",
    # Portuguese
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "ausência temporária",
    # Italian
    "risposta automatica",
    "fuori ufficio",
    "fuori sede",
    "assente dall'ufficio",
    # Dutch
    "automatisch antwoord",
    "automatische reactie",
    "automatische beantwoording",
    "afwezigheidsbericht",
    "afwezig",
    # Nordic
    "automatiskt svar",
    "automatisk svar",
    "autosvar",
    "frånvaro",
    "fraværsmelding",
    "ikke til stede",
    "ikke på kontoret",
    "automaattinen vastaus",
    "poissaoloviesti",
    "poissa toimistosta",
    "sjálfvirkt svar",
    # Slavic, Baltic, Hungarian, Romanian
    "automatyczna odpowiedź",
    "autoodpowiedź",
    "poza biurem",
    "automatická odpověď",
    "automatická odpoveď",
    "mimo kancelář",
    "samodejni odgovor",
    "automatski odgovor",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "автоматичен отговор",
    "automatinis atsakymas",
    "automātiskā atbilde",
    "automaatvastus",
    "automatikus válasz",
    "răspuns automat",
    # Turkish, Greek, Semitic
    "otomatik yan\u0131t",
    "otomatik cevap",
    "ofis d\u0131\u015f\u0131nda",
    "αυτόματη απάντηση",
    "εκτός γραφείου",
    "رد تلقائي",
    "الرد التلقائي",
    "תשובה אוטומטית",
    "מענה אוטומטי",
    # Asia
    "自動返信",
    "自動応答",
    "不在通知",
    "不在のため",
    "自动回复",
    "自动答复",
    "自動回覆",
    "外出自動回覆",
    "자동 회신",
    "자동 응답",
    "부재중",
    "ตอบกลับอัตโนมัติ",
    "trả lời tự động",
    "thư trả lời tự động",
    "balasan otomatis",
    "jawapan automatik",
)


def _pattern(phrase: str) -> str:
    """A phrase ends where no letter follows, except where it is a stem (`*`)."""
    stem = phrase.removesuffix("*")
    return re.escape(stem) + ("" if stem != phrase else "(?![a-z])")


_LONGEST_FIRST = sorted(_PHRASES, key=len, reverse=True)
_AUTOMATIC = re.compile(
    r"^\W{0,10}(?:(?:auto|re|aw|sv|vs|antw)\s?:\s{0,5}){0,3}\W{0,5}(?:"
    + "|".join(map(_pattern, _LONGEST_FIRST))
    + ")",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^\s{0,10}auto\s?:\s", re.IGNORECASE)


def says_it_is_automatic(subject: str) -> bool:
    """The subject begins as those of automatic replies do."""
    head = subject[:200]
    return bool(_AUTOMATIC.match(head) or _PREFIX.match(head))
