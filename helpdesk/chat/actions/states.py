"""What the state of a chat learns when something was written in it.

Both run in the transaction that writes, with the conversation locked: nobody is told
of words that the state of their chat does not know of. Every chat message pays for
this, so each asks as little as it can.
"""

from typing import Final, NamedTuple

from django.db import connection, transaction

from customers.models import IdentityKind
from helpdesk.chat.actions.claiming import pass_on_claims
from helpdesk.chat.events import SeenByAgent, WrittenByForgotten
from helpdesk.chat.models import Visitor
from helpdesk.core.events import emit
from helpdesk.core.planned import PlannedStatement
from inbox.models import Direction, Kind

_VISITOR_OF: Final = """
visitor.public_id = CASE WHEN item.external_id ~ '^[0-9a-f-]{36}:'
    THEN split_part(item.external_id, ':', 1)::uuid END
"""
# Whoever deletes their data locks the visitor: one of both sees what the other did.
_WRITTEN: Final = PlannedStatement.named(
    f"""
WITH writer AS (
    SELECT visitor.id, item.conversation_id, item.received_at,
        visitor.token_hash = '' AS is_forgotten,
        NOT visitor.is_proven AND (
            visitor.claimed_name <> ''
                AND visitor.claimed_name IS DISTINCT FROM conversation.claims ->> 'name'
            OR visitor.claimed_email <> '' AND lower(visitor.claimed_email)
                IS DISTINCT FROM conversation.claims ->> 'email') AS has_claims
    FROM inbox_timelineitem AS item
    JOIN inbox_conversation AS conversation ON conversation.id = item.conversation_id
    JOIN chat_visitor AS visitor ON {_VISITOR_OF}
    WHERE item.id = %(item)s
    FOR KEY SHARE OF visitor
), written AS (
    INSERT INTO chat_chatstate AS state (
        conversation_id, visitor_id, visitor_delivered_seq, visitor_seen_seq,
        agent_seen_seq, continued_seq, rating_comment)
    SELECT conversation_id, id, 0, 0, 0, 0, '' FROM writer
    ON CONFLICT (conversation_id) DO UPDATE SET
        visitor_id = excluded.visitor_id,
        ended_at = CASE WHEN state.ended_at >= (SELECT received_at FROM writer)
            THEN state.ended_at END
)
SELECT id, conversation_id, is_forgotten, has_claims FROM writer
""",  # noqa: S608 - a condition of ours
    item=int,
)
_ANSWERED: Final = PlannedStatement.named(
    """
WITH answer AS (
    SELECT conversation_id, seq, received_at, agent_id IS NOT NULL AS is_read
    FROM inbox_timelineitem WHERE id = %(item)s
), before AS (
    SELECT agent_seen_seq FROM chat_chatstate
    WHERE conversation_id = (SELECT conversation_id FROM answer)
)
INSERT INTO chat_chatstate AS state (
    conversation_id, visitor_delivered_seq, visitor_seen_seq, agent_seen_seq,
    agent_seen_at, unseen_since, continued_seq, rating_comment)
SELECT conversation_id, 0, 0, CASE WHEN is_read THEN seq ELSE 0 END,
    CASE WHEN is_read THEN received_at END, received_at, 0, ''
FROM answer
ON CONFLICT (conversation_id) DO UPDATE SET
    agent_seen_seq = greatest(state.agent_seen_seq, excluded.agent_seen_seq),
    agent_seen_at = CASE WHEN excluded.agent_seen_seq > state.agent_seen_seq
        THEN excluded.agent_seen_at ELSE state.agent_seen_at END,
    unseen_since = CASE
        WHEN (SELECT seq FROM answer)
            <= greatest(state.visitor_seen_seq, state.continued_seq)
        THEN state.unseen_since
        ELSE least(state.unseen_since, excluded.unseen_since) END
RETURNING conversation_id, agent_seen_seq,
    agent_seen_seq > coalesce((SELECT agent_seen_seq FROM before), 0), visitor_id
""",
    item=int,
)
_LAST_WRITER: Final = f"""
UPDATE chat_chatstate AS state SET visitor_id = visitor.id
FROM inbox_timelineitem AS item
JOIN customers_identity AS identity ON identity.id = item.identity_id
JOIN chat_visitor AS visitor ON {_VISITOR_OF}
WHERE state.conversation_id = %(conversation)s AND item.id = (
    SELECT written.id FROM inbox_timelineitem AS written
    JOIN customers_identity AS writer ON writer.id = written.identity_id
    WHERE written.conversation_id = %(conversation)s AND written.kind = %(kind)s
        AND written.direction = %(direction)s AND writer.kind = %(handle)s
    ORDER BY written.seq DESC LIMIT 1)
"""  # noqa: S608 - a condition of ours


class _Writer(NamedTuple):
    visitor_id: int
    conversation_id: int
    is_forgotten: bool
    has_claims: bool


class _Answered(NamedTuple):
    conversation_id: int
    agent_seen_seq: int
    is_news: bool
    visitor_id: int | None


@transaction.atomic(savepoint=False)
def note_written(*, item_id: int) -> None:
    """Note who wrote last, and that the chat goes on if it had ended.

    Announces `WrittenByForgotten` if they have deleted their data meanwhile.
    """
    with connection.cursor() as cursor:
        _WRITTEN.run(cursor, item=item_id)
        row = cursor.fetchone()
    if row is None:
        return
    writer = _Writer(*row)
    if writer.has_claims:
        visitor = Visitor.objects.get(pk=writer.visitor_id)
        pass_on_claims(visitor=visitor, conversation_id=writer.conversation_id)
    if writer.is_forgotten:
        emit(WrittenByForgotten(item_id=item_id))


@transaction.atomic(savepoint=False)
def note_answered(*, item_id: int) -> None:
    """Note that there is an answer to be seen, and that whoever wrote it has read."""
    with connection.cursor() as cursor:
        _ANSWERED.run(cursor, item=item_id)
        row = cursor.fetchone()
    if row is None:
        return
    answered = _Answered(*row)
    if answered.visitor_id is None:
        _note_last_writer(answered.conversation_id)
    if answered.is_news:
        emit(
            SeenByAgent(
                conversation_id=answered.conversation_id,
                seq=answered.agent_seen_seq,
                is_answer=True,
            )
        )


def _note_last_writer(conversation_id: int) -> None:
    """Find whose chat it is, where nothing was noted of what they wrote."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_WRITER,
            {
                "conversation": conversation_id,
                "kind": Kind.MESSAGE,
                "direction": Direction.INBOUND,
                "handle": IdentityKind.CHAT,
            },
        )
