"""Files of messages, for whoever was given a link to them."""

import uuid

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from helpdesk.api.v1.chat.views import PublicChatView
from helpdesk.chat.files import file_behind
from helpdesk.core.files import attachment_response, image_response
from inbox.views.presenting.items import SHOWN_IMAGES


class FileView(PublicChatView):
    """`files/<id>/`: a picture is shown, everything else is a download."""

    @extend_schema(
        operation_id="readFile",
        parameters=[OpenApiParameter("token", str, required=True)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> HttpResponseBase:
        file = file_behind(request.query_params.get("token", ""), file_id=public_id)
        respond = (
            image_response if file.content_type in SHOWN_IMAGES else attachment_response
        )
        try:
            response = respond(stored_name=file.stored_name, name=file.name)
        except FileNotFoundError as error:
            raise Http404 from error
        # Apps on addresses of their own show it too: the link is the key.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
