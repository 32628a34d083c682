"""The demo's two tenants: a software company in Germany, and an agency in Switzerland."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from io import BytesIO
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.periods import calendar_period
from billhook.models.tenants import Tenant
from billhook.sdk.context import Context
from billhook.services import billing, fx, importing, invitations, tenants
from billhook.services.billed import RunSummary
from billhook.services.importing import ImportKind
from billhook.services.permissions import ADMIN
from billhook.services.tenants import NewTenant, TenantChange
from billhook.services.verifying import Verdict, verify

EMAIL = "ada@billhook.example"
PASSWORD = "billhook-demo"  # of sandboxes on the visitor's own machine


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTenant:
    """A tenant to open, with the files that fill it."""

    wanted: NewTenant
    address: TenantChange
    imports: tuple[ImportKind, ...]
    rates: tuple[tuple[str, str], ...] = ()
    """Exchange rates of the first day of the month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the demo did for a tenant."""

    slug: str
    name: str
    plugins: tuple[str, ...]
    until: date
    summary: RunSummary
    verdict: Verdict


TENANTS = (
    DemoTenant(
        wanted=NewTenant(
            slug="nimbus",
            name="Nimbus Cloud GmbH",
            country="DE",
            currency="EUR",
            vat_id="DE136695976",
            supplies="electronic_service",
            time_zone="Europe/Berlin",
            is_sandbox=True,
            pack=("pricing_standard", "tax_rules"),
        ),
        address=TenantChange(
            street="Prinzenallee 34", postal_code="13359", city="Berlin", payment_days=14
        ),
        imports=("customers", "products", "charges"),
        rates=(("USD", "0.8615"),),
    ),
    DemoTenant(
        wanted=NewTenant(
            slug="atelier",
            name="Atelier Aare GmbH",
            country="CH",
            currency="CHF",
            vat_id="CHE107787577MWST",
            time_zone="Europe/Zurich",
            is_sandbox=True,
            pack=("tax_rules",),
        ),
        address=TenantChange(
            street="Aarbergergasse 20", postal_code="3011", city="Bern", cash_rounding=5
        ),
        imports=("customers", "charges"),
        rates=(("EUR", "0.9345"),),
    ),
)


def is_filled() -> bool:
    """Tell whether one of the demo's tenants stands already."""
    slugs = [tenant.wanted.slug for tenant in TENANTS]
    return db.session.scalar(select(Tenant.id).where(Tenant.slug.in_(slugs)).limit(1)) is not None


def fill(tenant: DemoTenant) -> Filled:
    """Open a tenant, let its month come in, and bill it."""
    tenants.create(tenant.wanted)
    ctx = _context(tenant)
    with ctx.acting():
        ctx = tenants.change(ctx, tenant.address)
    with ctx.acting():
        month = calendar_period(ctx.today().replace(day=1) - timedelta(days=1), "month")
        _invite(ctx)
        for currency, rate in tenant.rates:
            fx.set_rate(ctx, currency, Decimal(rate), on=month.start)
        for kind in tenant.imports:
            importing.run(ctx, kind, _file(tenant, kind, month.start, month.last_day))
        summary = billing.run(ctx, until=month.last_day, issue_on=month.last_day)
        return Filled(
            slug=ctx.tenant.slug,
            name=ctx.tenant.party.name,
            plugins=tuple(sorted(ctx.tenant.plugins)),
            until=month.last_day,
            summary=summary,
            verdict=verify(ctx),
        )


def _context(tenant: DemoTenant) -> Context:
    from billhook.services.contexts import operator_context

    return operator_context(tenant.wanted.slug)


def _invite(ctx: Context) -> UUID | None:
    """Seat the demo's administrator, with a password at their first seat."""
    invitation = invitations.invite(ctx, email=EMAIL, name="Ada Ledger", role=ADMIN)
    return invitations.accept(invitation.link.rpartition("/")[2], PASSWORD)


def _file(tenant: DemoTenant, kind: ImportKind, first: date, last: date) -> BytesIO:
    """Return a file of the demo with the days of its month filled in."""
    path = files("billhook.cli") / "data" / "demo" / tenant.wanted.slug / f"{kind}.csv"
    text = path.read_text(encoding="utf-8")
    for name, day in {"{first}": first, "{last}": last}.items():
        text = text.replace(name, day.isoformat())
    return BytesIO(text.replace("{month}", first.isoformat()[:7]).encode())
