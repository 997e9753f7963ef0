from helpdesk.core.html import plain_text_of


class TestPlainTextOf:
    def test_keeps_paragraphs_apart(self):
        assert plain_text_of("<p>a\n b</p><p>c<br>d</p>") == "a b\n\nc\nd"

    def test_marks_lists_and_quotes(self):
        html = "<ul><li>a</li><li>b</li></ul><blockquote>c<br>d</blockquote>"

        assert plain_text_of(html) == "- a\n- b\n\n> c\n> d"

    def test_names_where_a_link_goes(self):
        mail = '<a href="mailto:b@c.example">b@c.example</a>'
        html = f'<a href="https://a.example/">here</a> {mail}'

        assert plain_text_of(html) == "here (https://a.example/) b@c.example"

    def test_leaves_out_what_nobody_reads(self):
        assert plain_text_of("<style>a</style>b<script>c</script><!--d-->") == "b"

    def test_keeps_preformatted_lines(self):
        assert plain_text_of("<pre>a  b\n  c</pre>") == "a  b\n  c"

    def test_separates_cells(self):
        html = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"

        assert plain_text_of(html) == "a b\nc"

    def test_of_nothing_is_nothing(self):
        assert plain_text_of("") == ""
