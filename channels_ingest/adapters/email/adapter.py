"""Mail: read what came in, send what goes out."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from channels_ingest.adapters.email.bounces import read_bounce
from channels_ingest.adapters.email.classification import Classification, classify
from channels_ingest.adapters.email.examining import examined
from channels_ingest.adapters.email.hooks import (
    as_raw_mail,
    read_request,
    verify_request,
)
from channels_ingest.adapters.email.mime import parse_mail
from channels_ingest.adapters.email.origins import authentication_of, origin_of
from channels_ingest.adapters.email.parsed import ParsedMail
from channels_ingest.adapters.email.probes import probe_number, probe_reason
from channels_ingest.adapters.email.receipts import receipt_of_event, receipts_of
from channels_ingest.adapters.email.sending import send_mail
from channels_ingest.adapters.email.signed_ids import read_message_id
from channels_ingest.adapters.email.translating import message_of
from channels_ingest.adapters.email.webhooks import InboundMail
from channels_ingest.base import (
    Capabilities,
    ChannelAdapter,
    RawInput,
    RawRequest,
)
from inbox.contract import (
    Ignored,
    InboundEvent,
    OutboundMessage,
    SendResult,
)

LOOPS = {
    "own_address_loop": "It comes from one of our own addresses.",
    "mail_loop": "It has been through so many servers that it runs in a circle.",
    "read_receipt": "It only says that a message of ours was opened.",
}
OWN_MESSAGE = "It is a message of ours that came back."


class EmailAdapter(ChannelAdapter):
    kind = "email"
    label = "Email"
    capabilities: ClassVar[Capabilities] = Capabilities(
        has_subject=True,
        has_html=True,
        has_copies=True,
        takes_files=True,
        file_bytes=18_000_000,
        reports_delivery=True,
    )

    def verify(self, request: RawRequest) -> None:
        verify_request(request, account=self.account)

    def parse(self, raw: RawInput) -> Sequence[InboundEvent]:
        if raw.source == "webhook":
            return tuple(self._parse_request(raw))
        return self.parse_mail(raw)

    def parse_mail(self, raw: RawInput) -> Sequence[InboundEvent]:
        """Read one mail; a report about ours gives receipts, the rest messages."""
        mail = parse_mail(raw.raw)
        if number := probe_number(mail, account=self.account):
            return (Ignored(reason=probe_reason(number)),)
        bounce = read_bounce(raw.raw)
        classification = classify(
            mail=mail, bounce=bounce, own_addresses=self.account.own_addresses
        )
        if reason := self._loop(mail, classification):
            return (Ignored(reason=reason),)
        authentication = authentication_of(raw, account=self.account)
        message = message_of(
            mail,
            raw=raw,
            account=self.account,
            origin=origin_of(
                mail, raw=raw, account=self.account, authentication=authentication
            ),
            authentication=authentication,
            classification=classification,
        )
        if bounce is not None:
            receipts = receipts_of(
                bounce, raw=raw, account=self.account, otherwise=message
            )
            return receipts or (message,)
        return (message,)

    def _loop(self, mail: ParsedMail, classification: Classification) -> str:
        if classification.kind in LOOPS:
            return LOOPS[classification.kind]
        for secret in self.account.token_keys:
            if read_message_id(secret=secret, message_id=mail.message_id):
                return OWN_MESSAGE
        return ""

    def _parse_request(self, raw: RawInput) -> Iterator[InboundEvent]:
        for event in read_request(raw, account=self.account):
            if isinstance(event, InboundMail):
                yield from self.parse_mail(as_raw_mail(event, raw=raw))
            elif receipt := receipt_of_event(event):
                yield receipt

    def examine(self, raw: RawInput) -> dict[str, Any]:
        mail, bounce = parse_mail(raw.raw), read_bounce(raw.raw)
        classification = classify(
            mail=mail, bounce=bounce, own_addresses=self.account.own_addresses
        )
        return examined(mail, classification=classification, bounce=bounce)

    def send(self, message: OutboundMessage) -> SendResult:
        return send_mail(account=self.account, message=message)
