import pytest

from channels_ingest.adapters.email.sender_checks import (
    DnsResolver,
    LookupFailed,
    is_aligned,
    organizational_domain,
)


class TestOrganizationalDomain:
    @pytest.mark.parametrize(
        ("domain", "registered"),
        [
            ("mail.shop.example.co.uk", "example.co.uk"),
            ("a.b.my-shop.com", "my-shop.com"),
            ("shop.com", "shop.com"),
            ("co.uk", "co.uk"),
            ("mail.shop.newly-invented", "shop.newly-invented"),
            ("", ""),
        ],
    )
    def test_is_what_somebody_registers(self, domain, registered):
        assert organizational_domain(domain) == registered


class TestIsAligned:
    def test_takes_subdomains_unless_the_owner_forbids_it(self):
        assert is_aligned("mail.shop.com", "shop.com", strict=False)
        assert not is_aligned("mail.shop.com", "shop.com", strict=True)

    def test_tells_neighbors_under_a_public_suffix_apart(self):
        assert not is_aligned("a.co.uk", "b.co.uk", strict=False)
        assert not is_aligned("my-bank.com", "my-shop.com", strict=False)
        assert not is_aligned("a.newly-invented", "b.newly-invented", strict=False)

    def test_is_never_true_of_nobody(self):
        assert not is_aligned("", "", strict=False)


class TestDnsResolver:
    def test_stops_asking_when_its_time_is_used_up(self):
        resolver = DnsResolver(budget=-1)

        with pytest.raises(LookupFailed):
            resolver.records("shop.example", "TXT")
