"""The one way out: every request that this product makes to another server."""

from helpdesk.core.http.addresses import (
    AddressForbidden,
    HostNotFound,
    configured_private_hosts,
    is_public_address,
    resolve_host,
    url_allowed,
)
from helpdesk.core.http.client import Retries, send_request
from helpdesk.core.http.failures import (
    RequestFailed,
    RequestTimedOut,
    ResponseTooLarge,
)

__all__ = [
    "AddressForbidden",
    "HostNotFound",
    "RequestFailed",
    "RequestTimedOut",
    "ResponseTooLarge",
    "Retries",
    "configured_private_hosts",
    "is_public_address",
    "resolve_host",
    "send_request",
    "url_allowed",
]
