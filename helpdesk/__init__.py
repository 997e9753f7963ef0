"""The project, and every app that is not inbox, customers or channels_ingest."""
