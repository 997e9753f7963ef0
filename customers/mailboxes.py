"""Which mail addresses are delivered to one and the same mailbox."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """How a provider that documents it delivers variants of an address."""

    domains: tuple[str, ...]
    """All lead to the same mailbox; the first stands for the others."""
    ignores: str = ""
    """Characters without meaning in the local part."""


PROVIDERS = (
    Provider(domains=("gmail.com", "googlemail.com"), ignores="."),
    Provider(domains=("proton.me", "protonmail.com", "pm.me"), ignores=".-_"),
    Provider(domains=("outlook.com",)),
    Provider(domains=("hotmail.com",)),
    Provider(domains=("live.com",)),
    Provider(domains=("icloud.com",)),
    Provider(domains=("fastmail.com",)),
)
"""All of them deliver `name+tag@` to `name@`, and let no one else have either."""
_BY_DOMAIN = MappingProxyType(
    {domain: provider for provider in PROVIDERS for domain in provider.domains}
)


def mailbox_of(address: str) -> str:
    """Return the mailbox an address is probably delivered to, empty if it is none.

    No tag, no marks that its provider ignores, the provider's first domain.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if provider := _BY_DOMAIN.get(domain):
        local = "".join(c for c in local if c not in provider.ignores)
        domain = provider.domains[0]
    return f"{local}@{domain}" if at and local else ""


def belongs_to_one_person(mailbox: str) -> bool:
    """Whether its provider says that all variants of an address are this mailbox."""
    return mailbox.rpartition("@")[2] in _BY_DOMAIN
