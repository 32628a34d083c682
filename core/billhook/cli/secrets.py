"""``billhook secrets``: the keys that seal what plugins keep secret."""

import click

from billhook.cli.command import plain_command
from billhook.cli.output import Answer
from billhook.i18n import gettext as _


@click.group()
def secrets() -> None:
    """Change the keys that seal secrets.

    \b
    billhook secrets rotate
    """


@plain_command(secrets, "rotate")
def rotate() -> Answer:
    """Seal all secrets of all tenants with the first of the installation's keys.

    \b
    BILLHOOK_SECRET_KEYS="new-key old-key" billhook secrets rotate

    Put the new key first, rotate, then drop the old key. Safe to run again.
    """
    from billhook.services import plugins

    rotation = plugins.rotate_secrets()
    lost = [{"tenant": one.path, "message": one.message} for one in rotation.unreadable]
    content = {"tenants": rotation.tenants, "secrets": rotation.secrets, "unreadable": lost}
    text = _(
        "Sealed %(secrets)s secrets of %(tenants)s tenants anew.",
        secrets=rotation.secrets,
        tenants=rotation.tenants,
    )
    return Answer(
        content,
        [text],
        exit_status=1 if lost else 0,
        warnings=[f"{one['tenant']}: {one['message']}" for one in lost],
    )
