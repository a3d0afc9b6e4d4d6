"""What can go wrong with the embedded servers."""


class EmbeddedServerError(RuntimeError):
    """An embedded server did not start; the message says why, or quotes its log."""
