import pytest

from customers.mailboxes import belongs_to_one_person, mailbox_of


class TestMailboxOf:
    @pytest.mark.parametrize(
        ("address", "mailbox"),
        [
            ("Maya@Fjord.example", "maya@fjord.example"),
            ("maya+shop@fjord.example", "maya@fjord.example"),
            ("maya.rivera@fjord.example", "maya.rivera@fjord.example"),
            ("maya.rivera+x@googlemail.com", "mayarivera@gmail.com"),
            ("maya_rivera@pm.me", "mayarivera@proton.me"),
            ("maya.rivera+x@outlook.com", "maya.rivera@outlook.com"),
        ],
    )
    def test_is_where_the_address_is_delivered(self, address, mailbox):
        assert mailbox_of(address) == mailbox

    @pytest.mark.parametrize(
        "address", ["", "maya", "@fjord.example", "+x@fjord.example", "...@gmail.com"]
    )
    def test_is_empty_for_what_is_no_address(self, address):
        assert mailbox_of(address) == ""


class TestBelongsToOnePerson:
    @pytest.mark.parametrize(
        ("mailbox", "vouched"),
        [("maya@gmail.com", True), ("maya@fjord.example", False), ("", False)],
    )
    def test_where_the_provider_says_so(self, mailbox, vouched):
        assert belongs_to_one_person(mailbox) is vouched
