from helpdesk.core.html import sanitize_compose


class TestSanitizeCompose:
    def test_keeps_what_the_editor_makes(self):
        html = "<p>Hi <b>you</b></p><ul><li>a</li></ul><blockquote>b</blockquote>"

        assert sanitize_compose(html) == html

    def test_drops_looks_and_remote_pictures(self):
        html = '<p style="color:red" class="a">b<img src="https://a.example/c"></p>'

        assert sanitize_compose(html) == "<p>b</p>"

    def test_drops_a_table_and_keeps_its_words(self):
        assert sanitize_compose("<table><tr><td>a</td></tr></table>") == "a"

    def test_keeps_a_picture_attached_to_the_message(self):
        assert sanitize_compose('<img src="cid:a" alt="b">') == (
            '<img data-cid="a" alt="b">'
        )

    def test_keeps_a_picture_below_the_paths_given(self):
        html = '<img src="/uploads/1/"><img src="/uploads/../admin/"><img src="/a/">'

        assert sanitize_compose(html, image_paths=["/uploads/"]) == (
            '<img src="/uploads/1/">'
        )

    def test_has_no_picture_paths_unless_told(self):
        assert sanitize_compose('<img src="/uploads/1/">') == ""
