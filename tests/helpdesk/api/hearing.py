"""A company's own server that hears webhooks, and what they tell."""

import base64
import hashlib
import hmac
import json

from helpdesk.api.actions.endpoints import save_endpoint
from helpdesk.api.models import EventType, WebhookEndpoint


def endpoint_of(site, *, channel=None, events=None, **fields):
    """An endpoint that leads to the server of the test."""
    return save_endpoint(
        endpoint=WebhookEndpoint(
            channel=channel,
            url=site.url("/hook"),
            events=events or list(EventType.values),
            **fields,
        )
    )


def told(site):
    """Return what the server heard, in order, without a look at signatures."""
    return [json.loads(body) for _, _, _, body in site.requests]


def types(site):
    return [it["type"] for it in told(site)]


def is_signed(request, *, secret):
    """Check a request as a receiver does, by the words of the scheme alone."""
    _, _, headers, body = request
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split()
