"""Which provider posts to a channel, and the secrets that prove it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["inbound", "tracking"]
Setting = str | bool | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookConfig:
    """The settings of one channel's webhook; nothing is taken from elsewhere."""

    provider: str
    """A key of `PROVIDERS`, such as "mailgun"."""
    direction: Direction
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """By anymail's names without the provider, in lower case: "webhook_secret"."""

    @classmethod
    def from_anymail_settings(
        cls, *, provider: str, direction: Direction, settings: Mapping[str, object]
    ) -> "WebhookConfig":
        """Take over the settings of a project that uses django-anymail."""
        nested = settings.get("ANYMAIL")
        named: dict[str, object] = dict(nested) if isinstance(nested, Mapping) else {}
        for name, value in settings.items():
            named.setdefault(name.removeprefix("ANYMAIL_"), value)
        prefix = f"{provider.upper()}_"
        kept = {
            name.removeprefix(prefix).lower(): value
            for name, value in named.items()
            if name.startswith(prefix) or name == "WEBHOOK_SECRET"
        }
        return cls(provider=provider, direction=direction, settings=kept)  # type: ignore[arg-type]
