import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from channels_ingest.adapters.email.authentication import authenticate
from channels_ingest.adapters.email.sender_checks import LookupFailed, SmtpPeer

MAIL = (
    b"From: Ann <ann@my-shop.example>\r\nTo: support@desk.example\r\n"
    b"Subject: My parcel\r\n\r\nWhere is it?\r\n"
)
GOOD = "mx.desk.example; dmarc=pass header.from=my-shop.example"
BAD = "mx.desk.example; dmarc=fail header.from=my-shop.example"


class Zone:
    """The domain name system, as far as a test needs it."""

    def __init__(self, records):
        self._records = records

    def records(self, name, kind):
        found = self._records.get((name, kind), [])
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def key_record(key):
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def signed(mail, key, domain=b"my-shop.example", **options):
    return dkim.sign(mail, b"key", domain, private_pem(key), **options) + mail


def zone(key, **more):
    records = {
        ("key._domainkey.my-shop.example", "TXT"): [key_record(key)],
        ("key._domainkey.evil.example", "TXT"): [key_record(key)],
        ("_dmarc.my-shop.example", "TXT"): [b"v=DMARC1; p=reject"],
        ("my-shop.example", "TXT"): [b"v=spf1 ip4:192.0.2.7 -all"],
        ("evil.example", "TXT"): [b"v=spf1 ip4:192.0.2.66 -all"],
    }
    return Zone(records | more.get("records", {}))


def with_results(*values, mail=MAIL):
    head = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return head.encode() + mail


def believed(raw):
    return authenticate(raw=raw, trusted_servers=["mx.desk.example"])


class TestTrustedServer:
    def test_is_believed(self):
        result = believed(with_results(GOOD))

        assert result.is_authenticated
        assert result.aligned_domain == "my-shop.example"
        assert result.source == "trusted_server"

    def test_is_not_believed_under_another_name(self):
        result = believed(with_results(GOOD.replace("mx.desk", "mx.evil")))

        assert not result.is_authenticated
        assert result.source == "nobody"

    def test_speaks_last_so_what_the_sender_wrote_below_counts_for_nothing(self):
        assert not believed(with_results(BAD, GOOD)).is_authenticated
        assert believed(with_results(GOOD, BAD)).is_authenticated

    def test_is_not_believed_when_none_is_configured(self):
        assert not authenticate(raw=with_results(GOOD)).is_authenticated

    def test_proves_only_the_domain_it_names(self):
        stated = "mx.desk.example; dmarc=pass header.from=evil.example"

        assert not believed(with_results(stated)).is_authenticated

    @pytest.mark.parametrize(
        ("stated", "proven"),
        [
            ("dkim=pass header.d=my-shop.example", True),
            ("dkim=pass header.d=mail.my-shop.example", True),
            ("dkim=pass header.d=evil.example", False),
            ("dkim=fail header.d=my-shop.example", False),
            ("spf=pass smtp.mailfrom=bounce@my-shop.example", True),
            ("spf=pass smtp.mailfrom=bounce@evil.example", False),
            ("spf=softfail smtp.mailfrom=bounce@my-shop.example", False),
            ("dmarc=fail; dkim=pass header.d=my-shop.example", False),
        ],
    )
    def test_may_prove_by_other_means_where_there_is_no_policy(self, stated, proven):
        result = believed(with_results(f"mx.desk.example; {stated}"))

        assert result.is_authenticated is proven


class TestAuthor:
    @pytest.mark.parametrize(
        "sender",
        [
            b"",
            b"From: nobody\r\n",
            b"From: a@my-shop.example, b@evil.example\r\n",
            b"From: a@evil.example\r\nFrom: b@my-shop.example\r\n",
        ],
    )
    def test_must_be_exactly_one(self, sender):
        mail = MAIL.replace(b"From: Ann <ann@my-shop.example>\r\n", sender)

        assert not believed(with_results(GOOD, mail=mail)).is_authenticated


class TestOwnCheck:
    def test_accepts_the_signature_of_the_author_s_domain(self, key):
        result = authenticate(raw=signed(MAIL, key), resolver=zone(key))

        assert (result.dkim, result.dmarc) == ("pass", "pass")
        assert result.is_authenticated
        assert result.source == "own_check"

    def test_accepts_the_second_of_two_signatures(self, key):
        raw = signed(MAIL, key)
        raw = signed(MAIL, key, domain=b"evil.example")[: -len(MAIL)] + raw

        assert authenticate(raw=raw, resolver=zone(key)).is_authenticated

    def test_refuses_a_signature_of_another_domain(self, key):
        raw = signed(MAIL, key, domain=b"evil.example")
        result = authenticate(raw=raw, resolver=zone(key))

        assert (result.dkim, result.dmarc) == ("pass", "fail")
        assert not result.is_authenticated

    def test_refuses_a_changed_mail(self, key):
        raw = signed(MAIL, key).replace(b"Where", b"There")
        result = authenticate(raw=raw, resolver=zone(key))

        assert result.dkim == "fail"
        assert not result.is_authenticated

    def test_refuses_a_signature_that_leaves_the_end_open(self, key):
        raw = signed(MAIL, key, length=True) + b"Send money\r\n"

        assert not authenticate(raw=raw, resolver=zone(key)).is_authenticated

    def test_accepts_a_host_that_may_send_for_the_domain(self, key):
        peer = SmtpPeer(
            ip="192.0.2.7", helo="mx.my-shop.example", mail_from="x@my-shop.example"
        )
        result = authenticate(raw=MAIL, peer=peer, resolver=zone(key))

        assert result.spf == "pass"
        assert result.is_authenticated

    def test_refuses_another_host(self, key):
        peer = SmtpPeer(
            ip="192.0.2.8", helo="mx.my-shop.example", mail_from="x@my-shop.example"
        )
        result = authenticate(raw=MAIL, peer=peer, resolver=zone(key))

        assert result.spf == "fail"
        assert not result.is_authenticated

    def test_refuses_a_host_that_may_send_for_its_own_domain_only(self, key):
        peer = SmtpPeer(
            ip="192.0.2.66", helo="evil.example", mail_from="x@evil.example"
        )
        result = authenticate(raw=MAIL, peer=peer, resolver=zone(key))

        assert result.spf == "pass"
        assert not result.is_authenticated

    def test_keeps_to_a_strict_policy(self, key):
        policy = {("_dmarc.my-shop.example", "TXT"): [b"v=DMARC1; p=none; aspf=s"]}
        policy[("mail.my-shop.example", "TXT")] = [b"v=spf1 ip4:192.0.2.9 -all"]
        peer = SmtpPeer(ip="192.0.2.9", helo="x", mail_from="x@mail.my-shop.example")

        result = authenticate(raw=MAIL, peer=peer, resolver=zone(key, records=policy))

        assert (result.spf, result.dmarc) == ("pass", "fail")

    def test_does_not_authenticate_while_name_servers_are_silent(self, key):
        silent = {
            ("_dmarc.my-shop.example", "TXT"): LookupFailed("x"),
            ("key._domainkey.my-shop.example", "TXT"): LookupFailed("x"),
        }
        result = authenticate(raw=signed(MAIL, key), resolver=zone(key, records=silent))

        assert (result.dkim, result.dmarc) == ("temperror", "temperror")
        assert not result.is_authenticated

    @pytest.mark.parametrize(
        "header",
        [
            b"DKIM-Signature: v=1",
            b"DKIM-Signature: =;=;=",
            b"DKIM-Signature: v=1; a=rsa-sha256; b=x; bh=x; d=x; h=from; s=x; l=y",
            b"ARC-Seal: i=1; cv=none",
        ],
    )
    def test_survives_broken_signatures(self, key, header):
        result = authenticate(
            raw=header + b"\r\n" + MAIL,
            trusted_servers=["mx.desk.example"],
            resolver=zone(key),
        )

        assert not result.is_authenticated


class TestSealedResults:
    def sealed(self, key, by=b"forwarder.example", stated="dkim=pass"):
        changed = MAIL.replace(b"My parcel", b"[list] My parcel")
        raw = (
            f"Authentication-Results: {by.decode()}; {stated}"
            " header.d=my-shop.example\r\n"
        ).encode() + changed
        headers = dkim.arc_sign(raw, b"key", by, private_pem(key), by)
        return b"".join(headers) + raw

    def records(self, key):
        name = ("key._domainkey.forwarder.example", "TXT")
        return zone(key, records={name: [key_record(key)]})

    def test_of_a_trusted_forwarder_are_believed(self, key):
        result = authenticate(
            raw=self.sealed(key),
            trusted_servers=["forwarder.example"],
            resolver=self.records(key),
        )

        assert result.is_authenticated

    def test_of_a_stranger_are_not(self, key):
        result = authenticate(
            raw=self.sealed(key),
            trusted_servers=["mx.desk.example"],
            resolver=self.records(key),
        )

        assert not result.is_authenticated

    def test_of_a_forged_seal_are_not(self, key):
        raw = self.sealed(key).split(b"Authentication-Results: forwarder", 1)
        broken = raw[0].replace(b"my-shop", b"me-shop") + b"X: " + raw[1]

        result = authenticate(
            raw=broken,
            trusted_servers=["forwarder.example"],
            resolver=self.records(key),
        )

        assert not result.is_authenticated
