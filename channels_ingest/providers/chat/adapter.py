"""What our own chat channels have in common: the customers fetch their messages."""

from collections.abc import Sequence

from channels_ingest.base import (
    Capabilities,
    ChannelAdapter,
    RawInput,
    RawRequest,
    SignatureInvalid,
)
from channels_ingest.providers.chat.payload import unpacked
from inbox.contract import InboundEvent, OutboundMessage, SendResult

TEXT_LIMIT = 10_000
FILE_BYTES = 10 * 1024 * 1024


class FetchedAdapter(ChannelAdapter):
    """A channel whose customers are told that there is news, and then fetch it."""

    capabilities = Capabilities(
        text_limit=TEXT_LIMIT,
        has_html=True,
        takes_files=True,
        file_bytes=FILE_BYTES,
        reports_delivery=True,
        is_fetched=True,
    )
    reads_own_words = True

    def verify(self, request: RawRequest) -> None:
        # Messages come in by the API with a visitor's token, never by a webhook.
        raise SignatureInvalid("There is no webhook for this channel.")

    def parse(self, raw: RawInput) -> Sequence[InboundEvent]:
        return (unpacked(raw.raw),)

    def send(self, message: OutboundMessage) -> SendResult:
        # Nothing leaves: from now on the API shows it, and sockets say so.
        return SendResult(external_id="")
