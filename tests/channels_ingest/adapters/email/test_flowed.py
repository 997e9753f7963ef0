import pytest

from channels_ingest.adapters.email.flowed import unflow


class TestUnflow:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("one \ntwo", "one two"),
            ("one\ntwo", "one\ntwo"),
            ("> a \n> b\nc", "> a b\nc"),
            ("> a \nb", "> a\nb"),
            (">> a \n>> b", ">> a b"),
            ("text \n-- \nAnn", "text \n-- \nAnn"),
            (" >stuffed", ">stuffed"),
            ("last \n", "last "),
        ],
    )
    def test_joins_soft_lines_only(self, written, read):
        assert unflow(written, deletes_space=False) == read

    def test_deletes_the_space_if_told(self):
        assert unflow("日本 \n語", deletes_space=True) == "日本語"
