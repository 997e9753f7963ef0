import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from helpdesk.chat.languages import WIDGET_LANGUAGES
from helpdesk.core.compact import compacted
from tests.factories.chat import ApiChannelFactory, WebchatChannelFactory

pytestmark = pytest.mark.django_db
HOSTILE = "</script><!--\u2028'\"`${alert(1)}\\ __SETUP__ &amp;"
FILES = ("widget.js", "stage.js", "invitations.js", "words.json")


def channel_with(**chat):
    return WebchatChannelFactory(chat=chat)


def get(client, channel, file="", **headers):
    return client.get(f"/chat/{channel.address}/{file}", headers=headers)


def setup_of(response):
    """Return what is baked into the loader."""
    script = response.content.decode()
    return json.loads(re.search(r"\}\)\((\{.*\}), window, document\);", script)[1])


def directives_of(response):
    policy = response["Content-Security-Policy"].split(";")
    return {name: rest for name, *rest in (each.split() for each in policy)}


def compressed(text):
    return len(gzip.compress(text.encode(), 6))


class TestLoader:
    def test_is_a_script_for_any_site_that_is_kept_for_five_minutes(self, client):
        response = get(client, channel_with(), "widget.js")

        assert response.status_code == 200
        assert response["Content-Type"] == "text/javascript; charset=utf-8"
        assert response["Cache-Control"] == "public, max-age=300"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("language", WIDGET_LANGUAGES)
    def test_weighs_at_most_three_kilobytes(self, client, language):
        channel = channel_with(invitations=[{"key": "a", "text": "Hello" * 500}])

        response = get(client, channel, "widget.js", accept_language=language)

        assert compressed(response.content.decode()) <= 3000

    def test_knows_where_it_comes_from(self, client):
        channel = channel_with()

        setup = setup_of(get(client, channel, "widget.js"))

        assert setup["base"] == "http://testserver"
        assert setup["key"] == channel.address

    def test_is_not_sent_again_while_it_is_the_same(self, client):
        channel = channel_with()
        first = get(client, channel, "widget.js")

        again = get(client, channel, "widget.js", if_none_match=first["ETag"])

        assert again.status_code == 304
        assert again["Access-Control-Allow-Origin"] == "*"
        assert again["Cross-Origin-Resource-Policy"] == "cross-origin"

    def test_changes_its_tag_with_the_settings(self, client):
        channel = channel_with(color="#123456")
        before = get(client, channel, "widget.js")["ETag"]
        channel.config = {"chat": {**channel.config["chat"], "color": "#654321"}}
        channel.save()

        assert get(client, channel, "widget.js")["ETag"] != before

    @pytest.mark.parametrize("field", ["color", "position", "scheme", "radius"])
    def test_takes_nothing_hostile_from_the_settings(self, client, field):
        response = get(client, channel_with(**{field: HOSTILE}), "widget.js")

        assert "alert" not in response.content.decode()

    @pytest.mark.parametrize(
        ("color", "ink"),
        [("#0f766e", "#ffffff"), ("#FFD400", "#000000"), ("red", "#ffffff")],
    )
    def test_draws_an_icon_that_can_be_seen(self, client, color, ink):
        setup = setup_of(get(client, channel_with(color=color), "widget.js"))

        assert setup["ink"] == ink

    @pytest.mark.parametrize(
        ("accepted", "language", "direction"),
        [
            ("pt-BR,pt;q=0.9", "pt", "ltr"),
            ("ar-EG,en;q=0.5", "ar", "rtl"),
            ("zh-TW", "zh-hant", "ltr"),
            ("zh-CN", "zh-hans", "ltr"),
            ("tlh, x;q=2, *", "en", "ltr"),
            ("", "en", "ltr"),
        ],
    )
    def test_speaks_what_the_browser_prefers(
        self, client, accepted, language, direction
    ):
        response = get(client, channel_with(), "widget.js", accept_language=accepted)

        words = setup_of(response)["words"]
        assert (words["language"], words["direction"]) == (language, direction)
        assert response["Content-Language"] == language
        assert "Accept-Language" in response["Vary"]

    @pytest.mark.parametrize("make", [ApiChannelFactory, WebchatChannelFactory])
    def test_of_no_widget_in_use_says_so_in_the_console(self, client, make):
        channel = make(is_active=make is ApiChannelFactory)

        response = get(client, channel, "widget.js")

        assert response.status_code == 404
        assert response["Content-Type"] == "text/javascript; charset=utf-8"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        script = response.content.decode()
        assert script.startswith("console.warn(")
        assert len(script) < 200

    def test_takes_only_reading(self, client):
        assert (
            client.post(f"/chat/{channel_with().address}/widget.js").status_code == 405
        )


class TestInvitations:
    def test_have_their_texts_in_a_module_of_their_own(self, client):
        channel = channel_with(
            invitations=[
                {"key": "cart", "text": HOSTILE, "url_contains": "/cart"},
                {"key": "", "text": "Nobody can answer this"},
            ]
        )

        script = get(client, channel, "invitations.js").content.decode()

        baked = json.loads(re.search(r"INVITATIONS = (\[.*\]);", script)[1])
        assert [it["text"] for it in baked] == [HOSTILE]
        assert "</script" not in script
        assert "\u2028" not in script

    def test_are_only_asked_for_where_there_are_any(self, client):
        assert setup_of(get(client, channel_with(), "widget.js"))["invites"] is False


class TestWords:
    def test_are_those_of_the_language_asked_for(self, client):
        channel = channel_with()

        response = get(client, channel, "words.json?language=ar", accept_language="de")

        assert response.json()["language"] == "ar"
        assert response.json()["direction"] == "rtl"
        assert response["Access-Control-Allow-Origin"] == "*"


class TestPanel:
    def test_may_be_shown_on_allowed_domains_alone(self, client):
        channel = channel_with(
            domains=["shop.example", "*.shop.example:8443", "localhost:8000"]
        )

        response = get(client, channel)

        assert directives_of(response)["frame-ancestors"] == [
            "'self'",
            "https://shop.example",
            "https://*.shop.example:8443",
            "https://localhost:8000",
            "http://localhost:8000",
        ]
        assert "X-Frame-Options" not in response

    def test_may_be_shown_nowhere_without_domains(self, client):
        response = get(client, channel_with(domains=[]))

        assert directives_of(response)["frame-ancestors"] == ["'self'"]

    @pytest.mark.parametrize(
        "domain",
        [
            "*",
            "*.com",
            "shop.example; script-src *",
            "shop.example *",
            "'unsafe-inline'",
            "https:",
            "data:",
            "shop.example\r\nSet-Cookie: a=b",
            "http://shop.example",
            "shop.example:99999",
            "shop.example,evil.example",
        ],
    )
    def test_lets_nothing_else_into_its_policy(self, client, domain):
        response = get(client, channel_with(domains=[domain]))

        assert response.status_code == 200
        assert directives_of(response)["frame-ancestors"] == ["'self'"]
        assert directives_of(response)["script-src"] == ["'self'"]

    def test_loads_from_nowhere_but_here(self, client):
        directives = directives_of(get(client, channel_with()))

        assert directives["default-src"] == ["'none'"]
        assert directives["script-src"] == ["'self'"]
        assert directives["style-src"] == ["'self'"]
        assert directives["img-src"] == ["'self'", "data:", "blob:"]
        assert directives["media-src"] == ["'self'", "blob:"]
        assert directives["base-uri"] == directives["object-src"] == ["'none'"]
        assert directives["form-action"] == ["'none'"]
        assert "'self'" in directives["connect-src"]

    def test_loads_the_logo_from_where_it_is(self, client):
        channel = channel_with(logo_url="https://cdn.shop.example/logo.svg")

        images = directives_of(get(client, channel))["img-src"]

        assert images == ["'self'", "data:", "blob:", "https://cdn.shop.example"]

    @pytest.mark.parametrize(
        "url",
        ["http://cdn.example/a.png", "https://a b/", "javascript:1", "https://*.x.y/"],
    )
    def test_loads_no_logo_from_a_strange_place(self, client, url):
        images = directives_of(get(client, channel_with(logo_url=url)))["img-src"]

        assert images == ["'self'", "data:", "blob:"]

    def test_may_ask_for_microphone_and_camera(self, client):
        response = get(client, channel_with())

        assert "microphone=(self)" in response["Permissions-Policy"]
        assert "camera=(self)" in response["Permissions-Policy"]
        assert "geolocation=()" in response["Permissions-Policy"]
        assert response["Referrer-Policy"] == "no-referrer"

    def test_tells_its_origins_to_its_script(self, client):
        page = get(client, channel_with()).content.decode()

        setup = json.loads(re.search(r'id="setup"[^>]*>(.*?)</script>', page)[1])
        assert setup["origins"] == ["https://shop.example"]
        assert setup["socket"].endswith("/ws/chat/")

    def test_is_the_same_for_everybody(self, client, admin_user):
        channel = channel_with()
        client.force_login(admin_user)

        response = get(client, channel)

        assert response.content == get(Client(), channel).content
        assert "Cookie" not in response["Vary"]

    def test_keeps_its_policy_when_it_has_not_changed(self, client):
        channel = channel_with()
        first = get(client, channel)

        again = get(client, channel, if_none_match=first["ETag"])

        assert again.status_code == 304
        assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
        assert "X-Frame-Options" not in again

    @pytest.mark.parametrize("make", [ApiChannelFactory, WebchatChannelFactory])
    def test_of_no_widget_in_use_is_not_there(self, client, make):
        channel = make(is_active=make is ApiChannelFactory)

        assert get(client, channel).status_code == 404

    def test_writes_names_as_text(self, client):
        channel = channel_with()
        channel.brand.name = HOSTILE
        channel.brand.save()

        page = get(client, channel).content.decode()

        assert "</script><!--" not in page
        assert "alert(1)}\\ __SETUP__ &amp;<" not in page


class TestNoCookie:
    @pytest.mark.parametrize("file", ["", *FILES])
    def test_is_set(self, client, file):
        response = get(client, channel_with(), file)

        assert response.status_code == 200
        assert not response.cookies
        assert "Set-Cookie" not in response

    @pytest.mark.parametrize("file", ["", *FILES])
    def test_is_taken_away(self, client, file):
        client.cookies[settings.SESSION_COOKIE_NAME] = "long-gone"
        client.cookies["django_language"] = "de"

        response = get(client, channel_with(), file)

        assert not response.cookies
        assert response.get("Content-Language", "en") == "en"

    def test_is_set_where_there_is_no_widget(self, client):
        assert not client.get("/chat/nobody/").cookies
        assert not client.get("/chat/nobody/at/all").cookies


class TestEverythingBeforeAConversation:
    @pytest.mark.parametrize("language", WIDGET_LANGUAGES)
    def test_weighs_at_most_twenty_kilobytes(self, client, language):
        channel = channel_with()
        loaded = [
            get(client, channel, file, accept_language=language).content.decode()
            for file in ("", "widget.js", "stage.js")
        ]
        files = set(re.findall(r'(?:href|src)="/static/([^"]+)"', loaded[0]))

        assert any(name.endswith("panel.js") for name in files)
        assert any(name.endswith("panel.css") for name in files)
        loaded += [compacted(Path(finders.find(name)).read_text()) for name in files]
        assert sum(compressed(text) for text in loaded) <= 20_000

    def test_is_named_by_the_page(self, client):
        """What the first modules import is asked for without a second journey."""
        page = get(client, channel_with()).content.decode()
        named = set(re.findall(r'(?:href|src)="/static/widget/(\w+\.js)"', page))

        for name in named:
            module = Path(finders.find(f"widget/{name}")).read_text()
            assert set(re.findall(r'^import .*"\./(\w+\.js)"', module, re.M)) <= named


class TestAddress:
    @override_settings(
        ALLOWED_HOSTS=["desk.example"],
        SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    )
    def test_is_the_one_that_the_desk_is_reached_at(self, client):
        response = get(
            client,
            channel_with(),
            "widget.js",
            host="desk.example",
            x_forwarded_proto="https",
        )

        assert setup_of(response)["base"] == "https://desk.example"
