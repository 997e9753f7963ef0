import time

import pytest

from channels_ingest.adapters.email.authentication_results import read_results


class TestReadResults:
    def test_reads_who_says_what_about_which_domain(self):
        results = read_results(
            "mx.desk.example 1; dkim=pass (2048 bit; secure) header.d=shop.example"
            ' header.s=key; spf=softfail smtp.mailfrom="ann@Shop.example";\r\n'
            "\tdmarc=pass (p=none) header.from=shop.example"
        )

        assert results.authserv_id == "mx.desk.example"
        assert [(each.method, each.verdict) for each in results.results] == [
            ("dkim", "pass"),
            ("spf", "softfail"),
            ("dmarc", "pass"),
        ]
        assert results.of("spf")[0].domain("smtp.mailfrom") == "shop.example"
        assert results.of("dkim")[0].domain("header.i", "header.d") == "shop.example"

    def test_does_not_read_a_result_out_of_a_comment_or_a_quotation(self):
        results = read_results(
            "mx.desk.example; spf=fail (a; dmarc=pass (b; dkim=pass)) "
            'reason="c; dmarc=pass"; dkim=none'
        )

        assert [(each.method, each.verdict) for each in results.results] == [
            ("spf", "fail"),
            ("dkim", "none"),
        ]

    def test_passes_over_verdicts_it_does_not_know(self):
        assert read_results("mx.desk.example; dmarc=bestguesspass").results == ()

    def test_reads_a_sealed_header_with_its_number(self):
        assert read_results("i=1; mx.desk.example; dkim=pass").of("dkim")

    @pytest.mark.parametrize("value", ["", ";", "dkim=pass; spf=pass", "a" * 30_000])
    def test_takes_nothing_from_what_names_nobody(self, value):
        assert read_results(value) is None

    @pytest.mark.parametrize(
        "piece", ["(", ")", '"', ";", "\\", "=", "a=b ", "; a=pass"]
    )
    def test_takes_bounded_time(self, piece):
        started = time.process_time()

        read_results("mx.example; " + piece * (19_000 // len(piece)))

        assert time.process_time() - started < 0.5
