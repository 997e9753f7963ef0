"""What spectacular cannot see: views that read plain JSON, and how one asks in."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiViewExtension,
)
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from helpdesk.api.v1.chat.channels import ChannelView
from helpdesk.api.v1.chat.me import MeView
from helpdesk.api.v1.chat.sessions import SessionsView
from helpdesk.api.v1.chat.shapes import AgentShown
from helpdesk.api.v1.chat.visits import VisitEndView, VisitsView

_CHANNELS = "helpdesk.api.v1.chat.channels.ChannelView"
_SESSIONS = "helpdesk.api.v1.chat.sessions.SessionsView"
_ME = "helpdesk.api.v1.chat.me.MeView"


class RulesShown(serializers.Serializer[Any]):
    may_start = serializers.BooleanField()
    may_reply_to_closed = serializers.BooleanField()
    may_have_several = serializers.BooleanField()


class ClaimsSent(serializers.Serializer[Any]):
    name = serializers.CharField(required=False)
    email = serializers.EmailField(required=False)
    language = serializers.CharField(required=False)
    attributes = serializers.DictField(
        required=False, help_text="Flat: text, numbers, true or false; null removes."
    )


class SessionSent(ClaimsSent):
    identity = serializers.JSONField(
        required=False,
        help_text="A JWT, or `{user_id, name, email, expires_at, signature}`.",
    )
    token = serializers.CharField(
        required=False, help_text="An earlier token, to stay the same visitor."
    )
    stamp = serializers.CharField(
        required=False, help_text="Of the channel; asked for by widgets."
    )
    website = serializers.CharField(required=False, help_text="Leave it empty.")


class VisitSent(serializers.Serializer[Any]):
    visit = serializers.UUIDField(
        help_text="Made by the page, in memory only, for as long as it is open."
    )
    title = serializers.CharField(required=False)
    url = serializers.CharField()


class VisitorShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField(help_text="As it was typed; proof of nothing.")
    is_known = serializers.BooleanField()
    user_id = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    attributes = serializers.DictField()
    rules = RulesShown()


class SessionShown(serializers.Serializer[Any]):
    token = serializers.CharField()
    visitor = VisitorShown()


class ThemeShown(serializers.Serializer[Any]):
    color = serializers.CharField()
    position = serializers.ChoiceField(choices=["start", "end"])
    radius = serializers.IntegerField()
    scheme = serializers.ChoiceField(choices=["auto", "light", "dark"])
    logo_url = serializers.CharField(help_text="Whole, or a path of the desk.")


class HoursShown(serializers.Serializer[Any]):
    is_open = serializers.BooleanField()
    changes_at = serializers.DateTimeField(allow_null=True)
    time_zone = serializers.CharField()
    text = serializers.CharField()


class FormFieldShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    is_required = serializers.BooleanField()
    options = serializers.ListField(child=serializers.CharField())


class FormShown(serializers.Serializer[Any]):
    fields = FormFieldShown(many=True)  # type: ignore[assignment]

    def get_fields(self) -> dict[str, Any]:
        whom = serializers.ChoiceField(choices=["nobody", "visitors", "everybody"])
        return {"for": whom, **super().get_fields()}


class FilesShown(serializers.Serializer[Any]):
    max_bytes = serializers.IntegerField()
    types = serializers.ListField(child=serializers.CharField())
    refused = serializers.ListField(child=serializers.CharField())
    hint = serializers.CharField()


class ChannelShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=["webchat", "api"])
    brand = serializers.CharField()
    language = serializers.CharField()
    theme = ThemeShown()
    greeting = serializers.CharField()
    notice = serializers.CharField()
    hours = HoursShown()
    reply_minutes = serializers.IntegerField(allow_null=True)
    people = AgentShown(many=True)
    is_anybody_there = serializers.BooleanField()
    form = FormShown()
    rules = RulesShown()
    files = FilesShown()
    has_sound = serializers.BooleanField()
    asks_rating = serializers.BooleanField()
    tracks_visits = serializers.BooleanField()
    invitations = serializers.ListField(child=serializers.DictField())
    stamp = serializers.CharField()


class _VisitorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "helpdesk.api.v1.chat.authentication.VisitorAuthentication"
    name = "visitor"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A session's token."}


class _Channel(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = _CHANNELS

    def view_replacement(self) -> Any:
        class Described(ChannelView):
            get = extend_schema(
                operation_id="readChannel",
                parameters=[OpenApiParameter("language", str)],
                responses=ChannelShown,
            )(ChannelView.get)

        return Described


class _Sessions(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = _SESSIONS

    def view_replacement(self) -> Any:
        class Described(SessionsView):
            post = extend_schema(
                operation_id="beginSession",
                request=SessionSent,
                responses={201: SessionShown},
            )(SessionsView.post)

        return Described


class _Visits(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "helpdesk.api.v1.chat.visits.VisitsView"

    def view_replacement(self) -> Any:
        class Described(VisitsView):
            post = extend_schema(
                operation_id="notePage",
                request=VisitSent,
                responses={204: None},
            )(VisitsView.post)

        return Described


class _VisitEnd(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "helpdesk.api.v1.chat.visits.VisitEndView"

    def view_replacement(self) -> Any:
        class Described(VisitEndView):
            post = extend_schema(
                operation_id="endVisit", request=None, responses={204: None}
            )(VisitEndView.post)

        return Described


class _Me(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = _ME

    def view_replacement(self) -> Any:
        class Described(MeView):
            get = extend_schema(operation_id="readMe", responses=VisitorShown)(
                MeView.get
            )
            patch = extend_schema(
                operation_id="changeMe", request=ClaimsSent, responses=VisitorShown
            )(MeView.patch)
            delete = extend_schema(operation_id="deleteMe", responses={204: None})(
                MeView.delete
            )

        return Described
