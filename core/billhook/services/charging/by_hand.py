"""Charges that a person types: read as a row of a file is, and billed like any other."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import ValidationFailed
from billhook.models.charges import ChargeRow
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.imports import charges

SOURCE = "manual"


def add_typed(ctx: Context, typed: Mapping[str, str], *, key: UUID) -> UUID:
    """Let a charge wait and return its id, the same for the same key.

    `typed` has the fields of an import of charges, but for the reference, which is made
    of the key. Raises ValidationFailed, each problem with its field as the path.
    """
    ctx.require("charges.edit")
    reference = f"M-{key.hex[-12:].upper()}"
    row = {**typed, "reference": reference}
    with ctx.transaction():
        [outcome] = charges.take(ctx, [row], source=SOURCE)
        if outcome.state == "refused":
            raise ValidationFailed(outcome.problems)
        charge_id = db.session.scalars(
            select(ChargeRow.id).where(
                ChargeRow.source == SOURCE, ChargeRow.reference == reference
            )
        ).one()
        if outcome.state == "new":
            audit.record(ctx, "charge.added", "charge", charge_id)
        return charge_id
