from datetime import UTC, datetime

import pytest

from channels_ingest.base import RawInput, RawRequest, SignatureInvalid
from channels_ingest.providers.chat.payload import packed
from channels_ingest.registry import ADAPTERS, adapter_class
from inbox.contract import OutboundMessage
from tests.channels_ingest.providers.chat.test_payload import MESSAGE

KINDS = [kind for kind in ADAPTERS if adapter_class(kind).capabilities.is_fetched]


@pytest.fixture(params=KINDS)
def adapter(request):
    return adapter_class(request.param)(account=None)


class TestFetchedAdapter:
    def test_is_there_for_pages_and_for_apps(self):
        assert KINDS == ["webchat", "api"]

    def test_reads_what_the_api_has_journalled(self, adapter):
        raw = RawInput(
            raw=packed(MESSAGE),
            source="chat",
            headers={},
            external_id="x",
            received_at=datetime(2026, 11, 22, tzinfo=UTC),
        )

        (message,) = adapter.parse(raw)

        assert message.text == MESSAGE.text

    def test_takes_no_webhook(self, adapter):
        request = RawRequest(method="POST", url="/", headers={}, body=packed(MESSAGE))

        with pytest.raises(SignatureInvalid):
            adapter.verify(request)

    def test_sends_nothing_anywhere(self, adapter):
        message = OutboundMessage(
            item_id=1,
            conversation_id=1,
            idempotency_key="x",
            sender_name="Shop",
            recipients=(),
            subject="",
            text="Yes",
        )

        assert adapter.send(message).external_id == ""

    def test_says_what_it_can_do(self, adapter):
        capabilities = adapter.capabilities

        assert capabilities.text_limit == 10_000
        assert capabilities.file_bytes == 10 * 1024 * 1024
        assert adapter.label
