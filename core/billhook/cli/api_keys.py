"""``billhook api-key``: what programs may do, and what they asked for."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.values import DAY
from billhook.i18n import gettext as _
from billhook.ids import parse_id

if TYPE_CHECKING:
    from uuid import UUID

    from billhook.sdk.context import Context
    from billhook.services.api_keys import KeyEntry, MadeKey


@click.group("api-key")
def api_key() -> None:
    """Make, rotate and revoke keys for programs.

    \b
    billhook api-key make "Web shop" --scope customers.view --scope charges.edit --tenant shop
    """


@tenant_command(api_key, "list")
@click.option(
    "--state", type=click.Choice(["active", "expired", "revoked"]), help="Of one state alone."
)
def list_keys(ctx: "Context", state: str | None) -> Answer:
    """List the keys, the newest first, with the beginnings of their secrets.

    \b
    billhook api-key list --state active --tenant shop
    """
    from billhook.services import api_keys

    wanted = api_keys.KeyFilter(state=api_keys.KeyState(state) if state else None)
    found = api_keys.search(ctx, wanted).rows
    titles = (
        *(_("id"), _("name"), _("state"), _("secrets"), ">" + _("scopes")),
        *(_("last use"), _("expires")),
    )
    return Answer({"keys": [record(one) for one in found]}, [Table(titles, _rows(found))])


def _rows(found: "tuple[KeyEntry, ...]") -> list[tuple[object, ...]]:
    return [
        (
            *(one.id, one.name, one.state, " ".join(secret.hint for secret in one.secrets)),
            *(len(one.scopes), one.used_at, one.expires_at),
        )
        for one in found
    ]


@tenant_command(api_key, "make")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="PERMISSION",
    help="What it may do, such as documents.view; several times for several.",
)
@click.option("--until", type=DAY, help="Its last day; without, it does not end by itself.")
@click.option(
    "--per-minute",
    type=click.IntRange(1, 6_000),
    default=600,
    show_default=True,
    help="How many requests it may send in a minute.",
)
def make(
    ctx: "Context", name: str, scopes: tuple[str, ...], until: date | None, per_minute: int
) -> Answer:
    """Make a key, and print its secret: this once, nobody can read it again.

    \b
    billhook api-key make "Web shop" --scope customers.view --scope charges.edit --tenant shop

    Next: put the secret where the program finds it, which sends it with each request:
    Authorization: Bearer SECRET
    """
    from billhook.services import api_keys, api_versions

    wanted = api_keys.KeyInput(
        name=name,
        scopes=scopes,
        expires_at=api_keys.end_of(ctx, until) if until else None,
        requests_per_minute=per_minute,
    )
    return _secret(api_keys.make(ctx, wanted, api_version=api_versions.LATEST))


@tenant_command(api_key, "rotate")
@click.argument("key", metavar="ID")
@click.option(
    "--overlap",
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    metavar="HOURS",
    help="How long the secret before stays good; 0 ends it now.",
)
def rotate(ctx: "Context", key: str, overlap: int) -> Answer:
    """Give a key a new secret, and print it: this once, nobody can read it again.

    \b
    billhook api-key rotate 01890a5d-ac96-774b-bcce-b302099a8057 --overlap 48 --tenant shop

    Next: give the program the new secret before the overlap is over.
    """
    from billhook.services import api_keys

    return _secret(api_keys.rotate(ctx, _id(key), overlap=timedelta(hours=overlap)))


def _secret(made: "MadeKey") -> Answer:
    text = _("Key %(id)s of “%(name)s”, its secret shown this once:", **_named(made))
    return Answer({**record(made.entry), "secret": made.secret}, [text, made.secret])


def _named(made: "MadeKey") -> dict[str, str]:
    return {"id": str(made.entry.id), "name": made.entry.name}


@tenant_command(api_key, "revoke")
@click.argument("key", metavar="ID")
def revoke(ctx: "Context", key: str) -> Answer:
    """End a key with all its secrets, at once and for good.

    \b
    billhook api-key revoke 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    from billhook.services import api_keys

    api_keys.revoke(ctx, _id(key))
    found = api_keys.get(ctx, _id(key))
    text = _("“%(name)s” opens nothing any more.", name=found.name)
    return Answer(record(found), [text])


@tenant_command(api_key, "log")
@click.option("--key", metavar="ID", help="Of one key alone.")
@click.option("--status", type=click.IntRange(2, 5), help="2 went well, 4 was refused, 5 failed.")
@click.option("--since", type=DAY, help="First day.")
@click.option("--until", type=DAY, help="Last day.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def log(
    ctx: "Context",
    key: str | None,
    status: int | None,
    since: date | None,
    until: date | None,
    limit: int,
) -> Answer:
    """List what keys asked for in the last 90 days, the newest first.

    \b
    billhook api-key log --status 4 --since 2026-11-01 --tenant shop
    """
    from billhook.services import api_requests

    wanted = api_requests.RequestFilter(
        key_id=_id(key) if key else None, status_class=status, since=since, until=until
    )
    found = api_requests.search(ctx, wanted, limit=limit).rows
    titles = (
        *(_("when"), _("key"), _("method"), _("path"), ">" + _("status")),
        *(_("problem"), ">" + _("ms"), _("from")),
    )
    rows = [
        (
            *(one.requested_at, one.key_id, one.method, one.path, one.status),
            *(one.problem, one.milliseconds, one.address),
        )
        for one in found
    ]
    return Answer({"requests": [record(one) for one in found]}, [Table(titles, rows)])


def _id(text: str) -> "UUID":
    return parse_id(text, _("API key"))
