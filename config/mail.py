"""Mail, from three variables: by which server, from whom, and who is told what the product finds out by itself."""

import os
from collections.abc import Mapping
from typing import Any

import dj_email_url

#: What the variable may begin with; the right ones are other packages' words for the same.
_SAME = {"smtp+tls": "submission", "consolemail": "console", "filemail": "file"}
_KNOWN = ("submission", "smtp", "console", "file", *_SAME)
#: A mail server that does not answer holds nobody up for longer, in seconds.
_PATIENCE = 15
_NOT_SET = "core.mails.NotSet"
#: A server that sends takes few mails from nobody.
_NOBODY = "fleet-ledger@localhost"


def read_server(address: str) -> dict[str, Any]:
    """Return what an address says of the server, by the names of Django's settings.

    A wrong one ends this process with one sentence, in which no password stands.
    """
    if not address:
        return {"EMAIL_BACKEND": _NOT_SET}
    scheme, _, rest = address.partition("://")
    if scheme not in _KNOWN:
        raise SystemExit(
            "EMAIL_URL begins with submission://, smtp://, console:// or file://, so nothing was started. "
            "Examples are in docs/people.md."
        )
    try:
        found: dict[str, Any] = dj_email_url.parse(f"{_SAME.get(scheme, scheme)}://{rest}")
    except ValueError:
        raise SystemExit("EMAIL_URL has a port or a timeout that is no number, so nothing was started.") from None
    if scheme in ("submission", "smtp+tls") and not found["EMAIL_HOST"]:
        raise SystemExit("EMAIL_URL names no server, so nothing was started.")
    return found | {
        # Its own mark of "not said" is None.
        "EMAIL_HOST": found["EMAIL_HOST"] or "localhost",
        "EMAIL_PORT": found["EMAIL_PORT"] or 25,
        "EMAIL_HOST_USER": found["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": found["EMAIL_HOST_PASSWORD"] or "",
        "EMAIL_TIMEOUT": found["EMAIL_TIMEOUT"] or _PATIENCE,
        # Where mails are laid down instead, to be looked at: file:///tmp/mails
        "EMAIL_FILE_PATH": f"/{found['EMAIL_FILE_PATH']}",
    }


def read_admins(text: str) -> list[tuple[str, str]]:
    """Return the addresses, separated by commas or blanks, as Django has its ADMINS: each with a name."""
    addresses = text.replace(",", " ").split()
    wrong = [address for address in addresses if not all(address.partition("@"))]
    if wrong:
        raise SystemExit(f"ADMIN_EMAILS has {wrong[0]!r}, which is no address, so nothing was started.")
    return [(address.partition("@")[0], address) for address in addresses]


def read_mail(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return all settings of mail, by Django's names, and ``MAIL_IS_SET``: whether anything can be mailed."""
    server = read_server(environment.get("EMAIL_URL", ""))
    sender = environment.get("DEFAULT_FROM_EMAIL") or _NOBODY
    return {
        "MAIL_IS_SET": server["EMAIL_BACKEND"] != _NOT_SET,
        "DEFAULT_FROM_EMAIL": sender,
        "SERVER_EMAIL": sender,
        "EMAIL_SUBJECT_PREFIX": "[Fleet ledger] ",
        #: Who is told what the audits found.
        "ADMINS": read_admins(environment.get("ADMIN_EMAILS", "")),
        #: For how long a link to a new password is good.
        "PASSWORD_RESET_TIMEOUT": 3600,  # nosec B105  # seconds
        **server,
    }


MAIL_SETTINGS = read_mail(os.environ)
