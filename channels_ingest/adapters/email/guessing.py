"""Guesses the charset of 8-bit text that does not say it.

Subjects and names are short, so statistics over long texts (which general detectors
rely on) do not help. Instead every candidate decodes the text, and the reading that
looks most like something people write wins: frequent letters, accents between
letters, capitals at the start of words, one script at a time.
"""

import re

from channels_ingest.adapters.email.limits import MAX_GUESS_BYTES

_KANA = re.compile("[\u3041-\u30fe]")
_FREQUENT_HANZI = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着"
    "去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主"
    "行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二"
    "理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走"
    "电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市"
    "请产品公司客户邮件联系谢您好服务价格订单通知管理系统测试安全绩效究竟谁错机房环境"
    "這個來說們為時會過還發樣將與從現對學無開當經頭動長問給幾業間點聲話電門東氣關產萬"
    "票优惠折扣付款银行账户退货收快递发送确认问题咨询合同报关税增值培训费用免"
    "請謝您訂單價格郵件聯繫客戶通知測試繁體漏洞內國後裡麼實進種處讓應該體專區"
    "日本語今年月日時分様御株式会社質問回答確認注文番号送信連絡宜願致申上件名返報届"
    "東京都駅施設限定無料者向世界文字化機種依存漢字変換登録解除配信部課長担当様購入商品"
)
_FREQUENT_HANGUL = frozenset(
    "이다는을의에가를은로고하지도사한기나시어라아인자리대해있서정그수보과게만들일전여"
    "부것제상원우오주구스장니면신소거요으안세용문성공경동비모마까조진유국선말무생산연"
    "적방녕습합감관내야와더때없및등계발바위속물실간결미내림드송배주"
)
# Letters by how often they occur: common, less common. All others are rare.
_CYRILLIC = ("оеаинтсрвл", "кмдпуяыьгзбчйіїє")
_GREEK = ("αοιετσνηρπ", "κςυλμάέήίόύώδγ")
_HEBREW = ("יהואלמרתבנש", "דחכעפקםן")
_ARABIC = ("اليمنوترب", "دسعفهكقحجةأإىش")
_WESTERN = frozenset("äöüßéèêëàâáãåæçñíìîïóòôõøúùûÄÖÜÉÈÀÁÅÆÇÑÓØÚœ")
_CENTRAL = frozenset(
    "ąćęłńóśźżĄĆĘŁŃŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰăâîșțşţĂŞŢđĐôáíéúýäöüßÁÍÉÚ"
)
_TURKISH = frozenset("çğıöşüÇĞİÖŞÜâî")
_PUNCTUATION = frozenset(
    "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u00ab\u00bb\u00b0\u00a7"
    "\u20ac\u00a3\u00a9\u00ae\u2122\u00a0\u00b7\u00b4\u00b2\u00b3\u00b5\u00bf\u00a1\u00aa\u00ba\u2116"
)
_MULTI_BYTE = ("gb18030", "cp932", "euc_jp", "big5", "cp949")
_SINGLE_BYTE = (
    *("cp1252", "cp1251", "koi8_r", "cp1250", "iso8859_2", "cp1253", "cp1254"),
    *("cp1255", "cp1256", "cp874", "mac_roman", "cp850", "cp866"),
)
_LETTERS = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1254": _TURKISH,
}
_NEVER_FIRST = frozenset("ąęń")
_GERMAN = frozenset("äöüßÄÖÜ")
_RARER = {"È": 0.9, "Õ": 0.9, "õ": 0.945, "û": 0.85, "Ø": 0.94}
_FLOOR = 0.3
"""A reading below this is no reading at all; then the text is taken as Western."""


def guess_charset(data: bytes) -> str:
    """Return the codec whose reading looks most like human writing."""
    sample = data[:MAX_GUESS_BYTES]
    best, best_score = "cp1252", _FLOOR
    for codec in (*_SINGLE_BYTE, *_MULTI_BYTE):
        score = _score(sample, codec)
        if score > best_score + 0.01:
            best, best_score = codec, score
    return best


def _score(sample: bytes, codec: str) -> float:
    text = _decode_sample(sample, codec)
    if text is None:
        return -1.0
    if codec in _MULTI_BYTE:
        weights = [_weight_of_wide(char) for char in text if char > "\x7f"]
    else:
        letters = _LETTERS.get(codec)
        weights = _weights_of_latin(text, letters) if letters else _weights(text)
    score = sum(weights) / len(weights) if weights else -1.0
    # Japanese is hardly ever written without kana; chance readings often are.
    is_doubtful = codec in ("cp932", "euc_jp") and not _KANA.search(text)
    return score * 0.8 if is_doubtful else score


def _decode_sample(sample: bytes, codec: str) -> str | None:
    """Decode, forgiving a last character that the sample cuts in two."""
    for end in (None, -1, -2, -3):
        try:
            return sample[:end].decode(codec)
        except UnicodeDecodeError as error:
            if codec not in _MULTI_BYTE or error.start < len(sample) - 4:
                return None
    return None


def _weight_of_wide(char: str) -> float:
    if char in _FREQUENT_HANZI or char in _FREQUENT_HANGUL or "ぁ" <= char <= "ヾ":
        return 1.0
    if "一" <= char <= "龥":
        return 0.45 if _is_common(char) else 0.0
    if "가" <= char <= "힣":
        return 0.3
    if "、" <= char <= "】" or "\uff01" <= char <= "\uff5e":
        return 0.7
    return 0.1 if "｡" <= char <= "ﾟ" else -0.3


def _is_common(char: str) -> bool:
    """Tell whether a hanzi is of the first level of some national set."""
    for codec, last in (("gb2312", 0xD7), ("big5", 0xC6), ("euc_jp", 0xCF)):
        try:
            if char.encode(codec)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _weights_of_latin(text: str, letters: frozenset[str]) -> list[float]:
    weights = []
    padded = f" {text} "
    for before, char, after in zip(padded, text, padded[2:], strict=False):
        if char <= "\x7f":
            continue
        in_word = _is_ascii_letter(before) or _is_ascii_letter(after)
        if char in letters:
            weight = _weight_of_accent(before, char, after) if in_word else 0.1
            if char in _GERMAN and (before in _GERMAN or after in _GERMAN):
                weight = max(weight, 0.75)
            weights.append(weight)
        elif char in _PUNCTUATION:
            weights.append(_weight_of_mark(before, char, after))
        else:
            weights.append(-0.5)
    return weights


def _weight_of_accent(before: str, char: str, after: str) -> float:
    if (char.isupper() and before.islower()) or (char.islower() and after.isupper()):
        return -0.3
    if char in _NEVER_FIRST and not before.isalpha():
        return 0.4
    return _RARER.get(char, 0.95)


def _weight_of_mark(before: str, char: str, after: str) -> float:
    return 0.4 if before.isalpha() and after.isalpha() and char != "\u2019" else 0.9


def _is_ascii_letter(char: str) -> bool:
    return char <= "\x7f" and char.isalpha()


def _weights(text: str) -> list[float]:
    """Weigh scripts that do not mix with Latin letters inside a word."""
    weights = []
    padded = f" {text} "
    for before, char, after in zip(padded, text, padded[2:], strict=False):
        if char <= "\x7f":
            continue
        if char in _PUNCTUATION:
            weights.append(0.5)
        elif _is_misplaced(before, char, after):
            weights.append(-0.5)
        else:
            weights.append(_weight_in_script(before, char, after))
    return weights


def _is_misplaced(before: str, char: str, after: str) -> bool:
    is_thai = "\u0e00" < char < "\u0e80"
    next_to_latin = _is_ascii_letter(before) or _is_ascii_letter(after)
    return next_to_latin or not (char.isalpha() or is_thai)


def _weight_in_script(before: str, char: str, after: str) -> float:
    if char < "\u0370" or not (before.isalpha() or after.isalpha()):
        return 0.0
    if char.isupper() and before.islower():
        return -0.5
    for first, last, letters in _SCRIPTS:
        if first <= char < last:
            return _weight_of_letter(char.lower(), letters) - 0.05 * char.isupper()
    return 0.85


_SCRIPTS = (
    ("\u0370", "\u0400", _GREEK),
    ("\u0400", "\u0530", _CYRILLIC),
    ("\u0590", "\u0600", _HEBREW),
    ("\u0600", "\u0700", _ARABIC),
)


def _weight_of_letter(letter: str, letters: tuple[str, str]) -> float:
    common, less_common = letters
    if letter in common:
        return 0.97
    return 0.85 if letter in less_common else 0.45
