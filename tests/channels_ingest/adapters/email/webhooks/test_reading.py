import base64
import hashlib
import hmac
import json
import time
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from channels_ingest.adapters.email.webhooks import (
    PROVIDERS,
    ContentNotFetched,
    FetchedContent,
    InboundMail,
    WebhookConfig,
    WebhookRequest,
    parse,
    verify,
)
from channels_ingest.base import SignatureInvalid, Unreadable

MIME = (
    b"From: Ann <ann@shop.example>\r\nTo: support@desk.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <a@shop.example>\r\n"
    b"X-Odd: kept   as it is\r\n\r\nWhere is it?\r\n"
)
BASIC = "Basic " + base64.b64encode(b"desk:secret").decode()


def config(provider, direction="inbound", **settings):
    return WebhookConfig(provider=provider, direction=direction, settings=settings)


def request(body, *, url="https://desk.example/hooks/1", **headers):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(
        url=url, body=body, headers={"Content-Type": "application/json"} | names
    )


def form(**fields):
    boundary = "cut-here"
    parts = []
    for name, value in fields.items():
        disposition = f'form-data; name="{name.replace("_", "-")}"'
        if isinstance(value, tuple):
            disposition += f'; filename="{value[0]}"'
            value = value[1]
        content = value if isinstance(value, bytes) else value.encode()
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
        parts.append(head.encode() + content + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return request(body, Content_Type=f"multipart/form-data; boundary={boundary}")


def mailgun_inbound(key="mg-key", **more):
    signature = hmac.new(key.encode(), b"1700000000tok", hashlib.sha256).hexdigest()
    fields = {"body_mime": MIME, "sender": "ann@shop.example", **more}
    return form(token="tok", timestamp="1700000000", signature=signature, **fields)


def svix(body, secret=b"resend-secret", sent=None):
    sent = str(int(time.time()) if sent is None else sent)
    raw = json.dumps(body).encode()
    digest = hmac.digest(secret, f"msg_1.{sent}.".encode() + raw, "sha256")
    return request(
        raw,
        svix_id="msg_1",
        svix_timestamp=sent,
        svix_signature="v1,bad v1," + base64.b64encode(digest).decode(),
    )


SVIX_SECRET = "whsec_" + base64.b64encode(b"resend-secret").decode()


class Store:
    """A provider that hands over what it stored."""

    def __init__(self, **contents):
        self.contents = contents
        self.asked = []

    def get(self, *, url, headers):
        self.asked.append((url, dict(headers)))
        for part, content in self.contents.items():
            if part in url:
                return FetchedContent(body=content, content_type="text/plain")
        raise ContentNotFetched(url)

    def get_object(self, *, bucket, key):
        self.asked.append((bucket, key))
        return self.contents["s3"]


def assert_is_our_mail(mail):
    assert isinstance(mail, InboundMail)
    read = message_from_bytes(mail.raw)
    assert read["Message-ID"] == "<a@shop.example>"
    assert read.get_payload(decode=True).strip() == b"Where is it?"


def public_key(key):
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


KEY = public_key(ec.generate_private_key(ec.SECP256R1()))


def sns(ses_event):
    body = {
        "Type": "Notification",
        "MessageId": "n-1",
        "Message": json.dumps(ses_event),
    }
    return request(
        body,
        Authorization=BASIC,
        x_amz_sns_message_type="Notification",
        x_amz_sns_message_id="n-1",
    )


def ses_received(**action):
    return {
        "notificationType": "Received",
        "mail": {"source": "ann@shop.example", "messageId": "ses-1"},
        "receipt": {"recipients": ["support@desk.example"], "action": action},
        "content": base64.b64encode(MIME).decode(),
    }


class TestEveryProvider:
    @pytest.mark.parametrize("provider", PROVIDERS)
    def test_without_a_secret_is_never_believed(self, provider):
        for direction in PROVIDERS[provider].hooks:
            with pytest.raises(SignatureInvalid):
                verify(request=request({}), config=config(provider, direction))

    @pytest.mark.parametrize("provider", PROVIDERS)
    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", b"[]", b"null", b"\xff\x00", b'{"items": 7}', b"[[[[" * 999],
    )
    def test_refuses_nonsense_in_plain_words(self, provider, body):
        for direction, hook in PROVIDERS[provider].hooks.items():
            # One at a time: a key that nobody checks would let everything in.
            names = hook.signing_settings or ("webhook_secret",)
            chosen = config(provider, direction, **dict.fromkeys(names, KEY))

            with pytest.raises(SignatureInvalid):
                verify(request=request(body), config=chosen)
            with suppress(Unreadable):
                parse(request=request(body), config=chosen)

    def test_takes_no_setting_of_the_project(self, settings):
        settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b", "MAILGUN_WEBHOOK_SIGNING_KEY": "x"}

        with pytest.raises(SignatureInvalid):
            verify(request=mailgun_inbound(key="x"), config=config("mailgun"))

    def test_must_be_known(self):
        with pytest.raises(SignatureInvalid):
            verify(request=request({}), config=config("carrier_pigeon"))


class TestSharedSecret:
    body = {
        "RecordType": "Delivery",
        "MessageID": "m-1",
        "Recipient": "ann@shop.example",
    }

    def test_lets_the_provider_in(self):
        verify(
            request=request(self.body, Authorization=BASIC),
            config=config("postmark", "tracking", webhook_secret="desk:secret"),
        )

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Basic",
            "Basic x",
            BASIC.lower(),
            BASIC[:-2],
            BASIC + "\n",
            "Bearer x",
        ],
    )
    def test_keeps_everybody_else_out(self, header):
        headers = {} if header is None else {"Authorization": header}
        with pytest.raises(SignatureInvalid):
            verify(
                request=request(self.body, **headers),
                config=config("postmark", "tracking", webhook_secret="desk:other"),
            )

    def test_may_be_one_of_two_while_it_is_changed(self):
        verify(
            request=request(self.body, Authorization=BASIC),
            config=config(
                "postmark", "tracking", webhook_secret=["new:x", "desk:secret"]
            ),
        )


class TestMailgun:
    chosen = config("mailgun", webhook_signing_key="mg-key")

    def test_is_believed_by_its_signature(self):
        verify(request=mailgun_inbound(), config=self.chosen)

    def test_is_refused_under_another_key(self):
        with pytest.raises(SignatureInvalid):
            verify(request=mailgun_inbound(key="other"), config=self.chosen)

    def test_hands_over_a_mail_once_it_is_read(self):
        (mail,) = parse(request=mailgun_inbound(), config=self.chosen)

        assert_is_our_mail(mail)
        assert mail.event_id == "tok"
        assert mail.envelope_sender == "ann@shop.example"
        assert b"X-Odd: kept   as it is" in mail.raw

    def test_takes_a_mail_of_many_megabytes(self):
        large = MIME + b"x" * 8_000_000
        (mail,) = parse(request=mailgun_inbound(body_mime=large), config=self.chosen)

        assert len(mail.raw) > 8_000_000

    def test_keeps_files_whatever_their_name(self):
        sent = mailgun_inbound(
            body_mime=b"",
            message_headers='[["From", "ann@shop.example"]]',
            attachment_count="2",
            attachment_1=("../..", b"one"),
            attachment_2=("päckchen.txt", b"two"),
        )
        sent = replace(sent, body=sent.body.replace(b'name="body-mime"', b'name="x"'))

        (mail,) = parse(request=sent, config=self.chosen)

        files = [p for p in message_from_bytes(mail.raw).walk() if p.get_filename()]
        assert [file.get_payload(decode=True) for file in files] == [b"one", b"two"]

    def test_that_stores_mail_for_us_is_told_to_forward_it(self):
        with pytest.raises(Unreadable, match="forward") as caught:
            parse(request=mailgun_inbound(attachments="[]"), config=self.chosen)

        assert caught.value.is_final

    def test_reports_a_bounce(self):
        event = {
            "event-data": {
                "event": "failed",
                "severity": "permanent",
                "reason": "bounce",
                "id": "e-1",
                "timestamp": 1700000000.5,
                "recipient": "ann@shop.example",
                "message": {"headers": {"message-id": "m-1@desk.example"}},
                "delivery-status": {"code": 550, "message": "550 no such user"},
            }
        }
        (event,) = parse(
            request=request(event),
            config=config("mailgun", "tracking", webhook_signing_key="mg-key"),
        )

        assert event.event_type == "bounced"
        assert event.recipient == "ann@shop.example"
        assert event.message_id == "<m-1@desk.example>"


class TestMailerSend:
    def test_is_believed_over_the_very_bytes_it_sent(self):
        sent = {"type": "inbound.message", "data": {"raw": MIME.decode()}}
        body = json.dumps(sent).encode()
        signature = hmac.new(b"ms-key", body, hashlib.sha256).hexdigest()
        chosen = config("mailersend", inbound_secret="ms-key")

        verify(request=request(body, Signature=signature), config=chosen)
        (mail,) = parse(request=request(body), config=chosen)
        assert_is_our_mail(mail)

        rewritten = json.dumps(sent, indent=1).encode()
        for bad in (request(rewritten, Signature=signature), request(body)):
            with pytest.raises(SignatureInvalid):
                verify(request=bad, config=chosen)


class TestResend:
    body = {"type": "email.received", "data": {"email_id": "r-1"}}
    chosen = config("resend", inbound_secret=SVIX_SECRET, api_key="re-key")

    def test_is_believed_by_the_signature_of_svix(self):
        verify(request=svix(self.body), config=self.chosen)

    @pytest.mark.parametrize(
        "bad",
        [
            svix(body, secret=b"other"),
            svix(body, sent=1),
            svix(body, sent=2**40),
            replace(svix(body), body=b"{}"),
            replace(svix(body), headers={}),
        ],
    )
    def test_is_refused_when_anything_is_wrong(self, bad):
        with pytest.raises(SignatureInvalid):
            verify(request=bad, config=self.chosen)

    def test_is_asked_for_the_mail_with_the_key_of_the_channel(self):
        store = Store(
            receiving=json.dumps({"raw": {"download_url": "https://files.example/m"}}),
            files=MIME,
        )

        (mail,) = parse(request=svix(self.body), config=self.chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert mail.event_id == "msg_1"
        assert store.asked[0][1] == {"Authorization": "Bearer re-key"}
        assert store.asked[1] == ("https://files.example/m", {})

    def test_may_have_the_parts_of_the_mail_only(self):
        store = Store(
            receiving=json.dumps(
                {
                    "from": "ann@shop.example",
                    "to": ["support@desk.example"],
                    "subject": "Hello",
                    "headers": {"Message-ID": "<a@shop.example>"},
                    "text": "Where is it?",
                    "attachments": [
                        {"download_url": "https://files.example/1", "filename": "a.txt"}
                    ],
                }
            ),
            files=b"file content",
        )

        (mail,) = parse(request=svix(self.body), config=self.chosen, fetcher=store)

        read = message_from_bytes(mail.raw)
        contents = [part.get_payload(decode=True) for part in read.walk()]
        assert read["Message-ID"] == "<a@shop.example>"
        assert b"Where is it?" in contents
        assert b"file content" in contents

    def test_may_keep_the_mail_back_for_now(self):
        with pytest.raises(ContentNotFetched):
            parse(request=svix(self.body), config=self.chosen, fetcher=Store())


class TestAmazonSES:
    chosen = config("amazon_ses", webhook_secret="desk:secret")

    def test_is_believed_with_the_shared_secret(self):
        verify(request=sns(ses_received(type="SNS")), config=self.chosen)

    def test_is_refused_when_headers_and_body_differ(self):
        sent = sns(ses_received(type="SNS"))
        headers = dict(sent.headers) | {"x-amz-sns-message-id": "n-2"}

        with pytest.raises(SignatureInvalid):
            verify(request=replace(sent, headers=headers), config=self.chosen)

    def test_sends_the_mail_along(self):
        sent = sns(ses_received(type="SNS", encoding="BASE64"))

        (mail,) = parse(request=sent, config=self.chosen)

        assert_is_our_mail(mail)
        assert mail.event_id == "ses-1"
        assert mail.envelope_recipient == "support@desk.example"

    def test_is_asked_for_a_mail_in_a_bucket(self):
        store = Store(s3=MIME)
        sent = sns(ses_received(type="S3", bucketName="mails", objectKey="in/1"))

        (mail,) = parse(request=sent, config=self.chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert store.asked == [("mails", "in/1")]

    def test_reports_each_address_that_bounced(self):
        event = {
            "eventType": "Bounce",
            "mail": {"messageId": "ses-1", "destination": ["a@x.example"]},
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {"emailAddress": "a@x.example", "diagnosticCode": "550 no"},
                    {"emailAddress": "b@x.example"},
                ],
            },
        }
        found = parse(
            request=sns(event),
            config=config("amazon_ses", "tracking", webhook_secret="desk:secret"),
        )

        assert [each.recipient for each in found] == ["a@x.example", "b@x.example"]
        assert found[0].mta_response == "550 no"


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


class TestMailtrap:
    def test_is_asked_for_the_mail(self):
        body = {
            "events": [
                {"event": "inbound.message_received", "inbox_id": 5, "message_id": "m"}
            ]
        }
        raw = hmac.new(b"mt-key", json.dumps(body).encode(), hashlib.sha256).hexdigest()
        chosen = config("mailtrap", inbound_secret="mt-key", api_token="mt-token")
        store = Store(
            inboxes=json.dumps({"raw_message_url": "https://files.example/m"}),
            files=MIME,
        )

        verify(request=request(body, Mailtrap_Signature=raw), config=chosen)
        (mail,) = parse(request=request(body), config=chosen, fetcher=store)

        assert_is_our_mail(mail)
        assert mail.event_id == "5/m"


class TestMandrill:
    chosen = config("mandrill", webhook_key="md-key")
    url = "https://desk.example/hooks/1"

    def sent(self, events, key=b"md-key"):
        text = json.dumps(events)
        signed = f"{self.url}mandrill_events{text}".encode()
        digest = hmac.new(key, signed, hashlib.sha1).digest()
        return request(
            urlencode({"mandrill_events": text}).encode(),
            url=self.url,
            Content_Type="application/x-www-form-urlencoded",
            X_Mandrill_Signature=base64.b64encode(digest).decode(),
        )

    def test_is_believed_by_its_signature_over_address_and_fields(self):
        verify(request=self.sent([]), config=self.chosen)
        with pytest.raises(SignatureInvalid):
            verify(request=self.sent([], key=b"other"), config=self.chosen)

    def test_brings_mail_and_news_in_one_request(self):
        events = [
            {
                "event": "inbound",
                "ts": 1,
                "msg": {"raw_msg": MIME.decode(), "email": "x"},
            },
            {"event": "hard_bounce", "_id": "m-1", "msg": {"email": "a@x.example"}},
        ]

        mail, bounced = parse(request=self.sent(events), config=self.chosen)

        assert_is_our_mail(mail)
        assert (bounced.event_type, bounced.recipient) == ("bounced", "a@x.example")


class TestPostal:
    def test_is_believed_by_its_signature(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = public_key(key)
        body = json.dumps(
            {
                "id": 7,
                "rcpt_to": "support@desk.example",
                "mail_from": "ann@shop.example",
                "message": base64.b64encode(MIME).decode(),
                "base64": True,
                "timestamp": 1700000000.0,
                "spam_status": "NotSpam",
                "spam_score": 1,
            }
        ).encode()
        signature = base64.b64encode(
            key.sign(body, padding.PKCS1v15(), hashes.SHA1())
        ).decode()
        chosen = config("postal", webhook_key=public)

        verify(request=request(body, X_Postal_Signature=signature), config=chosen)
        (mail,) = parse(request=request(body), config=chosen)
        assert_is_our_mail(mail)

        for bad in (b"{}", body + b" "):
            with pytest.raises(SignatureInvalid):
                verify(
                    request=request(bad, X_Postal_Signature=signature), config=chosen
                )


class TestSendGrid:
    def test_signs_what_it_tells_of_our_mail(self):
        key = ec.generate_private_key(ec.SECP256R1())
        public = public_key(key)
        body = b'[{"event": "delivered", "email": "a@x.example", "smtp-id": "m-1"}]'
        signature = key.sign(b"1700000000" + body, ec.ECDSA(hashes.SHA256()))
        sent = request(
            body,
            X_Twilio_Email_Event_Webhook_Signature=base64.b64encode(signature).decode(),
            X_Twilio_Email_Event_Webhook_Timestamp="1700000000",
        )
        chosen = config(
            "sendgrid", "tracking", tracking_webhook_verification_key=public
        )

        verify(request=sent, config=chosen)
        (event,) = parse(request=sent, config=chosen)
        assert event.event_type == "delivered"

        with pytest.raises(SignatureInvalid):
            verify(request=replace(sent, body=body + b"\r\n"), config=chosen)

    def test_hands_over_raw_mail(self):
        sent = form(
            email=MIME, envelope='{"from": "a@x.example", "to": ["b@y.example"]}'
        )

        (mail,) = parse(
            request=sent, config=config("sendgrid", webhook_secret="desk:secret")
        )

        assert_is_our_mail(mail)
        assert mail.envelope_recipient == "b@y.example"


class TestSparkPost:
    def test_hands_over_raw_mail_and_ignores_pings(self):
        relay = {
            "protocol": "smtp",
            "content": {"email_rfc822": MIME.decode(), "email_rfc822_is_base64": False},
        }
        body = [{"msys": {}}, {"msys": {"relay_message": relay}}]

        (mail,) = parse(
            request=request(body), config=config("sparkpost", webhook_secret="a:b")
        )

        assert_is_our_mail(mail)


class TestUnisenderGo:
    def test_is_believed_by_the_hash_in_its_body(self):
        body = b'{"auth": "ug-key", "events_by_user": []}'
        auth = hashlib.md5(body).hexdigest()
        chosen = config("unisender_go", "tracking", api_key="ug-key")

        verify(request=request(body.replace(b"ug-key", auth.encode())), config=chosen)
        with pytest.raises(SignatureInvalid):
            verify(request=request(body), config=chosen)
