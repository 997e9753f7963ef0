import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.charsets import clean, codec_named, decode


class TestCodecNamed:
    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            ("UTF-8", "utf_8"),
            ("utf8mb4", "utf_8"),
            ("utf-8http-equivContent-Type", "utf_8"),
            ("ISO 8859-1", "cp1252"),
            ("8859_15", "iso8859_15"),
            ("windows-1252", "cp1252"),
            ("Win1251", "cp1251"),
            ("cp-850", "cp850"),
            ("x-mac-roman", "mac_roman"),
            ("macintosh", "mac_roman"),
            ("gb2312", "gb18030"),
            ("ks_c_5601-1987", "cp949"),
            ("Shift_JIS", "cp932"),
            ("iso-8859-8-i", "iso8859_8"),
            ("unicode-1-1-utf-7", "utf_7"),
            ("koi8-ru", "koi8_u"),
        ],
    )
    def test_knows_what_mail_programs_mean(self, declared, codec):
        assert codec_named(declared) == codec

    @pytest.mark.parametrize(
        "declared",
        ["", "x-unknown", "zlib", "idna", "punycode", "unicode_escape", "../os", "hex"],
    )
    def test_refuses_what_is_no_charset_of_mail(self, declared):
        assert codec_named(declared) == ""


class TestDecode:
    @pytest.mark.parametrize(
        ("text", "charset"),
        [
            ("Grüße aus Köln • 5 €", "windows-1252"),
            ("Привет", "koi8-r"),
            ("żółć", "iso-8859-2"),
            ("你好、世界", "gb18030"),
            ("こんにちは", "euc-jp"),
            ("안녕하세요", "euc-kr"),
            ("Grüße", "utf-7"),
            ("Ελληνικά", "iso-8859-7"),
            ("Größe", "mac-roman"),
            ("Grüße", "utf-16"),
        ],
    )
    def test_believes_the_declared_charset(self, text, charset):
        decoded = decode(text.encode(charset), charset)

        assert decoded.text == text
        assert decoded.defect == ""

    def test_reads_what_latin_1_cannot_mean_as_windows_1252(self):
        assert decode(b"\x93quoted\x94 \x80 5", "iso-8859-1").text == "“quoted” € 5"

    def test_keeps_bytes_that_windows_1252_leaves_out(self):
        assert decode(b"a\x81\xe4", "windows-1252").text == "a\x81ä"

    @pytest.mark.parametrize("declared", ["", "us-ascii", "iso-8859-1", "koi8-r"])
    def test_notices_utf_8_under_another_name(self, declared):
        assert decode("Übergröße für Ärzte".encode(), declared).text == (
            "Übergröße für Ärzte"
        )

    def test_replaces_a_few_damaged_characters(self):
        decoded = decode("Grüße, größer, Übermut".encode() + b"\xff", "utf-8")

        assert decoded.text == "Grüße, größer, Übermut\ufffd"
        assert decoded.defect

    def test_reads_text_wrongly_said_to_be_utf_8(self):
        decoded = decode("Grüße, größer, Übermut".encode("cp1252"), "utf-8")

        assert decoded.text == "Grüße, größer, Übermut"
        assert "utf_8" in decoded.defect

    def test_takes_the_charset_used_elsewhere_in_the_mail(self):
        data = "Счет".encode("cp1251")

        assert decode(data, "", hint="windows-1251").text == "Счет"

    def test_forgives_a_character_cut_at_the_end(self):
        text = decode("Größe über alles ü".encode()[:-1], "").text

        assert text.startswith("Größe über alles ")

    def test_reads_circled_digits_and_company_signs_of_japanese_mail(self):
        kanji = "①日本㈱髙".encode("cp932")
        pairs = zip(kanji[::2], kanji[1::2], strict=True)
        jis = b"".join(bytes(_sjis_to_jis(*pair)) for pair in pairs)

        decoded = decode(b"\x1b$B" + jis + b"\x1b(B ok", "iso-2022-jp")

        assert decoded.text == "①日本㈱髙 ok"

    def test_reads_half_width_katakana(self):
        assert decode(b"\x1b(I" + b"1223\x1b(B", "iso-2022-jp").text == "ｱｲｲｳ"

    def test_reads_japanese_that_declares_nothing(self):
        raw = "日本語です".encode("iso-2022-jp")

        assert decode(raw, "").text == "日本語です"

    def test_reads_korean_between_shift_codes(self):
        raw = "안녕 ok".encode("iso2022_kr")

        assert decode(raw, "iso-2022-kr").text == "안녕 ok"

    def test_drops_byte_order_marks(self):
        assert decode(b"\xef\xbb\xbfhello", "utf-8").text == "hello"

    def test_names_a_charset_it_does_not_know(self):
        decoded = decode("Grüße und Küsse".encode("cp1252"), "x-klingon")

        assert decoded.text == "Grüße und Küsse"
        assert decoded.defect

    @given(
        data=st.binary(max_size=300),
        declared=st.one_of(
            st.text(max_size=20),
            st.sampled_from(
                [
                    "utf-8",
                    "utf-7",
                    "utf-16",
                    "hz",
                    "iso-2022-jp",
                    "iso-2022-kr",
                    "gb18030",
                    "big5",
                    "cp1252",
                    "ascii",
                    "utf-32",
                    "x-unknown",
                    "",
                ]
            ),
        ),
    )
    def test_never_fails_and_never_yields_what_cannot_be_stored(self, data, declared):
        text = decode(data, declared).text

        assert "\0" not in text
        text.encode()


class TestClean:
    def test_joins_halves_of_a_surrogate_pair(self):
        assert clean("\ud83d\ude00") == "😀"

    def test_replaces_a_lone_half(self):
        assert clean("a\ud83db") == "a\ufffdb"


def _sjis_to_jis(lead, trail):
    """Move a Shift-JIS pair into the rows of JIS X 0208."""
    row = (lead - (0x70 if lead < 0xA0 else 0xB0)) << 1
    if trail < 0x9F:
        return row - 1, trail - (0x1F if trail < 0x7F else 0x20)
    return row, trail - 0x7E
