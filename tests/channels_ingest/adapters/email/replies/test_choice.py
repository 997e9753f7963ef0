from channels_ingest.adapters.email.replies import reply_of

TEXT = "From the text.\n\n-- \nMaya"
HTML = "<p>From the <b>markup</b>.</p><p>Sent from my iPhone</p>"


class TestReplyOf:
    def test_starts_from_the_preferred_body(self):
        assert reply_of(text=TEXT, html=HTML, prefer="text") == "From the text."
        assert reply_of(text=TEXT, html=HTML, prefer="html") == "From the markup."

    def test_takes_the_other_body_if_that_one_is_missing(self):
        assert reply_of(text=None, html=HTML, prefer="text") == "From the markup."
        assert reply_of(text=TEXT, html=None, prefer="html") == "From the text."

    def test_takes_the_other_body_if_that_one_says_nothing(self):
        assert reply_of(text=" \n", html=HTML, prefer="text") == "From the markup."
        assert reply_of(text=TEXT, html="<p> </p>", prefer="html") == "From the text."

    def test_is_empty_if_neither_says_anything(self):
        assert reply_of(text=None, html=None, prefer="text") == ""
