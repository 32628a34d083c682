"""``billhook outbox``: work that waits, is done or failed."""

from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.ids import parse_id

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.outbox import Work


@click.group()
def outbox() -> None:
    """See events and jobs, and retry those that failed.

    \b
    billhook outbox list --state dead --tenant shop
    """


@tenant_command(outbox, "list")
@click.option(
    "--state", type=click.Choice(["waiting", "done", "dead"]), help="Of one state alone."
)
@click.option("--name", help="Of one name alone, such as document.issued.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def list_work(ctx: "Context", state: str | None, name: str | None, limit: int) -> Answer:
    """List events and jobs, the newest first. Dead is what failed too often.

    \b
    billhook outbox list --state dead --tenant shop

    Next: billhook outbox retry ID
    """
    from billhook.services import outbox as service

    found = service.listing(ctx, state=state, name=name, limit=limit)  # type: ignore[arg-type]
    return Answer({"work": [record(one) for one in found]}, [_table(found)])


@tenant_command(outbox, "retry", causes_jobs=True)
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--dead", is_flag=True, help="All that is dead, in place of ids.")
@click.option("--name", help="With --dead: only what has this name.")
def retry(ctx: "Context", ids: tuple[str, ...], dead: bool, name: str | None) -> Answer:
    """Try dead or waiting work again now, with all its attempts.

    \b
    billhook outbox retry 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    billhook outbox retry --dead --name audit.link --tenant shop
    """
    if bool(ids) == dead or (name and not dead):
        raise click.UsageError(
            _(
                "What is to be retried? Name ids, or all that is dead: billhook outbox retry "
                "--dead [--name NAME]"
            )
        )
    return _retry_dead(ctx, name) if dead else _retry_each(ctx, ids)


def _retry_dead(ctx: "Context", name: str | None) -> Answer:
    from billhook.services import reviving

    found = reviving.retry_all(ctx, name=name)
    count = found.tried
    text = ngettext(
        "%(count)s dead event or job is tried again.",
        "%(count)s dead events and jobs are tried again.",
        count,
    )
    return Answer({"retried": count}, [text], warnings=list(found.refused))


def _retry_each(ctx: "Context", ids: tuple[str, ...]) -> Answer:
    from billhook.services import outbox as service
    from billhook.services import reviving

    wanted = [parse_id(text, _("job")) for text in ids]
    for work_id in wanted:
        reviving.retry(ctx, work_id)
    found = service.of_ids(ctx, wanted)
    return Answer({"work": [record(one) for one in found]}, [_table(found)])


def _table(found: "list[Work]") -> Table:
    titles = (
        *(_("id"), _("kind"), _("name"), _("plugin"), _("state")),
        *(">" + _("attempts"), _("due"), _("last error")),
    )
    rows = [
        (
            *(one.id, one.kind, one.name, one.plugin, one.state),
            *(one.attempts, one.due_at, one.last_error),
        )
        for one in found
    ]
    return Table(titles, rows)
