"""What holds for the product as a whole."""

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from tests.inbox.views.urls import ADDRESSES

PUBLIC = {
    "healthz",
    "readyz",
    "metrics",
    "inbox:home",
    "inbox:first-run",
    "accounts:sign-in",
    "accounts:sign-out",
    "accounts:accept",
    "accounts:reset",
    "accounts:reset-confirm",
    # Providers call these: each checks their signature.
    "hooks:inbound",
    "hooks:tracking",
    # Visitors of websites and apps: each asks for their token.
    "api:chat-channel",
    "api:chat-me",
    "api:chat-sessions",
    "api:chat-nothing",
    "api:chat-messages",
    "api:chat-conversations",
    "api:chat-conversation",
    "api:chat-conversation-messages",
    "api:chat-conversation-seen",
    "api:chat-conversation-delivered",
    "api:chat-conversation-typing",
    "api:chat-conversation-end",
    "api:chat-conversation-rating",
    "api:chat-conversation-transcript",
    "api:chat-news",
    "api:chat-visit-end",
    "api:chat-visits",
    "api:chat-file",
    "api:schema",
    "admin:login",
    # Visitors of other people's pages load these; they have no account.
    "chat:logo",
    "chat:panel",
    "chat:widget",
    "chat:stage",
    "chat:invitations",
    "chat:words",
}
FOR_EVERY_AGENT = {
    "inbox:queue",
    "inbox:queues",
    "inbox:filter-menu",
    "inbox:save-view",
    "inbox:remove-view",
    "inbox:conversation-list",
    "inbox:search",
    "inbox:bulk",
    "customers:list",
    "accounts:profile",
    "accounts:password",
    "accounts:availability",
    "accounts:invite",
}
OURS = ("inbox:", "customers:", "accounts:")


def every_pattern(resolver=None, namespace=""):
    resolver = resolver or get_resolver()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (
                f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
            yield from every_pattern(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback


class TestEveryUrl:
    def test_is_private_or_on_the_public_list(self):
        public = {
            name
            for name, view in every_pattern()
            if not getattr(view, "login_required", True)
        }

        assert public <= PUBLIC, public - PUBLIC

    def test_of_the_desk_is_walked_by_the_role_tests(self):
        ours = {name for name, _ in every_pattern() if name.startswith(OURS)}
        walked = {address.name for address in ADDRESSES}

        assert ours - walked - FOR_EVERY_AGENT - PUBLIC == set()


@pytest.mark.django_db
class TestMigrations:
    def test_say_all_that_the_models_say(self):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
