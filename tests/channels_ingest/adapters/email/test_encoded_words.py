import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_ingest.adapters.email.encoded_words import decode_words


class TestDecodeWords:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            ("=?UTF-8?b?R3LDvMOfZQ==?= and more", "Grüße and more"),
            ("=?iso-8859-1*de?Q?Gr=FC=DFe?=", "Grüße"),
            ("=?utf-8?Q?a_b?= =?utf-8?Q?_c?=", "a b c"),
            ("=?utf-8?Q?a?= =?koi8-r?Q?=D0?=", "aп"),
            ("Re:=?utf-8?Q?_=C3=BC?=x", "Re: üx"),
            ('"=?utf-8?Q?=C3=BC?="', '"ü"'),
            ("=?utf-8?Q?with space=C3=BC?=", "with spaceü"),
            ("=?utf-8?Q?what?is=3F?=", "what?is?"),
            ("=?x-unknown?Q?plain?=", "plain"),
            ("=?utf-8?Q?no end =C3=BC", "no end =C3=BC"),
            ("=?utf-8?Q?cut=C3=BC", "cutü"),
            ("=?utf-8?Q??=", ""),
            ("no =? words ?= here", "no =? words ?= here"),
        ],
    )
    def test_reads_words_as_they_are_really_written(self, written, read):
        assert decode_words(written) == read

    def test_joins_words_cut_inside_a_character(self):
        written = "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?="

        assert decode_words(written) == "Grüße"

    def test_joins_base64_cut_inside_a_group_of_four(self):
        assert decode_words("=?utf-8?B?R3LDvM?= =?utf-8?B?OfZQ==?=") == "Grüße"

    def test_joins_japanese_with_an_escape_in_every_word(self):
        written = "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= =?ISO-2022-JP?B?GyRCOGwbKEI=?="

        assert decode_words(written) == "日本語"

    def test_decodes_what_a_gateway_encoded_twice(self):
        written = "=?utf-8?Q?=3D=3Futf-8=3FQ=3F=3DC3=3DBC=3F=3D?="

        assert decode_words(written) == "ü"

    @given(st.text(alphabet="=?utfbqQB-8_ 4C3\u00fc\ud800", max_size=200))
    def test_never_fails(self, text):
        decode_words(text).encode("utf-8", "surrogatepass")
