"""A portal's own domains: added, proved by a record in the DNS, dressed in a brand, removed.

Whoever writes the record controls the name. A proved domain belongs to one tenant of the
installation; as many may try to prove it as like.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from billhook.db import db
from billhook.domain import host_names
from billhook.domain.host_names import NotAHostName
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.models.portal import PortalDomain
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit, brands, idempotency
from billhook.services.dns import DnsResolver, Resolver

MOST = 20
"""Domains of a tenant."""
RECORD = "_billhook"
"""The label under which a domain's TXT record stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEntry:
    """A domain, with the records that its owner has to make."""

    domain: str
    """By IDNA, as the DNS has it."""
    shown: str
    """As people write it."""
    brand: str
    """The code of the brand whose face strangers see there; empty for the default one."""
    record: str
    """The name of the TXT record."""
    text: str
    """What the TXT record says."""
    target: str
    """Where a CNAME record of the domain leads."""
    made_at: datetime
    verified_at: datetime | None
    """When it was proved; the portal answers there since."""

    @property
    def address(self) -> str:
        """Where the portal's first page is, once it is proved."""
        return f"https://{self.domain}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the DNS said of a domain."""

    entry: DomainEntry
    texts: tuple[str, ...]
    """Of the TXT records that were found where ours should be."""
    aliases: tuple[str, ...]
    """Where the domain's CNAME leads; none where it has another record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the DNS answered."""

    texts: list[str]
    aliases: list[str]


def listing(ctx: Context) -> list[DomainEntry]:
    """Return the tenant's domains, by name."""
    ctx.require("portal.manage")
    rows = db.session.execute(_rows(ctx).order_by(PortalDomain.domain)).tuples()
    return [_entry(row, code) for row, code in rows]


def get(ctx: Context, domain: str) -> DomainEntry:
    """Return one of the tenant's domains. Raises NotFound."""
    ctx.require("portal.manage")
    return _entry(*_found(ctx, domain))


def add(ctx: Context, domain: str, *, brand: str = "") -> DomainEntry:
    """Add a domain, which waits to be proved; one that is there stays as it is.

    Raises ValidationFailed, NotFound for a brand that is not there.
    """
    ctx.require("portal.manage")
    name = _normalised(domain)
    brand_id = brands.row_of(ctx, brand).id if brand else None
    with ctx.transaction() as session:
        if session.get(PortalDomain, (name, ctx.tenant.id)) is None:
            _refuse_too_many(ctx)
            session.add(
                PortalDomain(
                    domain=name,
                    tenant_id=ctx.tenant.id,
                    brand_id=brand_id,
                    token=f"billhook-{secrets.token_hex(16)}",
                    made_at=ctx.now(),
                )
            )
            session.flush()
            audit.record(ctx, "portal_domain.added", "portal_domain", name)
    return _entry(*_found(ctx, name))


def dress(ctx: Context, domain: str, *, brand: str) -> DomainEntry:
    """Choose whose face strangers see at a domain; empty is the default brand's. Raises NotFound."""
    ctx.require("portal.manage")
    row, _code = _found(ctx, domain)
    brand_id = brands.row_of(ctx, brand).id if brand else None
    with ctx.transaction():
        _change(ctx, row.domain, brand_id=brand_id)
        audit.record(ctx, "portal_domain.dressed", "portal_domain", row.domain, brand=brand)
    return _entry(*_found(ctx, row.domain))


def check(
    ctx: Context, domain: str, *, resolver: Resolver | None = None, key: str | None = None
) -> Checked:
    """Ask the DNS whether a domain is the tenant's; where its record says so the portal answers there.

    The DNS is asked outside any transaction; a repeat with the same idempotency key gets
    what the first one found. Raises NotFound, DnsSilent, Conflict where another tenant has
    proved it.
    """
    ctx.require("portal.manage")
    name = _found(ctx, domain)[0].domain
    done = idempotency.computed_once(
        ctx,
        route="portal_domains.check",
        key=key,
        request=[name],
        compute=lambda: _asked(name, resolver or DnsResolver()),
        effect=lambda said: _heard(ctx, name, said),
    )
    said = _Said(**done.answer)
    return Checked(
        entry=_entry(*_found(ctx, name)), texts=tuple(said.texts), aliases=tuple(said.aliases)
    )


def _asked(domain: str, resolver: Resolver) -> _Said:
    db.session.rollback()  # ends reading: nothing is held while the DNS works
    return _Said(texts=resolver.texts(f"{RECORD}.{domain}"), aliases=resolver.aliases(domain))


def _heard(ctx: Context, domain: str, said: _Said) -> dict[str, Any]:
    row, _code = _found(ctx, domain)
    if row.verified_at is None and row.token in said.texts:
        _verify(ctx, domain, how="dns")
    return asdict(said)


def confirm(ctx: Context, domain: str) -> DomainEntry:
    """Take a domain as proved, for the operator alone, who knows whose it is.

    Raises Forbidden, NotFound, Conflict where another tenant has proved it.
    """
    if ctx.actor.kind is not ActorKind.OPERATOR:
        raise Forbidden("operator")
    row, _code = _found(ctx, domain)
    if row.verified_at is None:
        _verify(ctx, row.domain, how="operator")
    return _entry(*_found(ctx, row.domain))


def remove(ctx: Context, domain: str) -> None:
    """Let the portal answer at a domain no more; links that lead there end. Raises NotFound."""
    ctx.require("portal.manage")
    row, _code = _found(ctx, domain)
    with ctx.transaction() as session:
        session.execute(
            delete(PortalDomain).where(
                PortalDomain.domain == row.domain, PortalDomain.tenant_id == ctx.tenant.id
            )
        )
        audit.record(ctx, "portal_domain.removed", "portal_domain", row.domain)


def _verify(ctx: Context, domain: str, *, how: str) -> None:
    try:
        with ctx.transaction():
            _change(ctx, domain, verified_at=ctx.now())
            audit.record(ctx, "portal_domain.proved", "portal_domain", domain, how=how)
    except IntegrityError:
        raise Conflict(
            _(
                "Another company of this installation has proved %(domain)s. Ask its operator: "
                "billhook portal domain remove",
                domain=host_names.shown(domain),
            )
        ) from None


def _change(ctx: Context, domain: str, **values: object) -> None:
    db.session.execute(
        update(PortalDomain)
        .where(PortalDomain.domain == domain, PortalDomain.tenant_id == ctx.tenant.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _normalised(text: str) -> str:
    """Raises ValidationFailed."""
    try:
        name = host_names.normalised(text)
    except NotAHostName:
        raise _refused(
            "portal_domain.invalid",
            _("Enter a domain of your own, such as billing.company.example."),
        ) from None
    if name == _own_host():
        raise _refused(
            "portal_domain.ours",
            _("This is the address of the installation. Enter a domain of your own."),
        )
    return name


def _refuse_too_many(ctx: Context) -> None:
    count = db.session.scalar(
        select(func.count())
        .select_from(PortalDomain)
        .where(PortalDomain.tenant_id == ctx.tenant.id)
    )
    if (count or 0) >= MOST:
        raise _refused(
            "portal_domain.too_many",
            _("There are %(most)s domains already. Remove one first.", most=MOST),
        )


def _refused(code: str, message: str) -> ValidationFailed:
    return ValidationFailed([Problem(code=code, path="domain", message=message)])


def _own_host() -> str:
    return urlsplit(runtime().config.base_url).hostname or ""


def _rows(ctx: Context) -> Select[tuple[PortalDomain, str]]:
    return (
        select(PortalDomain, BrandRow.code)
        .outerjoin(
            BrandRow,
            (BrandRow.tenant_id == PortalDomain.tenant_id)
            & (BrandRow.id == PortalDomain.brand_id),
        )
        .where(PortalDomain.tenant_id == ctx.tenant.id)
        .execution_options(populate_existing=True)
    )


def _found(ctx: Context, domain: str) -> tuple[PortalDomain, str]:
    """Raises NotFound."""
    try:
        name = host_names.normalised(domain)
    except NotAHostName:
        raise NotFound(_("domain"), domain) from None
    row = db.session.execute(_rows(ctx).where(PortalDomain.domain == name)).tuples().one_or_none()
    if row is None:
        raise NotFound(_("domain"), domain)
    return row


def _entry(row: PortalDomain, brand: str | None) -> DomainEntry:
    return DomainEntry(
        domain=row.domain,
        shown=host_names.shown(row.domain),
        brand=brand or "",
        record=f"{RECORD}.{row.domain}",
        text=row.token,
        target=_own_host(),
        made_at=row.made_at,
        verified_at=row.verified_at,
    )
