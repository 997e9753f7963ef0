"""Ending what somebody is signed in with."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def end_sessions(*, agent_id: int) -> int:
    """Sign an agent out everywhere, for good; return how many sessions there were."""
    theirs = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(agent_id)
    ]
    deleted, _ = Session.objects.filter(pk__in=theirs).delete()
    return deleted
