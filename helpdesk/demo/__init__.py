"""The sample desk: a story to begin with, visitors who write, and their side of it."""
