"""``billhook audit``: who did what."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _
from billhook.ids import parse_id

if TYPE_CHECKING:
    from billhook.sdk.context import Context


@click.group()
def audit() -> None:
    """See who did what, when and from where.

    \b
    billhook audit list --tenant shop
    """


@tenant_command(audit, "list")
@click.option("--action", help="Such as document.voided.")
@click.option("--kind", help="Kind of object, such as customer.")
@click.option("--object", "object_id", help="Id of one object.")
@click.option("--older-than", help="Id before which to go on.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_acts(
    ctx: "Context",
    action: str | None,
    kind: str | None,
    object_id: str | None,
    older_than: str | None,
    limit: int,
) -> Answer:
    """List privileged acts, the newest first.

    \b
    billhook audit list --action series.changed --tenant shop
    """
    from billhook.services import acts
    from billhook.services import audit as service

    found = service.listing(
        ctx,
        action=action,
        object_kind=kind,
        object_id=object_id,
        older_than=parse_id(older_than, _("record")) if older_than else None,
        limit=limit,
    )
    names = acts.actor_names(found)
    titles = (_("when"), _("who"), _("action"), _("object"), _("details"))
    rows = [
        (
            one.happened_at,
            names.get((one.actor_kind, one.actor_id)) or f"{one.actor_kind} {one.actor_id or ''}",
            one.action,
            f"{one.object_kind} {one.object_id}",
            ", ".join(f"{name}={value}" for name, value in one.details.items()),
        )
        for one in found
    ]
    more = str(found[-1].id) if len(found) == limit else None
    content = {"acts": [record(one) for one in found], "older_than": more}
    return Answer(content, [Table(titles, rows)])
