"""Delivery reports: which message did not arrive, for whom, and why."""

from channels_ingest.adapters.email.bounces.bounce import Bounce, BouncedRecipient
from channels_ingest.adapters.email.bounces.reading import read_bounce

__all__ = ["Bounce", "BouncedRecipient", "read_bounce"]
