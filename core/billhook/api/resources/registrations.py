"""Tax registrations by the API."""

from uuid import UUID

from billhook.api.schemas.registrations import (
    NewTaxRegistration,
    RegistrationAnswer,
    RegistrationChanges,
    RegistrationsQuery,
    last_day,
)
from billhook.domain.tax import Registration
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.sdk.api import Made, Page, Routes
from billhook.sdk.context import Context
from billhook.services import registrations
from billhook.services.registrations import NewRegistration, RegistrationChange

routes = Routes("tax registrations", "Where you charge tax, under which number, and when.")


@routes.get("/tax-registrations", requires="tenant.view")
def list_tax_registrations(ctx: Context, query: RegistrationsQuery) -> Page[RegistrationAnswer]:
    """List the tax registrations: all of them, on one page."""
    found = [
        RegistrationAnswer.of(one)
        for one in ctx.tenant.registrations
        if query.on is None or one.covers(query.on)
    ]
    return Page(data=found, next=None)


@routes.post("/tax-registrations", requires="tenant.manage")
def create_tax_registration(ctx: Context, body: NewTaxRegistration) -> Made[RegistrationAnswer]:
    """Register for tax somewhere.

    What it covers is taxed by it from now on; what was issued stays as it is.
    """
    wanted = NewRegistration(
        place=body.place,
        scheme=body.scheme or "",
        number=body.number or "",
        valid_from=body.valid_from,
        until=body.until,
    )
    made = RegistrationAnswer.of(registrations.add(ctx, wanted))
    return Made(made, at=f"/tax-registrations/{made.id}")


@routes.get("/tax-registrations/<uuid:registration_id>", requires="tenant.view")
def get_tax_registration(ctx: Context, registration_id: UUID) -> RegistrationAnswer:
    """Get a tax registration."""
    return RegistrationAnswer.of(_known(ctx.tenant.registrations, registration_id))


@routes.patch("/tax-registrations/<uuid:registration_id>", requires="tenant.manage")
def change_tax_registration(
    ctx: Context, registration_id: UUID, body: RegistrationChanges
) -> RegistrationAnswer:
    """Change a registration's number and days; a last day ends it.

    Place and scheme never change. What was issued stays as it is.
    """
    stored = _known(ctx.tenant.registrations, registration_id)
    given = body.model_fields_set
    wanted = RegistrationChange(
        number=stored.number if body.number is None else body.number,
        valid_from=body.valid_from if "valid_from" in given else stored.valid_from,
        until=body.until if "until" in given else last_day(stored),
    )
    changed = registrations.change(ctx, registration_id, wanted)
    return RegistrationAnswer.of(_known(changed.tenant.registrations, registration_id))


def _known(found: tuple[Registration, ...], registration_id: UUID) -> Registration:
    """Raises NotFound."""
    for one in found:
        if one.id == registration_id:
            return one
    raise NotFound(_("tax registration"), registration_id)
