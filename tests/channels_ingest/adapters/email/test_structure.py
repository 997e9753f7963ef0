from channels_ingest.adapters.email.defects import Defects
from channels_ingest.adapters.email.limits import MAX_DEPTH, MAX_PARTS
from channels_ingest.adapters.email.structure import PartBudget, split_parts


def split(source):
    defects = Defects()
    return split_parts(source, PartBudget(), defects), defects.as_tuple()


def shape(part):
    if part.children:
        return part.kind.subtype, [shape(child) for child in part.children]
    return part.body.decode()


def multipart(boundary, *parts, subtype="mixed", declared=None):
    """Build a multipart of bodies, or of parts that have headers already."""
    declared = boundary if declared is None else declared
    lines = [f"Content-Type: multipart/{subtype}; boundary={declared}", ""]
    for part in parts:
        lines += [f"--{boundary}", part if "Content-Type" in part else f"\n{part}"]
    return "\n".join([*lines, f"--{boundary}--", ""])


class TestSplitParts:
    def test_splits_nested_parts(self):
        inner = multipart("b", "text", "html", subtype="alternative")
        root, defects = split(multipart("a", inner, "file").encode())

        assert shape(root) == ("mixed", [("alternative", ["text", "html"]), "file"])
        assert defects == ()

    def test_leaves_the_line_end_before_a_delimiter_out(self):
        source = multipart("a", "x\n").replace("\n", "\r\n").encode()

        assert split(source)[0].children[0].body == b"x\r\n"

    def test_ends_an_inner_multipart_at_the_outer_delimiter(self):
        inner = multipart("b", "text", "html").replace("\n--b--\n", "")
        root, _ = split(multipart("a", inner, "file").encode())

        assert shape(root) == ("mixed", [("mixed", ["text", "html"]), "file"])

    def test_reads_what_has_no_end(self):
        root, defects = split(multipart("a", "one", "two").encode()[:-7])

        assert shape(root) == ("mixed", ["one", "two"])
        assert defects == ("The end of the mail was missing.",)

    def test_tells_boundaries_apart_that_begin_alike(self):
        inner = multipart("a-1", "text")
        root, _ = split(multipart("a", inner, "file").encode())

        assert shape(root) == ("mixed", [("mixed", ["text"]), "file"])

    def test_splits_by_the_same_boundary_twice(self):
        inner = multipart("a", "text", "html")
        root, _ = split(multipart("a", inner, "file").encode())

        assert shape(root) == ("mixed", [("mixed", ["text", "html"]), "file"])

    def test_finds_a_boundary_that_is_not_the_declared_one(self):
        part = "Content-Type: text/plain\n\nhello"
        root, defects = split(multipart("real", part, declared="other").encode())

        assert shape(root) == ("mixed", ["hello"])
        assert defects == ("A boundary was missing or wrong.",)

    def test_reads_mail_whose_lines_end_in_carriage_returns(self):
        source = multipart("a", "one", "two").replace("\n", "\r").encode()

        assert shape(split(source)[0]) == ("mixed", ["one", "two"])

    def test_takes_a_digest_for_messages(self):
        root, _ = split(multipart("a", "Subject: s\n\nx", subtype="digest").encode())

        assert root.children[0].kind.full == "message/rfc822"

    def test_starts_a_part_that_has_no_blank_line(self):
        source = (
            b"Content-Type: multipart/mixed; boundary=a\n\n"
            b"--a\nContent-Type: image/png\n--a\n\nx\n--a--\n"
        )

        assert shape(split(source)[0]) == ("mixed", ["", "x"])

    def test_bounds_the_number_of_parts(self):
        root, defects = split(multipart("a", *["x"] * 10_000).encode())

        assert len(root.children) == MAX_PARTS - 1
        assert f"Only its first {MAX_PARTS} parts were read." in defects

    def test_bounds_the_depth(self):
        heads = (
            f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
            for i in range(5000)
        )
        part, defects = split(("".join(heads) + "\nhello").encode())

        depth = 0
        while part.children:
            part, depth = part.children[0], depth + 1
        assert depth <= MAX_DEPTH
        assert f"Parts nested deeper than {MAX_DEPTH} were not read." in defects
