import pytest

from inbox.filters import BadFilter, ListFilter, Sort, filter_from

NONSENSE = [
    {"customer__identities__value__startswith": "a"},
    {"assignee__password__startswith": "a"},
    {"sort": "channel__config"},
    {"sort": "-id"},
    {"tag": "1 OR 1=1"},
    {"tag": "-1"},
    {"tag": "99999999999999999999"},
    {"team": "²"},
    {"team__name": "x"},
    {"channel": "1;"},
    {"assignee": "nobody"},
    {"unread": "yes"},
    {"order_by": "id"},
    {"": "x"},
]


class TestFilterFrom:
    def test_reads_every_name_it_knows(self):
        found = filter_from(
            {
                "sort": "due",
                "unread": "1",
                "tag": "3",
                "team": "4",
                "channel": "5",
                "assignee": "me",
            }
        )

        assert found == ListFilter(
            sort=Sort.DUE,
            is_unread_only=True,
            tag_id=3,
            team_id=4,
            channel_id=5,
            assignee="me",
        )

    @pytest.mark.parametrize("parameters", NONSENSE, ids=str)
    def test_refuses_everything_else(self, parameters):
        with pytest.raises(BadFilter):
            filter_from(parameters)

    def test_reads_back_what_it_wrote(self):
        narrowed = ListFilter(sort=Sort.WAITING, tag_id=9, assignee="none")
        parameters = dict(part.split("=") for part in narrowed.query().split("&"))

        assert filter_from(parameters) == narrowed
