"""``billhook field``: the fields that a tenant adds of its own."""

from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.errors import NotFound
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.field_definitions import FieldEntry

SUBJECTS = click.Choice([one.value for one in FieldSubject])
KINDS = click.Choice([one.value for one in FieldKind])


@click.group()
def field() -> None:
    """Add and change fields of your own.

    \b
    billhook field list --tenant shop
    billhook field add customer "Cost centre" --required --tenant shop
    """


@tenant_command(field, "list")
def list_fields(ctx: "Context") -> Answer:
    """List the fields, those laid aside as well.

    \b
    billhook field list --tenant shop
    """
    from billhook.services import field_definitions as service

    return _shown(service.listing(ctx))


@tenant_command(field, "add")
@click.argument("subject", type=SUBJECTS)
@click.argument("label")
@click.option(
    "--kind",
    type=KINDS,
    default=FieldKind.TEXT.value,
    show_default=True,
    help="What it takes; it stays once there are values.",
)
@click.option("--choice", "choices", multiple=True, help="What can be chosen; repeat it.")
@click.option("--required", "is_required", is_flag=True, help="It must be filled in.")
@click.option("--printed", "is_printed", is_flag=True, help="Documents show it to the client.")
def add_field(ctx: "Context", **wanted: Any) -> Answer:
    """Add a field. Its key is made from LABEL and stays.

    \b
    billhook field add line Size --kind choice --choice S --choice M --tenant shop
    """
    from billhook.services import field_definitions as service

    return _shown([service.create(ctx, service.NewField(**wanted))])


@tenant_command(field, "set")
@click.argument("subject", type=SUBJECTS)
@click.argument("key")
@click.option("--label", help="Its name from now on.")
@click.option("--choice", "choices", multiple=True, help="All that can be chosen; repeat it.")
@click.option(
    "--required/--not-required",
    "is_required",
    default=None,
    help="Whether it must be filled in.",
)
@click.option(
    "--printed/--not-printed",
    "is_printed",
    default=None,
    help="Whether documents show it to the client.",
)
@click.option("--used/--laid-aside", "is_used", default=None, help="Whether it is asked for.")
def set_field(
    ctx: "Context",
    subject: str,
    key: str,
    choices: tuple[str, ...],
    is_used: bool | None,
    **wanted: Any,
) -> Answer:
    """Change a field. Its values stay.

    \b
    billhook field set customer cost_centre --label Department --tenant shop
    """
    from billhook.services import field_definitions as service

    known = _found(service.listing(ctx), subject, key)
    change = service.FieldChange(choices=choices or None, **wanted)
    changed = service.change(ctx, known.id, change)
    if is_used is not None:
        changed = (service.take_up if is_used else service.lay_aside)(ctx, known.id)
    return _shown([changed])


def _found(fields: "list[FieldEntry]", subject: str, key: str) -> "FieldEntry":
    """Return the field of a key. Raises NotFound."""
    for one in fields:
        if (one.definition.subject.value, one.definition.key) == (subject, key):
            return one
    raise NotFound(_("field"), key)


def _shown(found: "list[FieldEntry]") -> Answer:
    titles = (_("for"), _("key"), _("name"), _("kind"), _("required"), _("printed"), _("used"))
    rows = [one.definition for one in found]
    return Answer(
        {"fields": [record(one) for one in rows]},
        [
            Table(
                titles,
                [
                    (
                        one.subject.value,
                        one.key,
                        one.label,
                        one.kind.value,
                        one.is_required,
                        one.is_printed,
                        one.is_active,
                    )
                    for one in rows
                ],
            )
        ],
    )
