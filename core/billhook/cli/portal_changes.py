"""Commands about what clients want changed about themselves."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table
from billhook.cli.portal import portal
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.profile_changes import ChangeEntry


@tenant_command(portal, "changes")
def list_changes(ctx: "Context") -> Answer:
    """List changes that clients want and that wait for a yes.

    \b
    billhook portal changes --tenant shop
    """
    from billhook.services import profile_changes

    return _answer(list(profile_changes.search(ctx).rows))


@tenant_command(portal, "approve-change")
@click.argument("change_id", type=click.UUID)
@click.option("--field", "fields", multiple=True, help="Only this one; the others go on waiting.")
def approve_change(ctx: "Context", change_id: UUID, fields: tuple[str, ...]) -> Answer:
    """Take over what a client wants, unless somebody changed the same since it was asked for.

    \b
    billhook portal approve-change 01a1fc00-0000-7000-8000-000000000000 --tenant shop
    """
    from billhook.services import profile_changes

    return _answer([profile_changes.approve(ctx, change_id, fields=fields or None)])


@tenant_command(portal, "refuse-change")
@click.argument("change_id", type=click.UUID)
@click.option("--reason", required=True, help="The client reads it.")
@click.option("--field", "fields", multiple=True, help="Only this one; the others go on waiting.")
def refuse_change(ctx: "Context", change_id: UUID, reason: str, fields: tuple[str, ...]) -> Answer:
    """Refuse what a client wants, and say why.

    \b
    billhook portal refuse-change 01a1fc00-0000-7000-8000-000000000000 \\
        --reason "Send us the extract of the register" --tenant shop
    """
    from billhook.services import profile_changes

    done = profile_changes.refuse(ctx, change_id, reason=reason, fields=fields or None)
    return _answer([done])


def _answer(changes: list["ChangeEntry"]) -> Answer:
    values = [
        (change, column) for change in changes for one in change.fields for column in one.columns
    ]
    rows = [
        (
            *(change.id, change.customer, change.asked_at, column.column),
            *(column.known, column.present, column.wanted),
        )
        for change, column in values
    ]
    titles = (
        *(_("change"), _("customer"), _("asked"), _("detail")),
        *(_("was"), _("now"), _("wanted")),
    )
    content = [
        {
            "id": str(one.id),
            "customer": one.customer,
            "state": one.state.value,
            "asked_at": one.asked_at.isoformat(),
            "reason": one.reason,
            "wanted": {
                column.column: column.wanted for field in one.fields for column in field.columns
            },
        }
        for one in changes
    ]
    return Answer({"changes": content}, [Table(titles, rows)])
