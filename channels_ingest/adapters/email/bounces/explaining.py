"""Choose the reason that fits what the other server answered."""

import re

from channels_ingest.adapters.email.bounces.reasons import (
    BAD_ADDRESS,
    CONTENT,
    DISABLED,
    GAVE_UP,
    GREYLISTED,
    LOOP,
    MAILBOX_FULL,
    MOVED,
    NO_DOMAIN,
    NO_MAILBOX,
    NO_RELAY,
    NOT_ALLOWED,
    NOT_AUTHENTICATED,
    POLICY,
    SENDER_BLOCKED,
    SERVER_TROUBLE,
    SPAM,
    TOO_BIG,
    TOO_MANY,
    UNKNOWN,
    UNREACHABLE,
    VIRUS,
    Reason,
)

# Words of the other server, most telling first. Plain alternatives without nested
# repetition: the text is a stranger's.
_WORDS: tuple[tuple[Reason, str], ...] = (
    (VIRUS, r"virus|malware|infected|malicious|trojan"),
    (
        NOT_AUTHENTICATED,
        (
            r"\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated|sender ?id\b|"
            r"not authorized to "
            r"send from|domain owner policy|authentication (?:information|checks)"
        ),
    ),
    (
        MAILBOX_FULL,
        (
            r"(?:mail ?box|account|inbox|user'?s? ?disk|user|file|storage|recipient)"
            r"[^.;]{0,40}(?:is full|\bfull\b|over.?quota|exceed)|over ?-?quota|"
            r"quota (?:exceeded|full|violation)|exceed\w* [^.;]{0,30}quota|"
            r"mailbox_?full|"
            r"(?:not enough|insufficient) (?:disk|system|storage|mail)|out of storage|"
            r"no space left|disk quota|not enough (?:free )?space|full mailbox|"
            r"(?:bo[iî]te|boîte aux lettres) pleine|postfach ist voll|voll\b|"
            r"buz[oó]n lleno|llena\b|一杯|容量"
        ),
    ),
    (
        MOVED,
        (
            r"(?:user|recipient|has|account|address) (?:has )?(?:moved|changed)|"
            r"no longer (?:at|with)|please (?:try|use) (?:the )?new|"
            r"address (?:has )?changed|new address"
        ),
    ),
    (
        DISABLED,
        (
            r"(?:account|mail ?box|user|recipient|address)[^.;]{0,40}(?:disabled|"
            r"inactive|"
            r"suspended|deactivated|locked|expired|discontinued|blocked temporarily|"
            r"not active|closed)|(?:disabled|inactive|suspended|"
            r"deactivated) (?:account|"
            r""
            r"mail ?box|user|recipient)|mailbox (?:is )?unavailable or"
        ),
    ),
    (
        NO_DOMAIN,
        (
            r"host (?:or domain )?(?:name )?(?:is )?(?:unknown|not found)|unknown host|"
            r"no such (?:domain|host)|domain[^.;]{0,60}(?:not (?:exist|found)|invalid|"
            r"unknown)|unrouteable (?:mail )?domain|nxdomain|null ?mx|"
            r"does not accept (?:any )?(?:mail|email)|name or service not known|"
            r"non-?existent domain|couldn'?t find any host|no mx|"
            r"name service error|invalid (?:mx|domain)|recipientdomain|"
            r"domain lookup|lookup error|bad destination (?:host|system)"
        ),
    ),
    (
        NO_MAILBOX,
        (
            r"user[^.;]{0,60}(?:unknown|not (?:exist|found|known|listed)|n't exist|"
            r"doesn't have|no such)|(?:unknown|invalid|no such|bad|nonexistent|"
            r"non-existent"
            r"|unrecognized) (?:\w+ )?(?:user|recipient|mail ?box|address|local|"
            r"account|person|destination mailbox)|(?:recipient|mail ?box|address|"
            r"account|"
            r"e-?mail)[^.;]{0,70}(?:unknown|not (?:exist|found|listed|recogni[sz]ed|"
            r"known)|"
            r"doesn'?t exist|does not exist|n't found|couldn'?t be found|not available|"
            r"is invalid|invalid address)|not (?:our|a) (?:known )?(?:customer|user)|"
            r"unrouteable address|recipientnotfound|recipnotfound|no mailbox|"
            r"not listed in|can'?t verify recipient|"
            r"is not a (?:valid|known|registered)|no (?:such )?(?:person|account)|"
            r"adressat unbekannt|destinataire inconnu|usuario desconocido|"
            r"550[^.;]{0,60}mailbox (?:is )?unavailable|見つから|見つかりま|"
            r"recipient address rejected: access denied|存在しません"
        ),
    ),
    (
        TOO_BIG,
        (
            r"too (?:big|large)|(?:message|size|mail)[^.;]{0,40}(?:exceed|too|larger)"
            r"[^.;]{0,30}(?:size|limit|maximum|large|big)|size limit|max(?:imum)? "
            r"(?:message )?size|line too long|552 [^.;]{0,40}size"
        ),
    ),
    (
        LOOP,
        (
            r"\bloop|too many hops|hop ?count|routing loop|"
            r"duplicated message-id|delivered too many times"
        ),
    ),
    (
        NO_RELAY,
        (
            r"relay(?:ing)?[^.;]{0,40}(?:denied|not|prohibited|access|forbidden)|"
            r"(?:unable|not|cannot|denied)[^.;]{0,30}relay|rcpthosts|open relay|"
            r"not (?:a )?local (?:domain|host)|not in my (?:list|domain)"
        ),
    ),
    (
        SPAM,
        (
            r"\bspam\b|spam(?:my|score|assassin)|unsolicited|\bjunk|bulk mail|"
            r"considered as (?:spam|unwanted)|content (?:filter|rejected)|\bube\b|"
            r"\buce\b"
        ),
    ),
    (
        TOO_MANY,
        (
            r"too many (?:connections|messages|recipients|sessions|concurrent|mails|"
            r"e-?mails)|rate ?-?limit|(?:sending|receiving|hourly|daily|connection) "
            r"(?:limit|rate)|limit exceeded|throttl|receiving mail at a rate|"
            r"frequency limit|exceeded[^.;]{0,40}(?:limit|rate)"
        ),
    ),
    (
        GREYLISTED,
        (
            r"gr[ea]y-?list|try (?:again|your|it)?[^.;]{0,30}later|"
            r"temporarily (?:deferred|"
            r"rejected)|deferred"
        ),
    ),
    (
        SENDER_BLOCKED,
        (
            r"black ?-?list|block ?-?list|blocklist|deny ?list|\bdnsbl\b|\brbl\b|"
            r"spamhaus|"
            r"spamcop|barracuda|reputation|reverse dns|\bptr\b|rdns|"
            r"(?:your|client|sender|remote) (?:ip|host|server|mail server)[^.;]{0,60}"
            r"(?:blocked|listed|banned|rejected|denied|refused|not allowed|invalid)|"
            r"banned|(?:connection|service|host) refused by policy|"
            r"bad helo|invalid helo|helo command|cannot find your|dynamic ip|"
            r"service (?:refuse|denied)|access from ip"
        ),
    ),
    (
        UNREACHABLE,
        (
            r"connection (?:refused|timed out|dropped|lost|reset|failed|expired|died)|"
            r"timed? ?out|timeout|(?:host|network|server|"
            r"domain)[^.;]{0,30}(?:unreachable|"
            r"not reachable|is down|not responding)|no route|cannot connect|"
            r"could ?n[o']t connect|could not (?:be reached|connect)|"
            r"lost connection|conversation with|unable to connect|no answer from host|"
            r"not responding|couldn't establish|mail ?server[^.;]{0,20}down|"
            r"misconfigur|failed to connect"
        ),
    ),
    (
        GAVE_UP,
        (
            r"too long|delivery time expired|retry time|message expired|"
            r"(?:could|been)[^.;]{0,60}(?:for|after|within) \d+ (?:day|hour)|"
            r"retry timeout|delivery timeout|\bexpired\b|giving up|in the queue|"
            r"delivery (?:was )?delayed|undelivered (?:for|after)"
        ),
    ),
    (
        NOT_ALLOWED,
        (
            r"sender[^.;]{0,60}(?:rejected|denied|refused|not (?:allowed|permitted|"
            r"authori[sz]ed)|blocked|verif)|not (?:allowed|permitted|authori[sz]ed) to "
            r"(?:send|post|deliver|email)|restricted to|notauthori[sz]ed|"
            r"you (?:are|do) not (?:allowed|have permission|authori[sz]ed)|"
            r"domain filter|"
            r"permission to (?:post|send|email)|only accepts|"
            r"rejected (?:your message )?by the (?:recipient|owner)"
        ),
    ),
    (
        CONTENT,
        (
            r"(?:header|syntax|format|encoding|attachment|mime|"
            r"content)[^.;]{0,40}(?:error|"
            r"invalid|not (?:allowed|accepted|supported)|bad|illegal|forbidden|missing|"
            r"rejected|malformed)|rfc ?5322|rfc ?2822|not rfc|bare [cl]f|"
            r"malformed|8-?bit|smtputf8|duplicate header|multiple from|messages missing"
        ),
    ),
    (
        POLICY,
        (
            r"polic(?:y|ies)|administrative prohibition|prohibited|security|"
            r"not permitted|"
            r"access denied|forbidden|violat|"
            r"rejected by|blocked (?:by|for)|mail rejected|"
            r"message (?:was )?rejected|refused"
        ),
    ),
    (
        SERVER_TROUBLE,
        (
            r"configuration error|system error|internal (?:server )?error|local error|"
            r"local configuration|server error|mailer error|unexpected|"
            r"temporary (?:failure|error|local|problem)|cannot (?:open|create|append)|"
            r"command died|signal \d|exit (?:code|status)|i/o error|"
            r"service unavailable|"
            r""
            r"resources|insufficient|unavailable"
        ),
    ),
)
_RULES = tuple((reason, re.compile(words, re.IGNORECASE)) for reason, words in _WORDS)

# RFC 3463 and the IANA registry; the class (4 or 5) does not change the meaning.
_BY_STATUS = {
    "1.0": NO_MAILBOX,
    "1.1": NO_MAILBOX,
    "1.2": NO_DOMAIN,
    "1.3": BAD_ADDRESS,
    "1.4": BAD_ADDRESS,
    "1.6": MOVED,
    "1.7": NOT_ALLOWED,
    "1.8": NOT_ALLOWED,
    "1.9": CONTENT,
    "1.10": NO_DOMAIN,
    "2.0": DISABLED,
    "2.1": DISABLED,
    "2.2": MAILBOX_FULL,
    "2.3": TOO_BIG,
    "2.4": SERVER_TROUBLE,
    "3.1": MAILBOX_FULL,
    "3.4": TOO_BIG,
    "4.0": UNREACHABLE,
    "4.1": UNREACHABLE,
    "4.2": UNREACHABLE,
    "4.3": NO_DOMAIN,
    "4.4": UNREACHABLE,
    "4.5": TOO_MANY,
    "4.6": LOOP,
    "4.7": GAVE_UP,
    "5.3": TOO_MANY,
    "7.1": NOT_ALLOWED,
    "7.5": NOT_AUTHENTICATED,
    "7.7": NOT_AUTHENTICATED,
    "7.8": NOT_AUTHENTICATED,
    **{f"7.{code}": NOT_AUTHENTICATED for code in range(20, 30)},
}
_BY_SUBJECT = {
    "1": NO_MAILBOX,
    "2": DISABLED,
    "3": SERVER_TROUBLE,
    "4": UNREACHABLE,
    "5": SERVER_TROUBLE,
    "6": CONTENT,
    "7": POLICY,
}
_BY_REPLY = {"552": MAILBOX_FULL, "553": BAD_ADDRESS, "421": UNREACHABLE}

_STATUS = re.compile(
    r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)"  # not part of an IP address
)
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \-#,:>)]|$)")
# A diagnostic is a line or two; more is a stranger's essay.
_LONGEST_DIAGNOSTIC = 2000


def find_status(text: str) -> str:
    """The first enhanced status code in `text` that is no success, or ""."""
    codes = [found.group(1) for found in _STATUS.finditer(text[:_LONGEST_DIAGNOSTIC])]
    telling = [code for code in codes if not code.endswith(".0.0") and code[0] != "2"]
    return next(iter(telling or [code for code in codes if code[0] != "2"]), "")


def find_reply_code(text: str) -> str:
    """The first SMTP reply code of a refusal in `text`, or ""."""
    found = _REPLY.search(text[:_LONGEST_DIAGNOSTIC])
    return found.group(1) if found else ""


def explain(*, status: str, diagnostic: str) -> Reason:
    """Choose the reason that a status code and the server's words give."""
    words = diagnostic[:_LONGEST_DIAGNOSTIC]
    status = status if status and not status.endswith(".0.0") else ""
    status = status or find_status(words)
    for reason, rule in _RULES:
        if rule.search(words):
            return _corrected(reason, status)
    return _by_code(status, words)


def _corrected(reason: Reason, status: str) -> Reason:
    """Prefer an exact status code where the words fit many reasons."""
    vague = (POLICY, SERVER_TROUBLE, GAVE_UP)
    exact = _BY_STATUS.get(status.partition(".")[2])
    return exact if exact and reason in vague else reason


def _by_code(status: str, words: str) -> Reason:
    detail = status.partition(".")[2]
    if detail and detail != "0.0":
        subject = detail.partition(".")[0]
        return _BY_STATUS.get(detail) or _BY_SUBJECT.get(subject, UNKNOWN)
    return _BY_REPLY.get(find_reply_code(words), UNKNOWN)
