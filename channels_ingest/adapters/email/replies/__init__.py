"""Split a mail body into the reply, the quoted history and the signature."""

from channels_ingest.adapters.email.replies.text import SplitBody, split_text

__all__ = ["SplitBody", "split_text"]
