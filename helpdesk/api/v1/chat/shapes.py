"""What clients send and get: read from here by views and by the API's description."""

from typing import Any, Final

from rest_framework import serializers

from helpdesk.api.v1.chat.storable import storable
from helpdesk.chat.actions.writing import MAX_TEXT

MOST_ANSWERS: Final = 40
LONGEST_SEQ: Final = 2**31 - 1


class Sent(serializers.Serializer[Any]):
    """Something that a client sends; half characters and the like are replaced."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(storable(data))


class AnswerSent(Sent):
    name = serializers.CharField(max_length=100)
    value = serializers.JSONField(
        allow_null=True, help_text="Text, a number, or true for a checkbox."
    )


class PageSent(Sent):
    title = serializers.CharField(
        max_length=5000, allow_blank=True, required=False, default=""
    )
    url = serializers.CharField(
        max_length=10_000, allow_blank=True, required=False, default=""
    )


class MessageSent(Sent):
    client_id = serializers.UUIDField(
        help_text="Made by the client, the same for every try: it is taken once."
    )
    conversation = serializers.UUIDField(
        required=False, allow_null=True, help_text="Its id; or else send `topic`."
    )
    topic = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Made by the client: messages with it go into one conversation.",
    )
    text = serializers.CharField(
        max_length=MAX_TEXT,
        allow_blank=True,
        required=False,
        default="",
        trim_whitespace=False,
    )
    form = AnswerSent(many=True, required=False, default=list)
    page = PageSent(required=False, allow_null=True)
    invitation = serializers.CharField(
        max_length=200, allow_blank=True, required=False, default=""
    )
    sent_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate_form(self, answers: list[Any]) -> list[Any]:
        if len(answers) > MOST_ANSWERS:
            raise serializers.ValidationError("too_many")
        return answers

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("conversation")) == bool(attrs.get("topic")):
            raise serializers.ValidationError(
                {"conversation": ["exactly_one_of_conversation_and_topic"]}
            )
        return attrs


class MultipartMessageSent(serializers.Serializer[Any]):
    """The same with files: the message as one part, each file as another."""

    message = serializers.JSONField(help_text="As the JSON variant.")
    files = serializers.ListField(child=serializers.FileField(), required=False)


class UpToSent(Sent):
    seq = serializers.IntegerField(min_value=0, max_value=10**18)


class TypingSent(Sent):
    on = serializers.BooleanField()


class RatingSent(Sent):
    score = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(
        max_length=5000, allow_blank=True, required=False, default=""
    )


class TranscriptSent(Sent):
    email = serializers.EmailField(
        max_length=320, required=False, allow_null=True, allow_blank=True
    )


class AgentShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    initials = serializers.CharField()
    color = serializers.IntegerField(help_text="0 to 11: the same for a person.")


class FileShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    type = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField(help_text="For this visitor alone; it expires.")
    is_image = serializers.BooleanField()


class AnswerShown(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class MessageShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    seq = serializers.IntegerField(help_text="Order within the conversation.")
    client_id = serializers.UUIDField(
        allow_null=True, help_text="Of what this client wrote itself."
    )
    by = serializers.ChoiceField(choices=["me", "agent", "desk"])
    agent = AgentShown(allow_null=True)
    text = serializers.CharField()
    html = serializers.CharField(help_text="Sanitised; only of what we wrote.")
    at = serializers.DateTimeField()
    files = FileShown(many=True)
    state = serializers.ChoiceField(choices=["sent", "delivered", "seen"])
    form = AnswerShown(many=True)
    invitation = serializers.CharField()


class ConversationShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    keys = serializers.ListField(
        child=serializers.CharField(), help_text="Topics this client began it with."
    )
    subject = serializers.CharField()
    status = serializers.ChoiceField(choices=["open", "closed"])
    agent = AgentShown(allow_null=True)
    preview = serializers.CharField()
    preview_by = serializers.ChoiceField(choices=["me", "agent"])
    unread = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    last_seq = serializers.IntegerField()
    seen_seq = serializers.IntegerField()
    agent_seen_seq = serializers.IntegerField()
    agent_seen_at = serializers.DateTimeField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)
    has_ended = serializers.BooleanField()


class ConversationsShown(serializers.Serializer[Any]):
    results = ConversationShown(many=True)
    next = serializers.CharField(allow_null=True, help_text="Send it as `before`.")


class MessagesShown(serializers.Serializer[Any]):
    results = MessageShown(many=True)
    has_more = serializers.BooleanField()
    conversation = ConversationShown()


class AcceptedShown(serializers.Serializer[Any]):
    client_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["accepted"])
    message = MessageShown(
        allow_null=True,
        help_text="As it stands in its conversation, if it is there already.",
    )
    after = serializers.IntegerField(
        allow_null=True,
        help_text="`seq` of the message before it: fetch, if you have not got that.",
    )


class NewsItemShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    last_seq = serializers.IntegerField()


class NewsShown(serializers.Serializer[Any]):
    conversations = NewsItemShown(many=True)
    at = serializers.DateTimeField(help_text="Send it as `since` the next time.")
