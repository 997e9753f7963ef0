from channels_ingest.adapters.email.webhooks import parse
from tests.channels_ingest.adapters.email.webhooks.hooks import Store, config, request


class TestBrevo:
    def test_is_asked_for_attachments(self):
        store = Store(attachments=b"content")
        body = {
            "items": [
                {
                    "Uuid": ["b-1"],
                    "Headers": {"From": "ann@shop.example", "Subject": "Hello"},
                    "RawTextBody": "See the file",
                    "Attachments": [
                        {"Name": "a.txt", "ContentType": "x/y", "DownloadToken": "t/1"}
                    ],
                }
            ]
        }

        (mail,) = parse(
            request=request(body),
            config=config("brevo", webhook_secret="a:b", api_key="br-key"),
            fetcher=store,
        )

        url, headers = store.asked[0]
        assert url.endswith("/inbound/attachments/t%2F1")
        assert headers == {"api-key": "br-key"}
        assert b"content" in mail.raw
