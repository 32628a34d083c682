"""``billhook people``: who works in a tenant."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.errors import NotFound
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.invitations import Invitation
    from billhook.services.people import MemberEntry

ROLE = "What they may do: admin, manager, clerk, sales, auditor, developer, or a role of your own."


@click.group()
def people() -> None:
    """Invite people, give them roles, end their access.

    \b
    billhook people invite ann@example.org --name "Ann Lee" --role clerk --tenant shop
    """


@tenant_command(people, "invite")
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@click.option(
    "--role",
    default="clerk",
    show_default=True,
    help=ROLE,
)
def invite(ctx: "Context", email: str, name: str, role: str) -> Answer:
    """Offer a person a seat, and print the one-time link that takes it.

    \b
    billhook people invite ann@example.org --name "Ann Lee" --role manager --tenant shop

    The link holds for a week and works once. Again, it makes a new one.

    Next: send the person the link.
    """
    from billhook.services import invitations

    return _link(invitations.invite(ctx, email=email, name=name, role=role))


@tenant_command(people, "reset-password")
@click.argument("email")
def reset_password(ctx: "Context", email: str) -> Answer:
    """Print a one-time link with which a person sets a new password.

    \b
    billhook people reset-password ann@example.org --tenant shop
    """
    from billhook.services import invitations

    return _link(invitations.reset_password(ctx, email))


@tenant_command(people, "remove-second-factor")
@click.argument("email")
def remove_second_factor(ctx: "Context", email: str) -> Answer:
    """Let somebody in by their password alone, who lost phone, keys and recovery codes.

    \b
    billhook people remove-second-factor ann@example.org --tenant shop

    Make sure that it is them who asks. Their sessions end.

    Next: they log in, and set up another factor.
    """
    from billhook.services import second_factor

    count = second_factor.remove_all(ctx, email)
    text = _("Removed %(count)s factors and all recovery codes.", count=count)
    return Answer({"email": email, "removed": count}, [text])


def _link(invitation: "Invitation") -> Answer:
    text = _(
        "One-time link, until %(day)s: %(link)s",
        day=invitation.expires_at.date().isoformat(),
        link=invitation.link,
    )
    return Answer(record(invitation), [text])


@tenant_command(people, "list")
def list_people(ctx: "Context") -> Answer:
    """List who works in the tenant, and who is invited.

    \b
    billhook people list --tenant shop
    """
    from billhook.services import people as service

    found = service.listing(ctx)
    titles = (_("e-mail"), _("name"), _("role"), _("active"), _("invited"))
    rows = [(one.email, one.name, one.role, one.is_active, one.is_invited) for one in found]
    return Answer({"people": [record(one) for one in found]}, [Table(titles, rows)])


@tenant_command(people, "set")
@click.argument("email")
@click.option("--role", required=True, help=ROLE)
def set_role(ctx: "Context", email: str, role: str) -> Answer:
    """Give a person another role.

    \b
    billhook people set ann@example.org --role auditor --tenant shop
    """
    from billhook.services import people as service

    person = _member(ctx, email)
    service.change_role(ctx, person.person_id, role)
    text = _("%(name)s is now %(role)s.", name=person.name, role=role)
    return Answer({**record(person), "role": role}, [text])


@tenant_command(people, "deactivate")
@click.argument("email")
def deactivate(ctx: "Context", email: str) -> Answer:
    """End a person's access to the tenant. What they did stays.

    \b
    billhook people deactivate ann@example.org --tenant shop
    """
    from billhook.services import people as service

    person = _member(ctx, email)
    service.deactivate(ctx, person.person_id)
    text = _("%(name)s has no access any more.", name=person.name)
    return Answer({**record(person), "is_active": False}, [text])


def _member(ctx: "Context", email: str) -> "MemberEntry":
    from billhook.services import people as service

    for one in service.listing(ctx):
        if one.email == email.strip().lower():
            return one
    raise NotFound(_("person"), email)
