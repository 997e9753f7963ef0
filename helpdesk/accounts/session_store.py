"""Sessions as Django keeps them in the database, found by a prepared query."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from helpdesk.core.prepared import Prepared

_find = Prepared(
    lambda *, key, now: Session.objects.filter(session_key=key, expire_date__gt=now)
)


class SessionStore(DatabaseStore):
    """Every page begins by reading one."""

    def _get_session_from_db(self) -> Session | None:
        found = _find(key=self.session_key or "", now=timezone.now())
        if not found:
            self._session_key = None
            return None
        return found[0]
