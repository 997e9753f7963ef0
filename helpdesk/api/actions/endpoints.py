"""Endpoints of webhooks: saved with a secret, and given another one."""

from django.db import transaction

from helpdesk.api.models import WebhookEndpoint
from helpdesk.api.signing import new_secret

MOST_SECRETS = 2
"""The one before the last signs too, until receivers know the new one."""


@transaction.atomic
def save_endpoint(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Keep an endpoint as it was filled in; it starts without blame, with a secret."""
    if not endpoint.secrets.get("secrets"):
        endpoint.secrets = {"secrets": [new_secret()]}
    endpoint.failures = 0
    endpoint.paused_until = None
    if not endpoint.is_active:
        endpoint.failing_since = None
    endpoint.save()
    return endpoint


@transaction.atomic
def renew_secret(*, endpoint_id: int) -> str:
    """Give an endpoint a new secret and return it; the one before signs as well."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    secret = new_secret()
    known = endpoint.secrets.get("secrets", [])
    endpoint.secrets = {"secrets": [secret, *known][:MOST_SECRETS]}
    endpoint.save(update_fields=["secrets"])
    return secret
