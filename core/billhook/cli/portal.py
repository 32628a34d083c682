"""``billhook portal``: the clients' side, set up and looked after."""

from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.portal.settings import PortalSettings

ROOMS = (
    "billhook.cli.portal_people",
    "billhook.cli.portal_domains",
    "billhook.cli.portal_changes",
)
"""Modules whose commands join the group as they are loaded: ``@tenant_command(portal, "invite")``."""


class PortalGroup(click.Group):
    """Loads its commands when somebody asks for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        _load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        _load()
        return super().get_command(ctx, cmd_name)


def _load() -> None:
    for room in ROOMS:
        import_module(room)


@click.group(cls=PortalGroup)
def portal() -> None:
    """Set up the portal, let clients in, see what they do there.

    \b
    billhook portal settings --tenant shop
    billhook portal log --since 2026-11-01 --tenant shop
    """


@tenant_command(portal, "settings")
@click.option("--open/--closed", "is_open", default=None, help="Let clients in, or nobody.")
@click.option("--link-days", type=int, help="How many days links in mails work, 1 to 730.")
@click.option(
    "--approve",
    "approvals",
    help="Fields by comma whose change by a client waits for a yes; none for no field.",
)
@click.option("--message", help="What clients read on their first page; empty for nothing.")
def change_settings(
    ctx: "Context",
    is_open: bool | None,
    link_days: int | None,
    approvals: str | None,
    message: str | None,
) -> Answer:
    """See how the portal is run, and change what is given.

    \b
    billhook portal settings --link-days 90 --approve name,tax_number --tenant shop
    billhook portal settings --closed --tenant shop
    """
    from billhook.services import portal_settings
    from billhook.services.portal_settings import PortalChange

    names = None if approvals is None else [one.strip() for one in approvals.split(",")]
    wanted = PortalChange(
        is_open=is_open,
        link_days=link_days,
        approvals=names if names is None else [one for one in names if one not in ("", "none")],
        message=message,
    )
    if wanted == PortalChange():
        return _settings(portal_settings.get(ctx))
    return _settings(portal_settings.change(ctx, wanted))


def _settings(known: "PortalSettings") -> Answer:
    rows = [
        (_("open"), _("yes") if known.is_open else _("no")),
        (_("days that links work"), known.link_days),
        (_("waits for a yes"), ", ".join(sorted(known.approvals)) or _("nothing")),
        (_("message"), known.message or _("none")),
    ]
    content = {**record(known), "approvals": sorted(known.approvals)}
    return Answer(content, [Table((_("setting"), _("value")), rows)])


@tenant_command(portal, "log")
@click.option("--customer", default="", help="Reference of one client.")
@click.option("--act", help="Such as logged_in or document.seen.")
@click.option("--since", type=DAY, help="First day.")
@click.option("--until", type=DAY, help="Last day.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def show_log(
    ctx: "Context",
    customer: str,
    act: str | None,
    since: date | None,
    until: date | None,
    limit: int,
) -> Answer:
    """List what clients did in the last 400 days, the newest first.

    \b
    billhook portal log --customer 17850 --since 2026-11-01 --tenant shop
    """
    from billhook.services import customers, portal_usage
    from billhook.services.portal.log import PortalAct

    try:
        wanted_act = PortalAct(act) if act else None
    except ValueError:
        raise click.BadParameter(
            _("It can be %(acts)s.", acts=", ".join(PortalAct)), param_hint="--act"
        ) from None
    if customer:
        customers.get(ctx, customer)  # one that is not there is told from one who did nothing
    wanted = portal_usage.VisitFilter(customer=customer, act=wanted_act, since=since, until=until)
    found = portal_usage.search(ctx, wanted, limit=limit).rows
    titles = (
        *(_("when"), _("client"), _("who"), _("by"), _("act")),
        *(_("which"), _("from")),
    )
    rows = [
        (
            *(one.happened_at, one.customer, one.who, one.way.value, one.act),
            *(one.object, one.address),
        )
        for one in found
    ]
    return Answer({"visits": [record(one) for one in found]}, [Table(titles, rows)])
