"""What keeps a request from being answered."""


class RequestFailed(Exception):
    """There is no answer. `was_sent` says whether the request may have arrived."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class RequestTimedOut(RequestFailed):
    """The other side did not finish in time."""


class ResponseTooLarge(RequestFailed):
    """The answer is longer than the caller can use."""
