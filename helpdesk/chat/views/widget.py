"""What a company's page loads: the loader, its words, and the page in the panel."""

import hashlib
from functools import partial
from typing import Any, TypeVar

from csp.decorators import csp
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from channels_ingest.providers.chat.logo import logo_version
from channels_ingest.providers.chat.settings import ChatSettings, chat_settings
from helpdesk.chat.embedding import panel_policy
from helpdesk.chat.languages import direction_of, language_for
from helpdesk.chat.widget import (
    invitations_script,
    launcher_words,
    loader_script,
    panel_setup,
    stage_script,
    unknown_script,
)
from helpdesk.chat.words import panel_words
from helpdesk.core.files import image_response
from inbox.models import Channel
from inbox.models.channel import ChannelQuerySet

Answer = TypeVar("Answer", bound=HttpResponseBase)
MINUTES = 5
YEAR = 365 * 24 * 60 * 60
POLICY = (
    "camera=(self), microphone=(self), clipboard-write=(self), autoplay=(self), "
    "geolocation=(), payment=(), usb=(), midi=(), accelerometer=(), gyroscope=(), "
    "magnetometer=(), display-capture=()"
)


@login_not_required
@require_safe
def loader(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the script that a company's pages stand on."""
    channel = _widgets().filter(address=key).first()
    if channel is None:
        return _for_any_site(_script(unknown_script(key), status=404))
    language = _language_of(request)
    script = loader_script(
        chat=chat_settings(channel.config),
        key=channel.address,
        base=_base_of(request),
        language=language,
    )
    return _for_any_site(_cached(request, _script(script), language=language))


@login_not_required
@require_safe
def stage(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the module that opens the panel, asked for when it is time."""
    get_object_or_404(_widgets(), address=key)
    return _for_any_site(_cached(request, _script(stage_script())))


@login_not_required
@require_safe
def invitations(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the module that shows invitations, with those of the channel."""
    channel = get_object_or_404(_widgets(), address=key)
    script = invitations_script(chat_settings(channel.config))
    return _for_any_site(_cached(request, _script(script)))


@login_not_required
@require_safe
def words(request: HttpRequest, key: str) -> HttpResponse:
    """Answer what the launcher says in another language."""
    get_object_or_404(_widgets(), address=key)
    language = _language_of(request)
    response = JsonResponse(launcher_words(language))
    return _for_any_site(_cached(request, response, language=language))


@login_not_required
@require_safe
def logo(request: HttpRequest, key: str, version: str) -> HttpResponseBase:
    """Answer the channel's logo, which has another address when it is another."""
    channel = get_object_or_404(_widgets(), address=key)
    stored = chat_settings(channel.config).logo_file
    if not stored or version != logo_version(stored):
        raise Http404
    try:
        response = image_response(stored_name=stored, name="logo")
    except FileNotFoundError:
        raise Http404 from None
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return _for_any_site(response)


@login_not_required
@xframe_options_exempt
@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer the page in the panel, which only allowed domains may show."""
    channel = get_object_or_404(_widgets(), address=key)
    chat = chat_settings(channel.config)
    page = partial(_panel_page, channel=channel, chat=chat)
    response = csp(panel_policy(chat))(page)(request)
    response.headers["Permissions-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _panel_page(
    request: HttpRequest, *, channel: Channel, chat: ChatSettings
) -> HttpResponse:
    language = _language_of(request)
    with translation.override(language):
        context: dict[str, Any] = {
            "brand": channel.brand.name,
            "language": language,
            "direction": direction_of(language),
            "scheme": chat.scheme,
            "words": panel_words(),
            "setup": panel_setup(request, channel=channel, chat=chat),
        }
        response = render(request, "chat/panel.html", context)
    return _cached(request, response, language=language)


def _widgets() -> ChannelQuerySet:
    return Channel.objects.active().filter(kind="webchat").select_related("brand")


def _language_of(request: HttpRequest) -> str:
    return language_for(
        asked=request.GET.get("language", "")[:20],
        accepted=request.headers.get("Accept-Language", "")[:500],
    )


def _base_of(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")[:-1]


def _script(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        text, content_type="text/javascript; charset=utf-8", status=status
    )


def _for_any_site(response: Answer) -> Answer:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _cached(
    request: HttpRequest, response: HttpResponse, *, language: str = ""
) -> HttpResponse:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:20]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={MINUTES * 60}"
    if language:
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language"])
    conditional = get_conditional_response(request, etag=etag, response=response)
    return response if conditional is None else conditional
