"""A message sent to an address that somebody typed: only into the open internet, and never for long.

The name is looked up once, each address it has is looked at, and the connection is made to such an address: so a name
that answers otherwise the next moment leads nowhere else. No redirect is followed, no proxy is asked.
"""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

#: Seconds for a connection and for each answer of the network; and for all of it.
TIMEOUT = 5.0
DEADLINE = 10.0
#: Of the answer, so many bytes are read.
MAX_ANSWER = 4096
MAX_URL = 500
#: IPv6 addresses that lead to the IPv4 address in their last four bytes, by a translator (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


class TargetRefused(Exception):
    """Nothing is sent there, as the sentence says."""


class TargetFailed(Exception):
    """It could not be reached, or did not answer in time, as the sentence says."""


@dataclass(frozen=True, slots=True)
class TargetAnswer:
    status: int
    text: str

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300


def check_url(url: str, *, allow_private: bool) -> SplitResult:
    """Return the parts of an address to which messages may be sent, as far as its writing tells.

    :raises TargetRefused: it is none, or one that is refused
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise TargetRefused(f"An address has at most {MAX_URL} plain characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetRefused("This is no address.") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise TargetRefused("An address begins with https://.")
    if not parts.hostname or port == 0 or parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetRefused("An address names a host, and neither a user nor a fragment.")
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return parts
    if not allow_private and not is_public(literal):
        raise TargetRefused(f"{parts.hostname} is not an address of the open internet.")
    return parts


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the open internet: not private, loopback, link-local, shared, reserved or multicast."""
    if isinstance(address, IPv6Address):
        # What leads on through somebody's tunnel is nowhere that is known.
        if address.scope_id or address.is_site_local or address.sixtofour or address.teredo:
            return False
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def post(url: str, *, body: bytes, headers: dict[str, str], allow_private: bool = False) -> TargetAnswer:
    """Send a message by POST and return the answer, with the beginning of its text.

    :raises TargetRefused: the address is none to which messages are sent
    :raises TargetFailed: it could not be reached, or did not answer in time
    """
    parts = check_url(url, allow_private=allow_private)
    host, is_secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    connection = _Connection(host, port, _resolve(host, port, allow_private=allow_private), is_secure=is_secure)
    # A socket's own time-out begins anew with each byte; this one does not.
    watch = threading.Timer(DEADLINE, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read(MAX_ANSWER).decode(errors="replace").replace("\0", "\ufffd")
        return TargetAnswer(answer.status, text)
    except TimeoutError:
        raise TargetFailed("It did not answer in time.") from None
    except ssl.SSLError as error:
        raise TargetFailed(f"No secure connection: {error.reason or error}.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        if connection.is_cut:
            raise TargetFailed("It did not answer in time.") from None
        raise TargetFailed(f"No answer: {type(error).__name__} {error}"[:300]) from None
    finally:
        watch.cancel()
        connection.close()


def _resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the addresses of a host, of which none may be private."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TargetFailed(f"There is no host {host}.") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for address in addresses:
        if not allow_private and not is_public(ip_address(address)):
            raise TargetRefused(f"{host} is at {address}, which is not an address of the open internet.")
    return addresses


class _Connection(http.client.HTTPConnection):
    """A connection to one of these addresses, whatever the name would lead to by now."""

    def __init__(self, host: str, port: int, addresses: list[str], *, is_secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT)
        self.default_port = 443 if is_secure else 80  # so that the Host header names no port that goes without saying
        self._addresses = addresses
        self._is_secure = is_secure
        self.is_cut = False

    def connect(self) -> None:
        self.sock = self._reach()
        if self.is_cut:
            raise TimeoutError
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
            if self.is_cut:  # meanwhile, when there was nothing to cut yet
                raise TimeoutError

    def _reach(self) -> socket.socket:
        failure: OSError = TimeoutError()
        for address in self._addresses[:2]:
            try:
                return socket.create_connection((address, self.port), timeout=TIMEOUT)
            except OSError as error:
                failure = error
        raise failure

    def cut(self) -> None:
        """End whatever it waits for."""
        self.is_cut = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return
