from helpdesk.core.compact import compacted


class TestCompacted:
    def test_leaves_out_comments_and_indentation(self):
        source = """/**
 * What this is about.
 */
const a = 1; // stays: it may stand in a text

/* on one line */
function b() {
  // why
  return /** @type {any} */ (a) + "/* no comment */";
}
/* over
   two lines */
b();
"""

        assert compacted(source) == (
            "const a = 1; // stays: it may stand in a text\n"
            "function b() {\n"
            'return (a) + "/* no comment */";\n'
            "}\n"
            "b();\n"
        )

    def test_takes_nothing_from_what_is_compact(self):
        assert compacted(compacted("  a();\n\n  b();\n")) == "a();\nb();\n"
