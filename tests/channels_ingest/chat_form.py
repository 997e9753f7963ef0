"""What an admin's browser sends when they set up a chat."""

from django.urls import reverse

from tests.factories import BrandFactory


def rows(name, *entries):
    """What a browser sends for rows of small forms."""
    sent = {
        f"{name}-TOTAL_FORMS": str(len(entries)),
        f"{name}-INITIAL_FORMS": "0",
        f"{name}-MIN_NUM_FORMS": "0",
        f"{name}-MAX_NUM_FORMS": "1000",
    }
    for number, entry in enumerate(entries):
        sent |= {f"{name}-{number}-{key}": value for key, value in entry.items()}
    return sent


def filled(**changes):
    return {
        "name": "Shop chat",
        "is_active": "on",
        "undo_seconds": "0",
        "unanswered_seconds": "60",
        "form_for": "nobody",
        "time_zone": "Europe/London",
        "by_mail_is_on": "on",
        "by_mail_minutes": "5",
        "by_mail_gap_minutes": "10",
        "by_mail_most_messages": "10",
        "file_megabytes": "10",
        "visitors_may_start": "on",
        "visitors_may_reply_to_closed": "on",
        "known_may_start": "on",
        "known_may_reply_to_closed": "on",
        "known_may_have_several": "on",
        "tracks_visits": "on",
        "asks_rating": "on",
        "domains": "shop.example\n*.shop.example",
        "color": "#0f766e",
        "position": "end",
        "radius": "18",
        "scheme": "auto",
        **rows("greeting"),
        **rows("form_fields"),
        **rows("invitations"),
        **changes,
    }


def save(client, channel=None, *, kind="webchat", **changes):
    changes.setdefault("brand", (channel.brand if channel else BrandFactory()).pk)
    url = (
        reverse("admin:inbox_channel_change", args=[channel.pk])
        if channel
        else f"{reverse('admin:inbox_channel_add')}?kind={kind}"
    )
    return client.post(url, filled(**changes))


def problems(answer):
    assert answer.status_code == 200, "it was saved"
    return answer.context["adminform"].form.errors
