"""``billhook db``: the tables."""

import click

from billhook.cli.command import plain_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.session import configuration
from billhook.i18n import gettext as _


@click.group()
def db() -> None:
    """Make the tables, and bring them to the newest version.

    \b
    billhook db upgrade
    billhook db status

    On PostgreSQL, BILLHOOK_OWNER_DATABASE_URL names the role that owns the tables.
    The SQLite file of an installation without settings makes itself.
    """


@plain_command(db, "upgrade", runs_in_app=False)
def upgrade() -> Answer:
    """Bring the tables of the core and of each installed plugin to the newest version.

    \b
    billhook db upgrade

    All of it is done or nothing of it; running it again changes nothing.

    Next: billhook tenant create
    """
    from billhook.plugins.migrating import upgrade_all

    moved = upgrade_all(configuration())
    texts = [_("Upgraded %(part)s", part=part) for part in moved]
    return Answer({"upgraded": moved}, texts or [_("The database is up to date.")])


@plain_command(db, "status", runs_in_app=False)
def status() -> Answer:
    """Tell which version each part's tables have, and which they need.

    \b
    billhook db status --json

    Next: billhook db upgrade, where a part is late.
    """
    from billhook.plugins import migrating

    found = migrating.status(configuration())
    rows = [(part.name, part.revision, part.newest, part.is_current) for part in found]
    content = [{**record(part), "is_current": part.is_current} for part in found]
    return Answer(
        {"parts": content}, [Table((_("part"), _("has"), _("needs"), _("current")), rows)]
    )
