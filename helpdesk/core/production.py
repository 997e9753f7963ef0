"""What must not happen where real customers are served."""

from collections.abc import Iterator, Sequence

from django.core.exceptions import ImproperlyConfigured

from helpdesk.core.secrets import weakness_of


def refuse_what_is_unsafe(
    *,
    debug: bool,
    demo: bool,
    public_url: str,
    hosts: Sequence[str],
    secure_cookies: bool,
    secrets: dict[str, list[str]],
) -> None:
    """Stop before anything is served, and name everything that has to change.

    :raises ImproperlyConfigured: with one line for each problem
    """
    problems = [
        *_switches(debug=debug, demo=demo, secure_cookies=secure_cookies),
        *_addresses(public_url=public_url, hosts=hosts),
        *_secrets(secrets),
    ]
    if problems:
        raise ImproperlyConfigured(
            "TRIBUTARY_ENV is production, and this is not safe there:\n"
            + "\n".join(f"  - {problem}" for problem in problems)
        )


def _switches(*, debug: bool, demo: bool, secure_cookies: bool) -> Iterator[str]:
    if debug:
        yield "TRIBUTARY_DEBUG is on: error pages would show secrets. Turn it off."
    if demo:
        yield "TRIBUTARY_DEMO is on: anybody could sign in. Turn it off."
    if not secure_cookies:
        yield "TRIBUTARY_SECURE_COOKIES is off: sessions could be stolen. Turn it on."


def _addresses(*, public_url: str, hosts: Sequence[str]) -> Iterator[str]:
    if not public_url.startswith("https://"):
        yield (
            "TRIBUTARY_URL must be the address agents type, starting with https:// "
            f"(it is {public_url})."
        )
    if any(host.startswith("*") for host in hosts):
        yield "TRIBUTARY_HOSTS holds a wildcard. Name the hosts."


def _secrets(secrets: dict[str, list[str]]) -> Iterator[str]:
    for name, values in secrets.items():
        for weakness in filter(None, map(weakness_of, values)):
            yield f"{name} {weakness}. Remove it and a good one is made in var/secrets."
