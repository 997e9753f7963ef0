"""Signatures, and the lines that phones and mail programs add."""

# Words in many scripts.
# ruff: noqa: E501, RUF001

import re

from channels_ingest.adapters.email.telltales import surely_lacks

LONGEST = 160

_DASHES = re.compile(r"(?:--|\u2014|\u2013\u2013|\u2014\u2014)\s*$")
_NAME_AFTER_HYPHEN = re.compile(
    r"[-~]{1,2}[^\W\d_a-z][\w.'\u2019]*(?:\s[^\W\d_][\w.'\u2019]*){0,3}$"
)
_EDGES = " \t*_<>()[]|~-\u2013\u2014\"'"

# Left behind by an add-on for Gmail that tracks who opened a mail.
_TRACKING_GLYPH = "\u1427"

_SENT = (
    r"(?:(?:this (?:e-?)?mail|this message|e-?mail) (?:was |is )?)?"
    r"(?:sent|written|typed|composed|dictated|posted|delivered|tapped|thumbed)"
    r" (?:out )?(?:from|with|via|by|using|on|through|in)"
    r"|(?:diese (?:e-?mail|nachricht) wurde )?(?:mobil )?(?:gesendet|verschickt|geschrieben)"
    r" (?:von|mit|über|via|aus)"
    r"|(?:ce (?:message|mail) a été )?envoy[ée]e? (?:depuis|de|à partir de|par|avec|via|du)"
    r"|enviado (?:desde|con|por|mediante|a través|do|da|de|a partir|pelo|com|via)"
    r"|mensaje enviado desde|inviato (?:da|dal|dall'|con|tramite|dalla)"
    r"|(?:verzonden|verstuurd|gestuurd) (?:vanaf|via|met|van|door|vanuit)"
    r"|skickat (?:från|med|via)|skickades från|send[te] (?:fra|med|via|frå)"
    r"|lähetetty|wysłan[eoy] (?:z|ze|za|przy|przez)|wiadomość wysłana"
    r"|odesl[aá]n[oaáé] (?:z|ze|pomocí|přes)|odoslan[ée] (?:z|zo|pomocou|cez)"
    r"|(?:el)?küldve|küldte|trimis(?:ă)? (?:de pe|din|cu|prin)"
    r"|отправлено (?:с|из|от|через|при)|послано с"
    r"|(?:надіслано|відправлено) (?:з|із|зі|через)|изпратено от"
    r"|στάλθηκε από|enviat (?:des|amb)|poslano (?:s|sa|z|iz)|poslato (?:s|sa)"
    r"|(?:được )?gửi từ|dikirim dari|ส่งจาก|saadetud minu|išsiųsta iš"
    r"|(?:تم )?(?:أُ?رسلت?|الإرسال|مرسل[ةه]?) من|(?:ارسال شده|فرستاده شده|ارسال) (?:از|با)"
    r"|נשלח מ|发自|發自|從我的|从我的|来自我的|來自我的"
)
_SENT_AT_START = re.compile(rf"(?:{_SENT})", re.IGNORECASE)
_SENT_AT_END = re.compile(
    r"(?:von .{1,60} gesendet|(?:gönderildi|yollandı)|(?:から|より)送信(?:されました)?"
    r"|에서 보[냄낸]|에서 전송|에서 보냈습니다|(?:从|從|用|由|自).{0,30}(?:傳送|传送|发送|發送|寄出))"
    r"[.\u3002!]?$",
    re.IGNORECASE,
)
_FROM_MOBILE = re.compile(
    r"(?:from|via) (?:my |a |an |the )?(?:mobile|phone|cell|cellphone|smartphone|handy)$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?<![a-z0-9])(?:i-?(?:phon|pad|pod|mac|os|cloud)\w*|imachine|blackberry|android\w*|samsung|galaxy"
    r"|huawei|xiaomi|nokia|pixel|oneplus|oppo|vivo|motorola|sony|xperia|htc|lg|alcatel|zte"
    r"|honor|windows|outlook|hotmail|yahoo|gmail|inbox|mailbox|airmail|spark|proton(?:mail)?"
    r"|thunderbird|k-9|bluemail|mail|e-?mail|email|app|aol|gmx|web\.de|orange|mail\.ru|yandex"
    r"|superhuman|front|fastmail|tutanota|tuta|zoho|hey|polymail|newton|edison|acompli|boxer"
    r"|nine|vodafone|verizon|at&t|t-mobile|sprint|mobile?|mobilgerät|mobiltelefon|telefon"
    r"|handy|smartphone|tablet|phone|cell|device|wireless|mobil\w*|móvil|celular|portable"
    r"|téléphone|telefono|cellulare|teléfono|telefoon|mobiel\w*|матфон|телефон\w*|смартфон\w*"
    r"|планшет\w*|почт\w*|пошт\w*|приложени\w*|pc|mac|macbook|laptop|ti-\d+|watch|surface"
    r"|cep telefonu\w*|telefonum\w*)\b"
    r"|手机|手機|邮箱|郵箱|邮件|電話|电话|휴대|메일|携帯|スマ|هاتف|جوال|موبایل|گوشی|آيفون|آیفون"
    r"|הטלפון|הנייד|האייפון",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(
    r"\b(?:my|mein\w*|mon|ma|mi|il mio|meu|minha|mijn|min|mitt|mit|moj\w*|mého|môjho|moje"
    r"|моего|моей|мого|moim|telefonumdan|le|a)\b",
    re.IGNORECASE,
)
_NOT_A_DEVICE = re.compile(
    r"\b(?:desk|office|home|bed|heart|holiday|vacation|warehouse|bank|account|address|büro"
    r"|bureau|oficina|ufficio|kantoor)\b",
    re.IGNORECASE,
)
_EXCUSE = re.compile(
    r"please|pardon|excuse|sorry|forgive|apolog|typo|brevity|brief|short|mistake|spelling"
    r"|autocorrect|bitte|entschuldig|fehler|désolé|excusez|perdón|disculp|scusa|http",
    re.IGNORECASE,
)
_GET_APP = re.compile(
    r"(?:get|download|try|holen|hole|laden sie|obt[eé]n\w*|obter|obtenir|obtenez"
    r"|télécharge[rz]?|scarica|ottieni|download|hämta|hent|skaff|pobierz|stáhnout|stáhněte"
    r"|descarga\w*|baixe|lataa|hanki|загрузи\w*|скача\w*|завантаж\w*|получи\w*|取得|获取|下载)\b"
    r".{0,40}\b(?:outlook|yahoo mail|bluemail|spark|hotmail|gmx|web\.de|mail app|aol)\b"
    r"(?:\s(?:app|mobile))?(?:\s(?:for|für|pour|para|per|voor|för|til|do|na|pro|для)\s.+)?$",
    re.IGNORECASE,
)
_OUTLOOK_APP = re.compile(
    r"outlook.{0,12} (?:ios|android)\b.{0,40}$|\byahoo mail: search, organi[sz]e, conquer",
    re.IGNORECASE,
)
_FROM_PHONE = re.compile(
    r"from (?:my|the) (?:\w+ )?(?:i?phone|ipad|android|blackberry|mobile|cell)\b.{0,12}$",
    re.IGNORECASE,
)
# One of these is in all that `is_footer` recognizes, if it is in Western letters.
_FOOTER_WORDS = (
    *("sent", "written", "typed", "composed", "dictated", "posted", "delivered"),
    *("tapped", "thumbed", "phone", "ipad", "android", "blackberry", "mobile", "cell"),
    *("send", "verschickt", "geschrieben"),
    *("envoy", "envia", "inviato", "verzonden", "stuurd", "skicka", "lähetetty"),
    *("odesl", "odoslan", "küld", "trimis", "posla", "dikirim", "saadetud"),
    *("nderildi", "yollandi", "outlook", "yahoo", "bluemail", "spark", "hotmail"),
    *("gmx", "web.de", "mail app", "aol"),
)
_LINK = re.compile(r"\[([^\]]{1,80})\](?:\([^)]{0,300}\))?|<?https?://\S{1,300}")


def is_dashes(line: str) -> bool:
    """Recognize the two dashes that open a signature."""
    return len(line) < 12 and bool(_DASHES.match(line))


def is_name_after_hyphen(line: str) -> bool:
    """Recognize a sign-off such as "-Maya Lindqvist"."""
    return len(line) <= 40 and bool(_NAME_AFTER_HYPHEN.match(line.strip()))


def may_hold_footer(text: str) -> bool:
    """Tell cheaply whether `is_footer` may recognize a line of this text."""
    # Without its brackets, a link may join the words around it.
    return "[" in text or not surely_lacks(text, _FOOTER_WORDS)


def is_footer(line: str, *, stands_alone: bool) -> bool:
    """Recognize "Sent from my iPhone" and its like in many languages.

    :param stands_alone: nothing but a blank line is next to it, so that a name of a
        device is not asked for
    """
    if not line or len(line) > LONGEST + 300:
        return False
    bare = _LINK.sub(r" \1 ", line).strip(_EDGES)
    if bare == _TRACKING_GLYPH:
        return True
    if not bare or len(bare) > LONGEST or len(bare.split()) > 18:
        return False
    if _GET_APP.match(bare) or _OUTLOOK_APP.search(bare):
        return len(bare.split()) <= 10
    if _SENT_AT_END.search(bare) or _FROM_PHONE.match(bare):
        return len(bare.split()) <= 7 or bool(_DEVICE.search(bare))
    return _is_sent_from(bare, stands_alone=stands_alone)


def _is_sent_from(bare: str, *, stands_alone: bool) -> bool:
    opening = _SENT_AT_START.match(bare)
    if not opening:
        return False
    head, tail = _first_clause(bare[opening.end() :])
    if tail and not _EXCUSE.search(tail) and not _DEVICE.search(head):
        return False
    if tail and len(tail.split()) > 8 and not _EXCUSE.search(tail):
        return False
    if _NOT_A_DEVICE.search(head) or len(head.split()) > 10:
        return False
    if _DEVICE.search(head):
        return True
    return stands_alone and bool(_POSSESSIVE.match(head.strip()))


def _first_clause(text: str) -> tuple[str, str]:
    match = re.search(r"[,;!?](?:\s|$)|\.(?:\s|$)|\s[-\u2013\u2014]\s", text)
    if not match:
        return text, ""
    return text[: match.start()], text[match.end() :].strip()


def is_faint_footer(line: str) -> bool:
    """Recognize "Maya from mobile", which says little unless a footer is near."""
    words = line.strip(_EDGES).split()
    return len(words) <= 4 and bool(_FROM_MOBILE.search(line.strip(_EDGES)))
