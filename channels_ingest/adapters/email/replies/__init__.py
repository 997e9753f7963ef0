"""Split a mail body into the reply, the quoted history and the signature."""

from channels_ingest.adapters.email.replies.choice import reply_of
from channels_ingest.adapters.email.replies.html import SplitHtml, split_html
from channels_ingest.adapters.email.replies.text import SplitBody, split_text

__all__ = ["SplitBody", "SplitHtml", "reply_of", "split_html", "split_text"]
