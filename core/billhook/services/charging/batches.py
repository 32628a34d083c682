"""Charges that a program sends: the good ones are taken, the others answered with why not."""

from collections.abc import Mapping, Sequence

from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.imports import charges
from billhook.services.imports.charges import Taken


def take(ctx: Context, rows: Sequence[Mapping[str, str]]) -> list[Taken]:
    """Take charges in; each answer stands at its row's place.

    A row has the fields of an import of charges; its customer and product are named by
    reference and SKU, or by id. Safe to repeat: a charge that stands is left.
    """
    ctx.require("charges.edit")
    with ctx.transaction():
        answers = charges.taken(ctx, rows, source="")
        new = [one.id for one in answers if one.state == "new"]
        if new:
            audit.record(ctx, "charges.added", "charge", new[0], count=len(new))
    return answers
