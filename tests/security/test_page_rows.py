"""Pages show words as words and run nothing; rows of SECURITY.md by number."""

import re

import pytest
from django.urls import get_resolver, reverse

from helpdesk.accounts.models import User
from inbox.actions.indexing import index_pending
from inbox.models import Attachment, SavedView, SearchPending, Tag, Upload
from tests.factories import (
    CustomerFactory,
    TeamFactory,
    TimelineItemFactory,
    UserFactory,
)
from tests.security.desk import FRAGMENT, MARKUP, is_dead, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


class TestRow28OpenTracking:
    def test_has_no_address(self):
        names = " ".join(str(name) for name in get_resolver().reverse_dict)

        assert not re.search("track|pixel|open-mark", names)


class TestRow36MarkupInLists:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_in_subject_and_name_stays_words(self, desk, markup):
        item = TimelineItemFactory(
            subject=markup,
            text=markup,
            conversation__subject=markup,
            conversation__preview=markup[:200],
            conversation__customer__name=markup,
            conversation__identity__display_name=markup,
        )
        SearchPending.objects.create(item=item)
        index_pending()
        pk = item.conversation.pk
        for url in (
            reverse("inbox:queue", args=["all"]),
            opened(item.conversation),
            reverse("customers:list"),
            reverse("customers:detail", args=[item.customer_id]),
            reverse("inbox:timeline", args=[pk]),
            reverse("inbox:search") + "?q=alert",
            reverse("inbox:search") + "?palette=1&q=alert",
        ):
            assert is_dead(desk.get(url).content.decode()), url


class TestRow47MarkupInSubject:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stays_words_in_the_title_and_the_guard(self, desk, markup):
        topic = TimelineItemFactory(conversation__subject=markup).conversation
        TimelineItemFactory(conversation=topic, text=markup)

        whole = desk.get(opened(topic)).content.decode()
        part = desk.get(opened(topic), headers=FRAGMENT).content.decode()
        guard = desk.post(
            reverse("inbox:reply", args=[topic.pk]),
            {"to": "a@people.example", "text": "x", "seen_seq": 1},
            headers=FRAGMENT,
        )

        assert guard.status_code == 409
        assert is_dead(whole)
        assert is_dead(part)
        assert is_dead(guard.content.decode())


class TestRow55MarkupInFileNames:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stays_words_on_the_page(self, desk, agent, markup):
        item = TimelineItemFactory()
        Attachment.objects.create(item=item, name=markup, stored_name="x")
        Upload.objects.create(
            conversation=item.conversation, agent=agent, name=markup, stored_name="x"
        )

        assert is_dead(desk.get(opened(item.conversation)).content.decode())


class TestRow56ReflectedParameters:
    @pytest.mark.parametrize("markup", MARKUP)
    @pytest.mark.parametrize("name", ["sort", "order", "message", "q", "next", "queue"])
    def test_come_back_as_words_or_not_at_all(self, client, agent, name, markup):
        sign_in = client.get(reverse("accounts:sign-in"), {name: markup})
        client.force_login(agent)
        pages = [
            sign_in,
            client.get(reverse("inbox:queue", args=["all"]), {name: markup}),
            client.get(reverse("inbox:search"), {name: markup}),
            client.get(reverse("customers:list"), {name: markup}),
            client.get("/nowhere/", {name: markup}),
        ]

        for page in pages:
            assert is_dead(page.content.decode())


class TestRow57StaffParameters:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_in_forms_come_back_as_words(self, client, markup):
        client.force_login(UserFactory(admin=True))

        page = client.post(
            reverse("accounts:invite"), {"email": markup, "name": markup}
        )

        assert page.status_code == 422
        assert is_dead(page.content.decode())


class TestRow58SetUp:
    def test_escapes_names_and_is_gone_afterwards(self, client):
        facts = {
            "brand_name": MARKUP[0],
            "address": "support@fjord.example",
            "admin_name": MARKUP[2],
            "email": "noor@fjord.example",
            "password": "correct-horse-battery",
        }

        client.post(reverse("inbox:first-run"), facts)

        assert is_dead(client.get("/queues/all/").content.decode())
        assert client.post(reverse("inbox:first-run"), facts).status_code == 404


class TestRow68NamesThatAgentsGive:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_stay_words_for_colleagues(self, desk, agent, markup):
        tag = Tag.objects.create(name=markup[:60])
        team = TeamFactory(name=markup, members=[agent])
        SavedView.objects.create(name=markup, owner=agent)
        UserFactory(name=markup)
        topic = TimelineItemFactory(
            conversation__team=team, conversation__tag_ids=[tag.pk]
        ).conversation

        assert is_dead(desk.get(opened(topic)).content.decode())
        assert is_dead(desk.get(reverse("inbox:queue", args=["all"])).content.decode())


class TestRow78StaffStrings:
    @pytest.mark.parametrize("markup", MARKUP)
    def test_of_notes_and_signatures_stay_words(self, desk, agent, markup):
        customer = CustomerFactory(name="Maya", notes=markup, company=markup)
        note = TimelineItemFactory(note=True, text=markup, html="")
        User.objects.filter(pk=agent.pk).update(signature=markup)

        for url in (
            reverse("customers:detail", args=[customer.pk]),
            opened(note.conversation),
            reverse("accounts:profile"),
        ):
            assert is_dead(desk.get(url).content.decode()), url


class TestRow84PolicyOnEveryAnswer:
    def test_pages_parts_errors_and_downloads_have_one(self, desk):
        item = TimelineItemFactory(html="<p>x</p>")
        topic = item.conversation
        urls = [
            reverse("inbox:queue", args=["all"]),
            reverse("inbox:conversation-list", args=["all"]),
            reverse("inbox:queues"),
            reverse("inbox:search"),
            opened(topic),
            reverse("inbox:timeline", args=[topic.pk]),
            reverse("inbox:item-html", args=[item.pk]),
            reverse("inbox:item-quoted", args=[item.pk]),
            reverse("customers:panel", args=[topic.customer_id]),
            reverse("accounts:profile"),
            "/nowhere/",
            reverse("inbox:queue", args=["all"]) + "?nonsense=1",
        ]

        for url in urls:
            response = desk.get(url, headers=FRAGMENT)
            policy = response.get("Content-Security-Policy", "")
            assert "default-src 'none'" in policy, url
            assert "script-src 'unsafe" not in policy, url
            assert response["X-Content-Type-Options"] == "nosniff", url

    def test_a_mail_can_only_be_shown_inside_our_own_page(self, desk):
        item = TimelineItemFactory(html="<p>x</p>")

        response = desk.get(reverse("inbox:item-html", args=[item.pk]))

        policy = response["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN"
