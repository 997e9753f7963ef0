import pytest

from channels_ingest.adapters.email.parameters import parameter_text, split_parameters


def filename(header):
    return parameter_text(split_parameters(header.encode())[1], "filename")


class TestSplitParameters:
    def test_separates_the_value(self):
        value, parameters = split_parameters(b'Text/HTML; charset="utf-8"; x=y')

        assert value == "text/html"
        assert parameters == {"charset": b"utf-8", "x": b"y"}

    def test_survives_a_missing_first_semicolon(self):
        value, parameters = split_parameters(b"application/pdf name=a.pdf")

        assert value == "application/pdf"
        assert parameters == {"name": b"a.pdf"}

    def test_reads_on_after_an_open_quote(self):
        assert split_parameters(b'text/plain; charset="utf-8; x=y')[1] == {
            "charset": b"utf-8",
            "x": b"y",
        }

    @pytest.mark.parametrize(
        "hostile",
        [
            b"; " * 500_000,
            b'a="' + b'\\"' * 500_000,
            b"a" * 1_000_000,
            b"a =" * 300_000,
        ],
    )
    def test_takes_linear_time(self, hostile):
        split_parameters(b"attachment; " + hostile)


class TestParameterText:
    @pytest.mark.parametrize(
        ("header", "name"),
        [
            ('attachment; filename="report.pdf"', "report.pdf"),
            ("attachment; filename=my report;final.pdf", "my report;final.pdf"),
            ('attachment; filename="a;b, c.pdf"; size=3', "a;b, c.pdf"),
            (r'attachment; filename="a \"b\".pdf"', 'a "b".pdf'),
            (r'attachment; filename="C:\tmp\a.pdf"', r"C:\tmp\a.pdf"),
            ("attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
            ("attachment; filename*=utf-8'de'%C3%A4.txt", "ä.txt"),
            ("attachment; filename*=\"UTF-8''%C3%A4.txt\"", "ä.txt"),
            ("attachment; filename=iso-8859-1''%E4.txt", "ä.txt"),
            ("attachment; filename*0=long; filename*1=er.txt", "longer.txt"),
            ("attachment; filename*1=er.txt; filename*0=long", "longer.txt"),
            (
                "attachment; filename*0*=UTF-8''%C3; filename*1*=%A4; filename*2=.txt",
                "ä.txt",
            ),
            ('attachment; filename="=?utf-8?Q?=C3=A4=2Etxt?="', "ä.txt"),
            ('attachment; filename*0="=?utf-8?Q?=C3="; filename*1="A4?="', "ä"),
            ('attachment; filename="ä.txt"', "ä.txt"),
            ("attachment; filename*=UTF-8''%C3%A4.txt; filename=a.txt", "ä.txt"),
            ("attachment; filename*=x-unknown''%C3%A4.txt", "ä.txt"),
            ('inline; filename=""', ""),
            ("inline", ""),
        ],
    )
    def test_reads_names_in_every_shape(self, header, name):
        assert filename(header) == name
