"""What proves who a visitor is, and everything that does not."""

import base64
import hashlib
import hmac
import json
import string
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.chat.identity import (
    IdentityExpired,
    IdentityInvalid,
    IdentityMissing,
    IdentityRefused,
    canonical_text,
    hmac_of,
    read_identity,
)

SECRET = "the-first-secret-of-this-channel"
OLDER = "the-second-secret-of-this-channel"
FOREIGN = "a-secret-of-quite-another-channel"
KEY = "chat-7f3k2m9q"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = int((NOW + timedelta(minutes=5)).timestamp())


def read(given, *, secrets=(SECRET, OLDER), key=KEY, now=NOW):
    return read_identity(given, secrets=secrets, channel_key=key, now=now)


def token(secret=SECRET, algorithm="HS256", headers=None, **claims):
    said = {"sub": "42", "exp": SOON, **claims}
    payload = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(payload, secret, algorithm=algorithm, headers=headers)


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hand_made(header, payload, signature=b""):
    return f"{part(header)}.{part(payload)}.{part(signature)}"


def fields(secret=SECRET, key=KEY, **said):
    said = {"user_id": "42", "expires_at": SOON, **said}
    text = "\n".join(
        [
            "v1",
            key,
            str(said["user_id"]),
            said.get("name", ""),
            said.get("email", ""),
            str(said["expires_at"]),
        ]
    )
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"signature": made, **said}


class TestJwt:
    def test_says_who_it_is(self):
        identity = read(token(name=" Maya  Okafor ", email="Maya@People.Example"))

        assert identity.user_id == "42"
        assert identity.name == "Maya Okafor"
        assert identity.email == "maya@people.example"
        assert identity.expires_at == NOW + timedelta(minutes=5)

    def test_may_be_signed_with_any_secret_of_the_channel(self):
        assert read(token(OLDER)).user_id == "42"

    def test_may_name_the_channel_it_is_for(self):
        assert read(token(aud=KEY)).user_id == "42"
        assert read(token(aud=["chat-other", KEY])).user_id == "42"

    def test_may_hold_a_number_for_its_user(self):
        assert read(hand_signed({"sub": 42, "exp": SOON})).user_id == "42"

    @pytest.mark.parametrize(
        "claims",
        [
            {"sub": None},
            {"sub": ""},
            {"sub": "  "},
        ],
        ids=repr,
    )
    def test_without_a_user_is_missing(self, claims):
        with pytest.raises(IdentityMissing):
            read(token(**claims))

    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": None},
            {"exp": int((NOW + timedelta(hours=25)).timestamp())},
            {"exp": 10**18},
            {"aud": "chat-other"},
            {"aud": []},
            {"aud": {"a": 1}},
            {"nbf": SOON},
            {"email": "not an address"},
            {"name": "a\nb"},
            {"sub": "4\n2"},
            {"sub": "4" * 201},
        ],
        ids=repr,
    )
    def test_that_says_too_much_or_too_little_is_refused(self, claims):
        with pytest.raises(IdentityInvalid):
            read(token(**claims))

    @pytest.mark.parametrize(
        "payload",
        [
            [],
            "42",
            {"sub": "42", "exp": "soon"},
            {"sub": "42", "exp": True},
            {"sub": "42", "exp": float("inf")},
            {"sub": ["42"], "exp": SOON},
            {"sub": True, "exp": SOON},
            {"sub": "42", "exp": SOON, "email": ["a@b.example"]},
        ],
        ids=repr,
    )
    def test_with_claims_of_another_type_is_refused(self, payload):
        with pytest.raises(IdentityInvalid):
            read(hand_signed(payload))

    def test_holds_a_minute_longer_for_clocks_that_differ(self):
        almost = int((NOW - timedelta(seconds=59)).timestamp())
        over = int((NOW - timedelta(seconds=60)).timestamp())

        assert read(token(exp=almost)).user_id == "42"
        with pytest.raises(IdentityExpired):
            read(token(exp=over))

    @pytest.mark.parametrize(
        "secret", [FOREIGN, "", SECRET[:-1], SECRET.upper()], ids=repr
    )
    @pytest.mark.filterwarnings("ignore:The HMAC key")
    def test_signed_with_anything_else_is_refused(self, secret):
        with pytest.raises(IdentityInvalid):
            read(hand_signed({"sub": "42", "exp": SOON}, secret=secret))

    @pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
    def test_that_names_no_algorithm_is_refused(self, name):
        unsigned = hand_made({"alg": name}, {"sub": "42", "exp": SOON})

        with pytest.raises(IdentityInvalid):
            read(unsigned)
        with pytest.raises(IdentityInvalid):
            read(unsigned.rstrip("."))

    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    @pytest.mark.filterwarnings("ignore:The HMAC key")
    def test_of_another_algorithm_is_refused(self, algorithm):
        with pytest.raises(IdentityInvalid):
            read(token(algorithm=algorithm))

    @pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256", "EdDSA"])
    def test_that_takes_the_secret_for_a_public_key_is_refused(self, algorithm):
        head, payload = {"alg": algorithm}, {"sub": "42", "exp": SOON}
        signed = f"{part(head)}.{part(payload)}"
        mac = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()

        with pytest.raises(IdentityInvalid):
            read(f"{signed}.{part(mac)}")

    def test_that_brings_its_own_key_is_refused(self):
        key = {"kty": "oct", "k": part(FOREIGN.encode())}
        with pytest.raises(IdentityInvalid):
            read(token(FOREIGN, headers={"jwk": key, "kid": "../../dev/null"}))

    def test_that_is_huge_is_refused(self):
        with pytest.raises(IdentityInvalid):
            read(token(padding="x" * 5000))

    @pytest.mark.parametrize(
        "text", ["a", "a.b", "a.b.c", "..", "a.b.c.d", "\u2603.x.y"]
    )
    def test_that_is_none_is_refused(self, text):
        with pytest.raises(IdentityInvalid):
            read(text)

    def test_is_recognized_however_its_signature_is_spelled(self):
        signed = token()
        # The last letter of 32 bytes has two bits that mean nothing.
        letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
        last = letters[letters.index(signed[-1]) ^ 1]

        try:
            again = read(signed[:-1] + last).fingerprint
        except IdentityInvalid:
            again = "refused"

        assert last != signed[-1]
        assert again in {read(signed).fingerprint, "refused"}


class TestHmac:
    def test_says_who_it_is(self):
        identity = read(fields(name="Maya", email="Maya@People.example"))

        assert (identity.user_id, identity.name) == ("42", "Maya")
        assert identity.email == "maya@people.example"

    def test_may_hold_a_number_for_its_user(self):
        assert read(fields(user_id=42)).user_id == "42"

    def test_may_be_written_in_capitals(self):
        given = fields()
        assert read({**given, "signature": given["signature"].upper()}).user_id == "42"

    @pytest.mark.parametrize(
        "change",
        [
            {"user_id": "43"},
            {"user_id": "042"},
            {"name": "Mallory"},
            {"email": "mallory@evil.example"},
            {"email": None},
            {"expires_at": SOON + 1},
            {"signature": "0" * 64},
            {"signature": "z"},
            {"signature": 7},
            {"expires_at": str(SOON)},
            {"expires_at": float(SOON)},
            {"expires_at": True},
            {"user_id": True},
            {"user_id": {"a": 1}},
        ],
        ids=repr,
    )
    def test_holds_for_exactly_what_was_signed(self, change):
        with pytest.raises(IdentityInvalid):
            read({**fields(email="maya@people.example"), **change})

    @pytest.mark.parametrize(
        "given",
        [
            {"user_id": "42"},
            {**fields(), "signature": ""},
            {**fields(), "signature": "  "},
            {**fields(), "signature": None},
            {**fields(), "expires_at": None},
            fields(user_id=""),
            fields(user_id=" "),
        ],
        ids=range(7),
    )
    def test_that_leaves_blank_what_it_needs_is_missing(self, given):
        with pytest.raises(IdentityMissing):
            read(given)

    def test_of_another_channel_is_refused(self):
        with pytest.raises(IdentityInvalid):
            read(fields(key="chat-other"))

    def test_expires(self):
        gone = int((NOW - timedelta(minutes=2)).timestamp())
        with pytest.raises(IdentityExpired):
            read(fields(expires_at=gone))

    def test_holds_for_a_day_at_most(self):
        with pytest.raises(IdentityInvalid):
            read(fields(expires_at=SOON + 25 * 3600))

    def test_cannot_move_words_from_one_field_to_the_next(self):
        given = fields(name="Maya", email="maya@people.example")
        moved = {**given, "name": "Maya\nmaya@people.example", "email": ""}

        with pytest.raises(IdentityInvalid):
            read(moved)

    def test_has_a_text_that_is_written_down(self):
        text = canonical_text(
            channel_key=KEY,
            user_id="42",
            name="Maya Okafor",
            email="maya@people.example",
            expires_at=1_800_000_000,
        )

        assert text == (
            "v1\nchat-7f3k2m9q\n42\nMaya Okafor\nmaya@people.example\n1800000000"
        )
        assert hmac_of(text, secret=SECRET) == (
            hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        )


class TestNothing:
    @pytest.mark.parametrize("given", [None, "", "  ", {}], ids=repr)
    def test_is_missing(self, given):
        with pytest.raises(IdentityMissing):
            read(given)

    @pytest.mark.parametrize("given", [4, 4.5, True, False, [], [1], 0], ids=repr)
    def test_of_another_type_is_refused(self, given):
        with pytest.raises(IdentityRefused):
            read(given)

    @pytest.mark.parametrize("secrets", [(), ("",), ("short",)], ids=repr)
    @pytest.mark.filterwarnings("ignore:The HMAC key")
    def test_is_proven_to_a_channel_without_a_secret(self, secrets):
        payload = {"sub": "42", "exp": SOON}
        for secret in (*secrets, "", "short"):
            with pytest.raises(IdentityInvalid):
                read(hand_signed(payload, secret=secret), secrets=secrets)
            with pytest.raises(IdentityInvalid):
                read(fields(secret), secrets=secrets)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["user_id", "name", "email", "expires_at", "signature"]
                    )
                    | st.text(max_size=3),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=8,
        )
    )
    def test_made_up_ever_proves_anything(self, given):
        with pytest.raises(IdentityRefused):
            read(given)


def hand_signed(payload, secret=SECRET):
    """Return a well-signed JWT with a payload that no library would make."""
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(payload)}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(mac)}"


class TestName:
    @pytest.mark.parametrize("signed", [token, fields])
    def test_turns_nothing_around_it_the_other_way(self, signed):
        identity = read(signed(name="Maya \u202e(nimda)"))

        assert identity.name == "Maya (nimda)"
