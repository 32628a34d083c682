"""``billhook portal`` and customers' people: who may enter, by which link."""

from typing import TYPE_CHECKING

import click

from billhook import limits
from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.portal import portal
from billhook.errors import NotFound
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from billhook.domain.states import PortalRight
    from billhook.sdk.context import Context
    from billhook.services.client_access import ContactAccess
    from billhook.services.customers import ContactEntry

MAY = click.option(
    "--may",
    multiple=True,
    type=click.Choice(["see", "pay", "manage"]),
    help="What they may do beside seeing; repeat it for more.",
)


class ContactUnknown(NotFound):
    """A customer has no contact of that address."""

    def __init__(self, customer: str, email: str) -> None:
        super().__init__(_("contact"), email)
        self.message = _(
            "The customer %(customer)s has no contact “%(email)s”. Add one on the customer's page, "
            "or see who there is: billhook portal access %(customer)s",
            customer=customer,
            email=email[: limits.NAME],
        )


@tenant_command(portal, "invite")
@click.argument("customer")
@click.argument("email")
@MAY
def invite(ctx: "Context", customer: str, email: str, may: tuple[str, ...]) -> Answer:
    """Let a customer's contact in, and print the one-time link that sets a password.

    \b
    billhook portal invite C1 eve@client.example --may pay --tenant shop

    The link holds for a week and works once. Again, it makes a new one. Nothing is
    mailed.

    Next: send the contact the link.
    """
    from billhook.services import client_access

    contact = _contact(ctx, customer, email)
    made = client_access.invite(ctx, contact.id, _rights(may))
    text = _(
        "One-time link, until %(day)s: %(link)s",
        day=made.expires_at.date().isoformat(),
        link=made.link,
    )
    content = {"contact": str(contact.id), "link": made.link}
    return Answer({**content, "expires_at": made.expires_at.isoformat()}, [text])


@tenant_command(portal, "rights")
@click.argument("customer")
@click.argument("email")
@MAY
def rights(ctx: "Context", customer: str, email: str, may: tuple[str, ...]) -> Answer:
    """Change what a contact may do at the portal; without --may they see, and no more.

    \b
    billhook portal rights C1 eve@client.example --may pay --may manage --tenant shop
    """
    from billhook.services import client_access

    contact = _contact(ctx, customer, email)
    client_access.change_rights(ctx, contact.id, _rights(may))
    return _told(ctx, [contact])


@tenant_command(portal, "access")
@click.argument("customer")
def access(ctx: "Context", customer: str) -> Answer:
    """List a customer's contacts, and what each may do at the portal.

    \b
    billhook portal access C1 --tenant shop
    """
    from billhook.services import customers

    return _told(ctx, customers.contacts(ctx, customer))


@tenant_command(portal, "revoke")
@click.argument("customer")
@click.argument("email")
def revoke(ctx: "Context", customer: str, email: str) -> Answer:
    """End a contact's access, or their invitation, at once.

    \b
    billhook portal revoke C1 eve@client.example --tenant shop

    Sessions, password, links and second factor are gone. The contact stays.
    """
    from billhook.services import client_access

    contact = _contact(ctx, customer, email)
    client_access.end(ctx, contact.id)
    return _told(ctx, [contact])


@tenant_command(portal, "remove-second-factor")
@click.argument("customer")
@click.argument("email")
def remove_second_factor(ctx: "Context", customer: str, email: str) -> Answer:
    """Let a contact in by the password alone, who lost phone and recovery codes.

    \b
    billhook portal remove-second-factor C1 eve@client.example --tenant shop

    Make sure that it is them who asks. Their sessions end.
    """
    from billhook.services import client_access

    contact = _contact(ctx, customer, email)
    client_access.remove_factor(ctx, contact.id)
    return _told(ctx, [contact])


def _rights(may: tuple[str, ...]) -> list["PortalRight"]:
    from billhook.domain.states import PortalRight

    return [PortalRight(one) for one in may]


def _contact(ctx: "Context", customer: str, email: str) -> "ContactEntry":
    from billhook.services import customers

    wanted = email.strip().lower()
    for one in customers.contacts(ctx, customer):
        if one.email == wanted:
            return one
    raise ContactUnknown(customer, email)


def _told(ctx: "Context", people: "Iterable[ContactEntry]") -> Answer:
    from billhook.services import client_access

    listed = list(people)
    found = client_access.of_contacts(ctx, [one.id for one in listed])
    titles = (_("e-mail"), _("name"), _("access"), _("may"), _("second factor"))
    rows = [_row(one, found[one.id]) for one in listed]
    content = [{"email": one.email, **record(found[one.id])} for one in listed]
    return Answer({"contacts": content}, [Table(titles, rows)])


def _row(one: "ContactEntry", access: "ContactAccess") -> tuple[object, ...]:
    may = ", ".join(right.value for right in access.rights)
    return one.email, one.name, access.state.value, may, access.has_factor
