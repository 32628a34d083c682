"""First steps: what a company still lacks until its first invoice can go out.

What is done is read from what is there, so that nobody ticks anything off.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, select

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.audit import Audit
from billhook.models.brands import BrandRow
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery
from billhook.models.people import Person
from billhook.models.products import Product
from billhook.models.tenants import Tenant
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import audit, customers, delivering, draft_editing, issuing
from billhook.services.customers import CustomerInput
from billhook.services.draft_editing import DraftInput, LineInput

TEST_CUSTOMER = "TEST"
"""The reference of the customer that a test invoice goes to."""


class Step(StrEnum):
    """A task, in the order in which they make sense."""

    COMPANY = "company"
    TAX = "tax"
    LOGO = "logo"
    CHANNEL = "channel"
    CUSTOMER = "customer"
    PRODUCT = "product"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What is done, and what is not."""

    done: frozenset[Step]
    is_dismissed: bool

    @property
    def open(self) -> tuple[Step, ...]:
        return tuple(step for step in Step if step not in self.done)

    @property
    def next(self) -> Step | None:
        return self.open[0] if self.open else None

    @property
    def is_wanted(self) -> bool:
        """Whether it still helps: something is open, and nobody put it away."""
        return bool(self.open) and not self.is_dismissed


def state(ctx: Context) -> Guide:
    """Return what is done of the first steps; each is one row looked for, however many there are."""
    ctx.require("tenant.view")
    row = db.session.scalars(select(Tenant).where(Tenant.id == ctx.tenant.id)).one()
    facts = {
        Step.COMPANY: bool(row.street and row.city and row.email),
        Step.TAX: bool(ctx.tenant.registrations),
        Step.LOGO: _is_there(select(BrandRow.id).where(BrandRow.logo_file_id.is_not(None))),
        Step.CHANNEL: bool(row.email and relay(ctx).keys(CHANNELS)),
        Step.CUSTOMER: _is_there(select(Customer.id)),
        Step.PRODUCT: _is_there(select(Product.id)),
        Step.TEST: _was_sent(),
    }
    return Guide(
        done=frozenset(step for step, is_done in facts.items() if is_done),
        is_dismissed=row.guide_dismissed,
    )


def dismiss(ctx: Context) -> None:
    """Put the guide away; its page stays."""
    _set_dismissed(ctx, is_dismissed=True)


def resume(ctx: Context) -> None:
    """Show the guide again."""
    _set_dismissed(ctx, is_dismissed=False)


def _set_dismissed(ctx: Context, *, is_dismissed: bool) -> None:
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = session.scalars(
            select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
        ).one()
        row.guide_dismissed = is_dismissed
        session.flush()
        act = "guide.dismissed" if is_dismissed else "guide.resumed"
        audit.record(ctx, act, "tenant", row.id)


def send_test_invoice(ctx: Context) -> UUID:
    """Issue and send an invoice to the person who asks, in a sandbox; return the document's id.

    It takes a number of the sandbox's series, as any document there. Raises Conflict in
    a company that is real, ValidationFailed, and what issuing and sending raise.
    """
    if not ctx.tenant.is_sandbox:
        raise Conflict(
            _("Only a sandbox issues test invoices. Here a sample goes out that takes no number.")
        )
    person = db.session.scalars(select(Person).where(Person.id == ctx.actor.id)).one()
    own = ctx.tenant.party.address
    customers.save(
        ctx,
        CustomerInput(
            reference=TEST_CUSTOMER,
            name=_("%(name)s (test)", name=person.name),
            country=own.country,
            subdivision=own.subdivision,
            street=own.street or _("Example Street 1"),
            postal_code=own.postal_code or "12345",
            city=own.city or _("Exampletown"),
            email=person.email,
            currency=ctx.tenant.currency,
        ),
    )
    draft = draft_editing.create(
        ctx,
        DraftInput(
            customer=TEST_CUSTOMER,
            lines=(
                LineInput(
                    description=_("Consulting, two visits on site"),
                    quantity="2",
                    unit_price="96",
                ),
            ),
        ),
    )
    issued = issuing.issue(ctx, draft.draft_id)
    if not ctx.tenant.channels:  # else it goes out by itself
        delivering.send(ctx, issued.id)
    return issued.id


def _is_there(query: Select[tuple[UUID]]) -> bool:
    return db.session.scalar(query.limit(1)) is not None


def _was_sent() -> bool:
    """Tell whether a document or a sample went out."""
    brands = [str(one) for one in db.session.scalars(select(BrandRow.id))]
    went = (DeliveryState.SENT.value, DeliveryState.OPENED.value)
    return _is_there(select(Delivery.id).where(Delivery.state.in_(went))) or _is_there(
        select(Audit.id).where(
            Audit.object_kind == "brand",
            Audit.object_id.in_(brands),
            Audit.action == "sample.sent",
        )
    )
