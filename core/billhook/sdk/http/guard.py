"""Where requests may go: to public addresses, and to networks that the operator named.

The text of an address is read by one strict grammar, its host is resolved once,
every network address that comes back is checked, and the connection is made to
one of those: what a name says a moment later does not count.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal, cast

from billhook import limits
from billhook.errors import BillhookError
from billhook.i18n import gettext as _

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Scheme = Literal["http", "https"]
Resolve = Callable[[str, int], Sequence[str]]

PORTS: dict[str, int] = {"http": 80, "https": 443}

# Own services of machines, which no webhook of anybody's listens beside: IANA's names of them.
_TAKEN_PORTS = frozenset(
    {1433, 1521, 1719, 1720, 1723, 2049, 2375, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432}
    | {5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042, 10080, 11211, 27017}
)

# IANA, special-purpose registries: what is not reachable over the internet, or relays.
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # of providers, behind their NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # with Teredo, which carries an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries one, too
        "3fff::/20",
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[^\s\x00-\x20\x7f/?#@\\:\[\]%]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[!\x22$-~]*|\?[!\x22$-~]*)?)",  # ASCII without spaces and “#”
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class OutboundError(BillhookError):
    """A request to somebody else was not answered."""

    code = "http.failed"


class UrlInvalid(OutboundError):
    """The text is no address that a request can go to."""

    code = "http.url_invalid"


class AddressRefused(OutboundError):
    """The host lies where requests must not go."""

    code = "http.address_refused"


class HostUnknown(OutboundError):
    """No name server knows the host, or none answered."""

    code = "http.host_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address that was read: where to, and what for."""

    scheme: Scheme
    host: str
    """In lower case and ASCII, without a dot at the end or brackets."""
    port: int
    target: str
    """Path and query as they are sent."""

    @property
    def origin(self) -> str:
        """Return what stands in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Which addresses requests may go to."""

    networks: tuple[Network, ...] = ()
    """Of the operator's own: allowed although private, and without TLS."""

    def admit(self, place: Place, addresses: Sequence[str]) -> tuple[Address, ...]:
        """Return the addresses of a host, all of which must be allowed. Raises AddressRefused."""
        found = tuple(_plain(text) for text in addresses)
        if not found:
            raise HostUnknown(unknown(place.host))
        for address in found:
            if self._is_own(address):
                continue
            if not is_public(address):
                raise AddressRefused(
                    _(
                        "“%(host)s” is at %(address)s, a private or reserved address. Use one that "
                        "the internet can reach, or ask the operator to allow its network in "
                        "BILLHOOK_OUTBOUND_NETWORKS.",
                        host=place.host,
                        address=str(address),
                    )
                )
            if place.scheme != "https":
                raise AddressRefused(
                    _(
                        "“%(host)s” would be told everything in clear. Use an address that begins "
                        "with https://",
                        host=place.host,
                    )
                )
        return found

    def check(self, url: str, *, resolve: Resolve | None = None) -> Place:
        """Read an address and look up where it leads, once; a name that nobody knows yet may pass.

        Waits for name servers: outside transactions. Raises UrlInvalid, AddressRefused.
        """
        place = read_url(url)
        try:
            self.admit(place, (resolve or lookup)(place.host, place.port))
        except HostUnknown:
            return place
        return place

    def _is_own(self, address: Address) -> bool:
        return any(
            address in network for network in self.networks if network.version == address.version
        )


def read_url(url: str) -> Place:
    """Read the text of an address, in one of its spellings only. Raises UrlInvalid."""
    found = _URL.fullmatch(url) if len(url) <= limits.URL else None
    if found is None:
        raise UrlInvalid(
            _(
                "This is not an address that can be called. Write it like "
                "https://example.com/billhook, without user, password and “#”, in ASCII from the "
                "first slash on."
            )
        )
    scheme = cast(Scheme, found["scheme"].lower())
    port = int(found["port"] or PORTS[scheme])
    if not _is_sane(port):
        raise UrlInvalid(
            _("Nothing is sent to port %(port)s. Use 443, or one above 1023.", port=port)
        )
    target = found["target"]
    return Place(
        scheme=scheme,
        host=_host(found["host"]),
        port=port,
        target=target if target.startswith("/") else "/" + target,
    )


def lookup(host: str, port: int) -> list[str]:
    """Ask the system where a host is, however long that takes. Raises HostUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnknown(unknown(host)) from None
    return list(dict.fromkeys(str(address[0]) for *_kind, address in found))


def is_public(address: Address) -> bool:
    """Tell whether an address is reachable over the internet, and is what it seems."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
        if address not in _PUBLIC_IPV6:
            return False
    return not any(
        address in network for network in _REFUSED if network.version == address.version
    )


def _plain(text: str) -> Address:
    """Read an address; one of IPv4 in the clothes of IPv6 is the former."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_sane(port: int) -> bool:
    is_usual = port in PORTS.values() or 1023 < port < 65536
    return is_usual and port not in _TAKEN_PORTS


def _host(text: str) -> str:
    """Raises UrlInvalid for what is neither a name nor the usual spelling of an address."""
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        name = (text.lower() if text.isascii() else _ascii(text)).removesuffix(".")
        labels = name.split(".")
        if labels[-1].isdigit() or labels[-1].startswith("0x"):
            return str(IPv4Address(name))  # 127.1, 0177.0.0.1 and 2130706433 are none
        if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            raise ValueError
    except (ValueError, UnicodeError):
        raise UrlInvalid(
            _("“%(host)s” is not the name of a host. Write it like example.com.", host=text[:80])
        ) from None
    return name


def _ascii(name: str) -> str:
    """Write a name of any script as name servers know it (UTS 46, IDNA 2008)."""
    import idna  # its tables take their time, and few names need them

    return idna.encode(name, uts46=True).decode()


def unknown(host: str) -> str:
    """Say that a host is not found."""
    return _("No name server knows “%(host)s”. Look for a slip of the pen in it.", host=host)
