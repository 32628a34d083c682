"""Filling the demo: each company gets its face, its customers, a billed month and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from io import BytesIO

from sqlalchemy import select

from billhook.cli import demo_questions, demo_wishes
from billhook.cli.demo_tenants import CLIENTS, PASSWORD, SEATS, TENANTS, DemoTenant
from billhook.db import db
from billhook.domain.periods import Period, calendar_period
from billhook.domain.states import PortalRight, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.models.tenants import Tenant
from billhook.sdk.context import Context
from billhook.services import (
    attachments,
    billing,
    brands,
    client_access,
    company,
    contacts,
    crediting,
    customers,
    documents,
    drafting,
    fx,
    importing,
    invitations,
    issuing,
    originals,
    tenants,
)
from billhook.services.billed import RunSummary
from billhook.services.brand_changes import BrandInput
from billhook.services.contacts import ContactInput
from billhook.services.contexts import operator_context
from billhook.services.importing import ImportKind
from billhook.services.portal import invitations as portal_invitations
from billhook.services.verifying import Verdict, verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the demo did for a tenant."""

    slug: str
    name: str
    plugins: tuple[str, ...]
    until: date
    summary: RunSummary
    verdict: Verdict


def is_filled() -> bool:
    """Tell whether one of the demo's tenants stands already."""
    slugs = [tenant.wanted.slug for tenant in TENANTS]
    return db.session.scalar(select(Tenant.id).where(Tenant.slug.in_(slugs)).limit(1)) is not None


def fill(tenant: DemoTenant) -> Filled:
    """Open a tenant, let its month come in, bill it, correct it, and begin the next."""
    tenants.create(tenant.wanted)
    ctx = operator_context(tenant.wanted.slug)
    with ctx.acting():
        ctx = company.change(ctx, tenant.settings)
    with ctx.acting():
        month = calendar_period(ctx.today().replace(day=1) - timedelta(days=1), "month")
        _seat(ctx)
        _give_face(ctx, tenant)
        for currency, rate in tenant.rates:
            fx.set_rate(ctx, currency, Decimal(rate), on=month.start)
        for kind in tenant.imports:
            _import(ctx, kind, tenant.wanted.slug, kind, month)
        summary = billing.run(ctx, until=month.last_day, issue_on=month.last_day)
        _credit(ctx, tenant)
        _let_clients_in(ctx)
        demo_wishes.wish(ctx)
        demo_questions.ask(ctx)
        _go_on(ctx, tenant, month)
        return Filled(
            slug=ctx.tenant.slug,
            name=ctx.tenant.party.name,
            plugins=tuple(sorted(ctx.tenant.plugins)),
            until=month.last_day,
            summary=summary,
            verdict=verify(ctx),
        )


def _seat(ctx: Context) -> None:
    """Seat the demo's people, each with the password at their first seat."""
    for email, name, role, slug in SEATS:
        if slug == ctx.tenant.slug:
            invitation = invitations.invite(ctx, email=email, name=name, role=role)
            invitations.accept(invitation.link.rpartition("/")[2], PASSWORD)


def _let_clients_in(ctx: Context) -> None:
    """Give some customers' people accounts at the portal, with the password of the seats."""
    for customer, email, name, right, slug in CLIENTS:
        if slug != ctx.tenant.slug:
            continue
        given = ContactInput(name=name, email=email)
        contact = contacts.add(ctx, customers.get(ctx, customer).id, given)
        rights = [PortalRight.SEE, PortalRight(right)]
        if PortalRight.MANAGE in rights:
            rights.append(PortalRight.PAY)
        made = client_access.invite(ctx, contact.id, rights)
        portal_invitations.accept(ctx, made.path.rpartition("/")[2], PASSWORD)


def _give_face(ctx: Context, tenant: DemoTenant) -> None:
    face = tenant.face
    brands.save(
        ctx,
        BrandInput(
            theme=face.theme,
            logo=_file(ctx.tenant.slug, face.logo),
            colours=dict(face.colours),
            sender_name=ctx.tenant.party.name,
            sender_email=ctx.tenant.party.email,
            website=face.website,
            legal_text=face.legal_text,
            bank_accounts=face.accounts,
        ),
    )


def _import(ctx: Context, kind: ImportKind, slug: str, name: str, month: Period) -> None:
    """Import a file of the demo with the days of its month filled in."""
    text = _file(slug, f"{name}.csv").decode()
    days: Mapping[str, date] = {
        "{first}": month.start,
        "{last}": month.last_day,
        "{next}": month.end,
    }
    for mark, day in days.items():
        text = text.replace(mark, day.isoformat())
    text = text.replace("{month}", month.start.isoformat()[:7])
    report = importing.run(ctx, kind, BytesIO(text.encode()))
    assert report.is_written, report.errors


def _file(slug: str, name: str) -> bytes:
    return (files("billhook.cli") / "data" / "demo" / slug / name).read_bytes()


def _credit(ctx: Context, tenant: DemoTenant) -> None:
    """Take back half of the first line of a customer's invoice."""
    (found, *_others) = documents.listing(ctx, customer=tenant.returned.customer)
    first = originals.read(ctx, found.id).lines[0]
    half = {first.line_no: first.net // 2}
    crediting.credit(ctx, found.id, lines=half, reason=tenant.returned.reason)


def _go_on(ctx: Context, tenant: DemoTenant, month: Period) -> None:
    """Make drafts of what came after the month: one goes out, one waits for a decision."""
    _import(ctx, "charges", tenant.wanted.slug, "later", month)
    billing.run(ctx, until=ctx.today(), issue_on=ctx.today(), mode=RunMode.DRAFT)
    drafts = {draft.customer: draft.id for draft in drafting.listing(ctx)}
    later = tenant.later
    discount = Adjustment(
        kind=AdjustmentKind.ALLOWANCE, reason=later.reason, percent=Decimal(later.percent)
    )
    drafting.adjust(ctx, drafts[later.adjusted], discount)
    if later.attachment:
        attachments.attach(
            ctx,
            drafts[later.adjusted],
            name=later.attachment,
            content_type="text/csv",
            content=_file(tenant.wanted.slug, later.attachment),
        )
    if later.issued:
        issuing.issue(ctx, drafts[later.issued])
