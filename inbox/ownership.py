"""Which of our columns follow a customer through merges and splits."""

from customers.ownership import declare_owned_column


def declare() -> None:
    declare_owned_column(
        model_label="inbox.Conversation",
        column="customer_id",
        identity_path="identity",
    )
    declare_owned_column(
        model_label="inbox.TimelineItem",
        column="customer_id",
        identity_path="conversation__identity",
    )
