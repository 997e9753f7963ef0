import base64
import binascii

from channels_ingest.adapters.email.embedded import take_data_urls, take_uuencoded
from channels_ingest.adapters.email.limits import MAX_EMBEDDED_FILES

PIXEL = b"\x89PNG one small picture"


class TestTakeUuencoded:
    def test_takes_the_file_out_of_the_text(self):
        lines = binascii.b2a_uu(b"hello file").decode()
        text = f"See below.\nbegin 644 notes for you.txt\n{lines}`\nend\nBye"

        rest, files = take_uuencoded(text)

        assert rest == "See below.\nBye"
        assert [(file.name, file.data) for file in files] == [
            ("notes for you.txt", b"hello file")
        ]

    def test_leaves_sentences_that_begin_so(self):
        text = "begin 644 steps\nthen go on with this\nend"

        assert take_uuencoded(text) == (text, [])

    def test_leaves_what_never_ends(self):
        text = "x\nend\nbegin 644 a.txt\n`"

        assert take_uuencoded(text) == (text, [])


class TestTakeDataUrls:
    def test_turns_pictures_into_files_that_the_html_names(self):
        encoded = base64.b64encode(PIXEL).decode()

        markup, files = take_data_urls(f'<img src="data:image/png;base64,{encoded}">')

        assert markup == f'<img src="cid:{files[0].content_id}">'
        assert files[0].data == PIXEL
        assert files[0].content_type == "image/png"

    def test_leaves_other_data(self):
        markup = '<a href="data:text/html;base64,PHA+aGVsbG88L3A+PHA+">x</a>'

        assert take_data_urls(markup) == (markup, [])

    def test_bounds_their_number(self):
        encoded = base64.b64encode(PIXEL).decode()

        _, files = take_data_urls(f"'data:image/gif;base64,{encoded}'" * 1000)

        assert len(files) == MAX_EMBEDDED_FILES
