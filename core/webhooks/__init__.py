"""Webhooks on the wire: how a message is signed, and how it is sent to an address that may be hostile."""
