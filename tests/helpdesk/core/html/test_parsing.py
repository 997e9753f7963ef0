import time

import pytest

from helpdesk.core.html import sanitize_mail
from helpdesk.core.html.parsing import without_endless_nesting


class TestWithoutEndlessNesting:
    @pytest.mark.parametrize(
        "unit", ["y</a> <i>", "<b>x", "<p>x", "<div>", "<b><p>x", "</i><u>"]
    )
    def test_keeps_the_time_linear_however_deep_it_goes(self, unit):
        started = time.process_time()

        rewritten = sanitize_mail("<a href=http://x/>" + unit * 40_000)

        assert rewritten.html
        assert time.process_time() - started < 1.5

    def test_leaves_an_ordinary_mail_alone(self):
        html = "<table>" + "<tr><td><p>x</p></td></tr>" * 3000 + "</table>"

        assert without_endless_nesting(html) == html
