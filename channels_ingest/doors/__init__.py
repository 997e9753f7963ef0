"""The doors mail comes in by: our own SMTP and LMTP server, and mailboxes elsewhere."""
