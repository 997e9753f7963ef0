from channels_ingest.adapters.email.webhooks import WebhookConfig


class TestFromAnymailSettings:
    def test_takes_the_provider_s_own_settings_in_either_form(self):
        config = WebhookConfig.from_anymail_settings(
            provider="mailgun",
            direction="inbound",
            settings={
                "ANYMAIL": {"WEBHOOK_SECRET": "a:b", "POSTAL_WEBHOOK_KEY": "p"},
                "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": "k",
                "MAILGUN_API_KEY": "api",
                "DEBUG": True,
            },
        )

        assert config.settings == {
            "webhook_secret": "a:b",
            "webhook_signing_key": "k",
            "api_key": "api",
        }
