"""What a tenant says about its mail: the server, the sender, the archive, the mailbox of bounces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import ClassVar

from billhook.problems import Problem
from billhook.sdk.settings import Settings, secret, setting
from billhook_delivery_email.addresses import address_problem, is_domain
from billhook_delivery_email.texts import gettext
from billhook_delivery_email.texts import lazy_gettext as _

LARGEST_PORT = 65535
LONGEST_TIMEOUT = 60  # seconds; a dispatch has four minutes for all its steps
LARGEST_MAIL = 100  # megabytes


class Security(StrEnum):
    """How the link to the server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


SMTP_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
IMAP_PORTS = {Security.STARTTLS: 143, Security.TLS: 993, Security.NONE: 143}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEmailSettings(Settings):
    """How mail leaves, and where what comes back is read."""

    plugin: ClassVar[str] = "delivery_email"

    host: str = setting(
        "",
        label=_("Mail server"),
        hint=_("The SMTP server that takes mail of this company, such as smtp.example.com."),
    )
    port: int | None = setting(
        None,
        label=_("Port"),
        hint=_("Empty is 587 with starttls, 465 with tls, 25 without encryption."),
    )
    security: Security = setting(
        Security.STARTTLS,
        label=_("Encryption"),
        hint=_("starttls or tls; certificates are always checked. none only beside the server."),
    )
    user: str = setting("", label=_("User"), hint=_("Empty where the server asks for none."))
    password: str = secret(label=_("Password"))
    allows_plain_password: bool = setting(
        False,
        label=_("Send the password unencrypted"),
        hint=_("Lets anybody between here and the server read it."),
    )
    timeout: int = setting(
        30, label=_("Patience in seconds"), hint=_("How long one answer of a server may take.")
    )
    helo_name: str = setting(
        "", label=_("Own name"), hint=_("The host name by which we greet; empty is the machine's.")
    )
    from_email: str = setting(
        "",
        label=_("Sender's address"),
        hint=_("For brands that have none of their own: billing@example.com."),
    )
    from_name: str = setting("", label=_("Sender's name"))
    return_address: str = setting(
        "",
        label=_("Return address"),
        hint=_("Where bounces go: the address of the mailbox below. Empty is the sender's."),
    )
    archive: str = setting(
        "", label=_("Archive"), hint=_("An address that gets a blind copy of every mail.")
    )
    largest_mail: int = setting(
        20,
        label=_("Largest mail in megabytes"),
        hint=_("With all attachments, which grow by a third on their way."),
    )
    bounce_host: str = setting(
        "",
        label=_("Server of the mailbox for bounces"),
        hint=_("The IMAP server; empty where bounces are not read."),
    )
    bounce_port: int | None = setting(
        None, label=_("Its port"), hint=_("Empty is 993 with tls, else 143.")
    )
    bounce_security: Security = setting(Security.TLS, label=_("Its encryption"))
    bounce_user: str = setting("", label=_("Its user"))
    bounce_password: str = secret(label=_("Its password"))
    bounce_folder: str = setting(
        "INBOX",
        label=_("Its folder"),
        hint=_("Of this company alone. What was read there is marked as seen."),
    )

    @property
    def smtp_port(self) -> int:
        return self.port or SMTP_PORTS[self.security]

    @property
    def imap_port(self) -> int:
        return self.bounce_port or IMAP_PORTS[self.bounce_security]

    def problems(self) -> Sequence[Problem]:
        return [
            *self._address_problems(),
            *self._bound_problems(),
            *_link_problems("security", self.security, self.host, self._shows("password")),
            *_link_problems(
                "bounce_security",
                self.bounce_security,
                self.bounce_host,
                self._shows("bounce_password"),
            ),
        ]

    def _shows(self, name: str) -> bool:
        """Tell whether a password goes over the link that must not be read by others."""
        user = self.user if name == "password" else self.bounce_user
        return bool(user) and not self.allows_plain_password

    def _address_problems(self) -> Iterator[Problem]:
        for name in ("from_email", "return_address", "archive"):
            address = getattr(self, name)
            if address and (problem := address_problem(address, path=name)):
                yield problem
        for name in ("from_name", "helo_name", "host", "bounce_host", "user", "bounce_user"):
            if not getattr(self, name).isprintable():
                yield _problem("text_malformed", name, gettext("Write this in one line."))
        if self.helo_name and not is_domain(self.helo_name):
            message = gettext("Give a host name, such as billing.example.com.")
            yield _problem("name_malformed", "helo_name", message)

    def _bound_problems(self) -> Iterator[Problem]:
        for name, least, most in (
            ("port", 1, LARGEST_PORT),
            ("bounce_port", 1, LARGEST_PORT),
            ("timeout", 1, LONGEST_TIMEOUT),
            ("largest_mail", 1, LARGEST_MAIL),
        ):
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                message = gettext(
                    "Choose a number from %(least)s to %(most)s.", least=least, most=most
                )
                yield _problem("number_out_of_bounds", name, message)


def _link_problems(
    path: str, security: Security, host: str, shows_password: bool
) -> Iterator[Problem]:
    if security is Security.NONE and shows_password and host and not is_loopback(host):
        message = gettext(
            "The password would go to %(host)s unencrypted. Choose starttls or tls, or allow it "
            "by allows_plain_password.",
            host=host,
        )
        yield _problem("password_unencrypted", path, message)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name; no look-up is trusted with it."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _problem(code: str, path: str, message: str) -> Problem:
    return Problem(code=f"delivery_email.{code}", path=path, message=message)
