"""What the public DNS says of a name: a port, which tests stand in for."""

from typing import Protocol

import dns.exception
import dns.resolver
from dns.rdatatype import RdataType

from billhook.errors import Retryable
from billhook.i18n import gettext as _

WAIT_SECONDS = 5
MOST_RECORDS = 50


class Resolver(Protocol):
    """Answers what is asked of the DNS."""

    def texts(self, name: str) -> list[str]:
        """Return the texts of a name's TXT records. Raises DnsSilent."""

    def aliases(self, name: str) -> list[str]:
        """Return the names that a name's CNAME record leads to. Raises DnsSilent."""


class DnsSilent(Retryable):
    """No name server answered."""

    code = "dns.silent"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("The DNS did not answer for %(name)s. Try again in a few minutes.", name=name)
        )


class DnsResolver:
    """Asks the machine's name servers, or others."""

    def __init__(self, *, servers: tuple[str, ...] = (), port: int = 53) -> None:
        self._servers, self._port = servers, port

    def texts(self, name: str) -> list[str]:
        """Return the texts of a name's TXT records, each in one piece. Raises DnsSilent."""
        return sorted(
            b"".join(record.strings).decode("utf-8", "replace")
            for record in self._asked(name, RdataType.TXT)
        )

    def aliases(self, name: str) -> list[str]:
        """Return the names that a name's CNAME record leads to. Raises DnsSilent."""
        return [
            record.target.to_text(omit_final_dot=True).lower()
            for record in self._asked(name, RdataType.CNAME)
        ]

    def _asked(self, name: str, kind: RdataType) -> list:  # type: ignore[type-arg]
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers, resolver.port = list(self._servers), self._port
        try:
            answer = resolver.resolve(name, kind, lifetime=WAIT_SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise DnsSilent(name) from error
        return list(answer)[:MOST_RECORDS]
