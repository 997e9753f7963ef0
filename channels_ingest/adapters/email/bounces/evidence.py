"""Decide whether a message reports that another one was not delivered."""

import re
from email.message import Message
from email.utils import parseaddr

from channels_ingest.adapters.email.automatic_subjects import says_it_is_automatic
from channels_ingest.adapters.email.bounces.report_text import Report, decoded_header
from channels_ingest.adapters.email.telltales import surely_lacks

_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|daemon|post[-_.]?master|"
    r"mail(?:er)?[-_.]?(?:system|admin\w*|deliver\w*|error\w*|robot)|delivery\w*|"
    r"mta|bounces?|bounced?[-_.]?(?:mail|handler)|smtp|microsoftexchange\w*|ndr|"
    r"undeliver\w*|abuse|system[-_.]?administrator|esmtp|majordomo|root)(?:[+\-=].*)?$",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"no[-_.]?reply|do[-_.]?not[-_.]?reply|(?:^|[-_.])admin(?:istrator)?$|gateway|"
    r"virus|filter|robot|notif|mail[-_.]?server|(?:^|[-_.])system",
    re.IGNORECASE,
)
_ROLE = re.compile(r"^(?:post[-_.]?master|abuse|root|majordomo)$", re.IGNORECASE)
_DAEMON_NAME = re.compile(
    r"mail (?:delivery|deliver|system|transport|admin\w*)|delivery (?:sub)?system|"
    r"mailer|post ?master|system administrator|mail ?daemon|bounce|"
    r"microsoft outlook|internet mail (?:delivery|service)|message (?:delivery|router)|"
    r"syst[eè]me? de messagerie|(?:e-?)?mail system|zustell|メール(?:システム|配信)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|non-?deliver|not (?:be )?deliver|undelivered|unzustellbar|"
    r"(?:(?:e-?)?mail|message|delivery|transport|smtp)[ -]?(?:\w+ )?"
    r"(?:status|fail\w*|error|problem|delay\w*|warning|not|was not|could not|refused|"
    r"rejected|impossible|unsuccessful|has been (?:rejected|delayed)|returned|"
    r"undeliver\w*)|"
    r"deliver\w* (?:report|notification|status|failure|has failed|incomplete)|"
    r"return(?:ed|ing)? (?:(?:e-?)?mail|message|to sender)|failure (?:notice|delivery)|"
    r"failed (?:mail|message|delivery|to deliver)|could(?: not|n't) (?:be )?"
    r"(?:deliver|sen[dt])|(?:cannot|can't|unable to) (?:be )?(?:deliver|send)|"
    r"error (?:sending|delivering|in sending)|bounce|rejected|user unknown|"
    r"unknown (?:user|recipient)|mailbox (?:full|unavailable)|over ?quota|"
    r"loop alert|mail loop|nondeliv|permanent error|"
    r"nicht zugestellt|nicht zustell|unzustell|zustellung|zur[uü]ckgewiesen|"
    r"non remis|[eé]chec|non distribu|retour[ée]? (?:[aà] l'exp|mail)|impossible de|"
    r"no (?:se )?(?:pudo|puede|ha podido|entreg)|no entregad|error de entrega|"
    r"devuelto|devolu|n[aã]o (?:foi )?(?:entreg|poss)|falha|"
    r"mancat[ao]|non recapitabil|impossibile|onbestelbaar|niet bezorgd|"
    r"kunde inte|ikke lever|kan ikke|ej lever|nie mo[zż]na|niedostarcz|"
    r"nedoru[cč]|teslim edileme|не доставлен|недоставлен|ошибка|возврат|не удалось|"
    r"エラー|配信|不達|届き|送信でき|失敗|退信|退件|投递|投遞|无法|無法|系统退信|"
    r"반송|실패|배달",
    re.IGNORECASE,
)
# One of these is in all that `_SUBJECT` recognizes, if it is in Western letters.
_SUBJECT_WORDS = (
    *("mail", "message", "deliv", "transport", "smtp", "return", "fail", "could"),
    *("cannot", "can't", "unable", "error", "bounce", "reject", "unknown", "quota"),
    *("loop", "zustell", "zugestell", "ckgewiesen", "non remis", "echec", "échec"),
    *("non distribu", "retour", "impossib", "pudo", "puede", "podido", "entreg"),
    *("devuelto", "devolu", "o poss", "i poss", "falha", "mancat", "recapitabil"),
    *("bestelbaar", "bezorgd", "kunde inte", "lever", "kan ikke", "nie mo"),
    *("niedostarcz", "nedoru", "teslim"),
)
_ANSWERED = re.compile(r"^\s*(?:re|fwd?|aw|wg|tr|rv|sv|vs|antw|回复|转发)\s*:", re.I)
FAILURE_PHRASE = re.compile(
    r"(?:could|can|was|were|has|have|did|is)"
    r"(?: ?n[o']t|not| never| also not)[^.\n]{0,40}(?:deliver|be sent|receive|reach|"
    r"be reached|be transmitted|accepted)|"
    r"undeliver|unable to (?:deliver|send|route|relay|complete)|cannot (?:deliver|be)|"
    r"(?:delivery|message|(?:e-?)?mail|recipients?|address(?:es)?|error|problem|"
    r"trouble)"
    r"[^.\n]{0,60}(?:failed|failure|rejected|refused|deliver(?:y|ing)|delayed|"
    r"returned|bounced|aborted|incorrectly constructed|discarded)|"
    r"(?:permanent|fatal|temporary|delivery|transient)[^.\n]{0,20}(?:errors?|problems?|"
    r"failure)|no such (?:user|person|mailbox|address)|user unknown|unknown user|"
    r"(?:account|mailbox|user)[^.\n]{0,30}(?:disabled|full|unavailable|unknown|"
    r"inactive|quota)|invalid (?:user|recipient|address)|rejected (?:by|recipient)|"
    r"not listed in|failure reasons|duplicated message-id|rcpt to:|"
    r"nicht zugestellt|nicht zustellbar|n'a (?:pas )?pu|"
    r"pas [eé]t[eé] (?:remis|distribu)|"
    r"no (?:se )?(?:pudo|ha podido)|non [eè] stato possibile|n[aã]o (?:foi|p[oô]de)|"
    r"не (?:может быть )?доставлен|送信できま|配信できま|届け(?:ら|る)|送信に失敗|"
    r"お届けでき|无法(?:投递|送达|发送)|無法|被退回|전달되지",
    re.IGNORECASE,
)
_REPLY_LINE = re.compile(
    r"(?:^|[\s:'\"<(\[])(?:[45]\d\d[ \-][^\s]|[45]\.\d\.\d{1,3}\b)", re.MULTILINE
)
_REJECTED_BY_RECEIPT = re.compile(r"automatically rejected|quota", re.IGNORECASE)


def is_feedback_report(message: Message) -> bool:
    """A complaint, passed on by the recipient's provider (ARF, RFC 5965)."""
    return _has_kind(message, "feedback-report", "message/feedback-report")


def is_read_receipt(message: Message) -> bool:
    """The recipient's mail program confirms that it showed the message (RFC 8098)."""
    return _has_kind(
        message, "disposition-notification", "message/disposition-notification"
    )


def _has_kind(message: Message, report_type: str, part_type: str) -> bool:
    if str(message.get_param("report-type") or "").lower() == report_type:
        return True
    payload = message.get_payload()
    parts = payload[:20] if isinstance(payload, list) else []
    return any(
        isinstance(part, Message) and part.get_content_type() == part_type
        for part in parts
    )


def may_be_delivery_report(head: Message) -> bool:
    """Judge by the headers alone; what is said no to here never is a report."""
    return bool(
        head.get_content_type() == "multipart/report"
        or head.get("X-Failed-Recipients")
        or has_null_return_path(head)
        or _from_a_daemon(head)
        or subject_says_so(decoded_header(head, "Subject"))
    )


def is_delivery_report(message: Message, report: Report) -> bool:
    """Weigh what speaks for a report by a mail server, against a person's words.

    A person who forwards a report to us is no mail server: either the sender, the
    empty return path or the subject has to show that a machine wrote this itself.
    """
    if is_feedback_report(message):
        return False
    if is_read_receipt(message) and not _is_refused_receipt(message, report):
        return False
    if report.has_status_part or message.get("X-Failed-Recipients"):
        return True
    text = "\n".join(report.lines[:200])
    return _is_convincing(
        message,
        says_so=bool(FAILURE_PHRASE.search(text)),
        details=bool(_REPLY_LINE.search(text)) or report.has_returned_part,
    )


def _is_convincing(message: Message, *, says_so: bool, details: bool) -> bool:
    """Whether sender, subject and words together leave no doubt."""
    written = decoded_header(message, "Subject")
    if says_it_is_automatic(written):
        return False
    subject = subject_says_so(written)
    if _from_a_daemon(message) and (subject or (says_so and not _from_a_role(message))):
        return True
    if _from_a_daemon(message) or has_null_return_path(message):
        return (subject and (says_so or details)) or (says_so and details)
    return subject and says_so and _from_a_program(message)


def _from_a_role(message: Message) -> bool:
    """An address that people write from as well."""
    local = parseaddr(decoded_header(message, "From"))[1].partition("@")[0]
    return bool(_ROLE.match(local))


def _from_a_program(message: Message) -> bool:
    """The sender is no person: people write about undelivered mail, too."""
    submitted = str(message.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    sender = parseaddr(decoded_header(message, "From"))[1]
    return (
        not submitted.startswith("no")
        or precedence in ("bulk", "junk", "auto_reply")
        or bool(_PROGRAM.search(sender.partition("@")[0]))
    )


def _is_refused_receipt(message: Message, report: Report) -> bool:
    """Some servers report a full mailbox in the form of a read receipt."""
    text = "\n".join(report.lines[:100])
    return _from_a_daemon(message) and bool(_REJECTED_BY_RECEIPT.search(text))


def _from_a_daemon(message: Message) -> bool:
    for header in ("From", "Sender", "Return-Path"):
        name, address = parseaddr(decoded_header(message, header))
        local = address.partition("@")[0] or name
        if is_daemon(local.strip("<> "), name if header == "From" else ""):
            return True
    return False


def is_daemon(local: str, name: str) -> bool:
    """Recognize a mail server by the first part of its address, or by its name."""
    return bool(_DAEMON.match(local) or _DAEMON_NAME.search(name))


def has_null_return_path(message: Message) -> bool:
    """The envelope sender is empty, as of every report by a mail server."""
    paths = [str(path) for path in message.get_all("Return-Path", [])]
    return any(path.strip() in ("<>", "") for path in paths[:1])


def subject_says_so(subject: str) -> bool:
    """Recognize a subject that speaks of undelivered mail and answers nothing."""
    if surely_lacks(subject, _SUBJECT_WORDS) or _ANSWERED.match(subject):
        return False
    return bool(_SUBJECT.search(subject))
