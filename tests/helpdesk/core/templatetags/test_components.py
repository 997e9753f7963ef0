import pytest
from django.template import engines


def drawn(source, **context):
    return engines["django"].from_string(source).render(context)


class TestIcon:
    def test_without_a_label_is_decoration(self):
        page = drawn('{% icon "x" %}')

        assert page.startswith(
            '<svg class="icon" aria-hidden="true"><use href="/static'
        )
        assert page.endswith('#x"/></svg>')

    def test_with_a_label_speaks_for_itself(self):
        page = drawn('{% icon "x" label=words class="mirrors" %}', words='"><b>')

        assert 'class="icon mirrors" role="img"' in page
        assert 'aria-label="&quot;&gt;&lt;b&gt;"' in page


class TestAvatar:
    def test_shows_initials_and_the_channel(self):
        page = drawn('{% avatar who 3 class="x" channel_kind="email" %}', who="<b")

        assert page.startswith('<span class="avatar c3 x" aria-hidden="true">&lt;b')
        assert '<span class="avatar-channel k-email">' in page

    @pytest.mark.parametrize("kind", ["", None])
    def test_has_no_sign_without_a_channel(self, kind):
        page = drawn('{% avatar "MR" missing channel_kind=kind %}', kind=kind)

        assert page == '<span class="avatar c0" aria-hidden="true">MR</span>'
