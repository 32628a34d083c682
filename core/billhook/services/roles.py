"""Roles: the six that everybody has, and those that a tenant makes of single permissions.

Nobody gives what they lack: a role never gains a permission by the hand of a member
without it, and only who may do all that a role may can give it to somebody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel.support import LazyProxy
from sqlalchemy import func, select

from billhook import limits
from billhook.db import db
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.ids import new_id
from billhook.models.people import Member, RoleRow
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.sdk.permissions import Permission
from billhook.services import audit
from billhook.services.fields import Fields
from billhook.services.permissions import NAMES, PERMISSIONS, ROLES, granted

MOST_ROLES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEntry:
    """A role as people see it."""

    code: str
    title: str
    summary: str
    permissions: frozenset[str]
    is_own: bool
    """The tenant made it, and can change it."""
    members: int
    """How many active members have it."""
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionGroup:
    """Permissions on one kind of thing."""

    title: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """What a role may do from now on, if it is still of the version that was looked at."""

    code: str
    permissions: frozenset[str]
    version: int


_TITLES: Mapping[str, LazyProxy] = {
    "customers": lazy_gettext("Customers"),
    "products": lazy_gettext("Products and prices"),
    "charges": lazy_gettext("Charges"),
    "drafts": lazy_gettext("Drafts"),
    "documents": lazy_gettext("Invoices and credit notes"),
    "deliveries": lazy_gettext("Sending"),
    "bill_runs": lazy_gettext("Bill runs"),
    "brands": lazy_gettext("Brands and templates"),
    "series": lazy_gettext("Numbering"),
    "ledger": lazy_gettext("Ledger"),
    "fx_rates": lazy_gettext("Exchange rates"),
    "imports": lazy_gettext("Import and export"),
    "exports": lazy_gettext("Import and export"),
    "files": lazy_gettext("Files"),
    "audit": lazy_gettext("Audit log"),
    "outbox": lazy_gettext("Jobs"),
    "plugins": lazy_gettext("Plugins"),
    "people": lazy_gettext("People"),
    "tenant": lazy_gettext("Company"),
    "api_keys": lazy_gettext("API keys"),
    "webhooks": lazy_gettext("Webhooks"),
}


def groups(ctx: Context) -> list[PermissionGroup]:
    """Return all permissions that a role here can have, by what they are about."""
    ctx.require("people.view")
    return grouped(ctx)


def grouped(ctx: Context) -> list[PermissionGroup]:
    """Return all permissions that there are here, by what they are about."""
    gathered: dict[str, list[Permission]] = {}
    for permission in PERMISSIONS:
        resource = permission.name.partition(".")[0]
        gathered.setdefault(str(_TITLES.get(resource, resource)), []).append(permission)
    found = relay(ctx)
    for permission in found.permissions():
        plugin = found.plugin(permission.name.partition(".")[0])
        gathered.setdefault(plugin.info.title, []).append(permission)
    return [
        PermissionGroup(title=title, permissions=tuple(them)) for title, them in gathered.items()
    ]


def listing(ctx: Context) -> list[RoleEntry]:
    """Return every role, the standard ones first, with how many members have it."""
    ctx.require("people.view")
    rows = db.session.scalars(select(RoleRow).order_by(RoleRow.title, RoleRow.code)).all()
    counts = _counts()
    brought = _brought(ctx)
    standard = [
        RoleEntry(
            code=role.name,
            title=str(role.title),
            summary=str(role.summary),
            permissions=granted(role.name, brought),
            is_own=False,
            members=counts.get(role.name, 0),
            version=0,
        )
        for role in ROLES.values()
    ]
    return standard + [_entry(row, counts) for row in rows]


def get(ctx: Context, code: str) -> RoleEntry:
    """Raises NotFound."""
    found = next((one for one in listing(ctx) if one.code == code), None)
    if found is None:
        raise NotFound(_("role"), code)
    return found


def _entry(row: RoleRow, counts: Mapping[str, int]) -> RoleEntry:
    return RoleEntry(
        code=row.code,
        title=row.title,
        summary=row.summary,
        permissions=frozenset(row.permissions),
        is_own=True,
        members=counts.get(row.code, 0),
        version=row.version,
    )


def _counts() -> dict[str, int]:
    rows = db.session.execute(
        select(Member.role, func.count()).where(Member.is_active).group_by(Member.role)
    )
    return dict(rows.tuples().all())


def _brought(ctx: Context) -> frozenset[str]:
    return frozenset(permission.name for permission in relay(ctx).permissions())


def create(
    ctx: Context,
    *,
    title: str,
    summary: str = "",
    like: str = "",
    permissions: Collection[str] = (),
) -> RoleEntry:
    """Make a role that may do what another may, and more; its code comes from the title.

    Raises ValidationFailed, NotFound for the other role, Forbidden where it may do more
    than the member who acts.
    """
    ctx.require("people.manage")
    read = Fields()
    named = read.text("title", title, limit=limits.NAME, is_required=True)
    told = read.text("summary", summary, limit=limits.TEXT)
    with ctx.transaction() as session:
        known = listing(ctx)
        if any(one.title.casefold() == named.casefold() for one in known):
            read.refuse("title", "role.title_taken", _("There is a role of this name already."))
        if len(known) - len(ROLES) >= MOST_ROLES:
            read.refuse("title", "role.too_many", _("These are enough roles. Remove one first."))
        if read.problems:
            raise ValidationFailed(read.problems)
        _refuse_unknown(set(permissions) - NAMES - _brought(ctx))
        start = frozenset(permissions) | (get(ctx, like).permissions if like else set())
        refuse_beyond(ctx, start)
        code = _free_code(named, {one.code for one in known})
        row = RoleRow(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            code=code,
            title=named,
            summary=told,
            permissions=sorted(start),
            version=1,
        )
        session.add(row)
        session.flush()
        audit.record(ctx, "role.created", "role", code, like=like)
        return _entry(row, {})


def _free_code(title: str, taken: set[str]) -> str:
    """Return a code such as `junior-clerk`, with a number where it is taken."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title)
    stem = "-".join(words.lower().split())[:30] or "role"
    numbered = (f"{stem}-{number}" for number in range(2, MOST_ROLES + len(ROLES) + 2))
    return next(code for code in (stem, *numbered) if code not in taken)


def describe(ctx: Context, code: str, *, title: str, summary: str) -> None:
    """Give one of the tenant's own roles another name and description.

    Raises NotFound, ValidationFailed.
    """
    ctx.require("people.manage")
    read = Fields()
    named = read.text("title", title, limit=limits.NAME, is_required=True)
    told = read.text("summary", summary, limit=limits.TEXT)
    with ctx.transaction() as session:
        if any(
            one.title.casefold() == named.casefold() and one.code != code for one in listing(ctx)
        ):
            read.refuse("title", "role.title_taken", _("There is a role of this name already."))
        if read.problems:
            raise ValidationFailed(read.problems)
        row = _locked(code)
        row.title, row.summary, row.version = named, told, row.version + 1
        session.flush()
        audit.record(ctx, "role.described", "role", code)


def change(ctx: Context, changes: Sequence[RoleChange]) -> None:
    """Let the tenant's own roles do what the matrix says: all of it or nothing.

    Raises NotFound, Conflict where somebody changed one since, Forbidden for what the
    member who acts may not do, ValidationFailed for what is no permission.
    """
    ctx.require("people.manage")
    known = NAMES | _brought(ctx)
    with ctx.transaction() as session:
        for change in sorted(changes, key=lambda one: one.code):
            row = _locked(change.code)
            before = frozenset(row.permissions)
            if change.permissions == before:
                continue
            if row.version != change.version:
                raise Conflict(
                    _(
                        "Somebody changed the role “%(title)s” meanwhile. Look at it again.",
                        title=row.title,
                    )
                )
            given, taken = change.permissions - before, before - change.permissions
            _refuse_unknown(given - known)
            refuse_beyond(ctx, given)
            row.permissions = sorted(change.permissions)
            row.version += 1
            audit.record(
                ctx,
                "role.changed",
                "role",
                row.code,
                given=" ".join(sorted(given)),
                taken=" ".join(sorted(taken)),
            )
        session.flush()


def _refuse_unknown(names: Iterable[str]) -> None:
    read = Fields()
    for name in sorted(names):
        read.refuse(
            "permissions",
            "role.permission_unknown",
            _("“%(name)s” is no permission here.", name=name[: limits.CODE]),
        )
    if read.problems:
        raise ValidationFailed(read.problems)


def remove(ctx: Context, code: str) -> None:
    """Remove one of the tenant's own roles.

    Raises NotFound, Conflict while somebody has it or is invited to it.
    """
    ctx.require("people.manage")
    with ctx.transaction() as session:
        row = _locked(code)
        holders = session.scalar(
            select(func.count()).select_from(Member).where(Member.role == code)
        )
        if holders:
            raise Conflict(
                _("People have this role, or are invited to it. Give them another role first.")
            )
        session.delete(row)
        session.flush()
        audit.record(ctx, "role.removed", "role", code)


def _locked(code: str) -> RoleRow:
    row = db.session.scalar(select(RoleRow).where(RoleRow.code == code).with_for_update())
    if row is None:
        raise NotFound(_("role"), code)
    return row


def refuse_beyond(ctx: Context, permissions: Iterable[str]) -> None:
    """Raises Forbidden where somebody would give what they may not do themselves."""
    if ctx.permissions is None:
        return
    if lacking := set(permissions) - ctx.permissions:
        raise Forbidden(min(lacking))


def permissions_of(ctx: Context, code: str) -> frozenset[str] | None:
    """Return what a role may do; None where there is no such role."""
    if code in ROLES:
        return granted(code, _brought(ctx))
    stored = db.session.scalar(select(RoleRow.permissions).where(RoleRow.code == code))
    return None if stored is None else frozenset(stored)


def titles(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of roles by code; a role that is gone goes by its code."""
    wanted = set(codes)
    own = db.session.execute(
        select(RoleRow.code, RoleRow.title).where(RoleRow.code.in_(wanted - ROLES.keys()))
    )
    found = {code: str(ROLES[code].title) for code in wanted & ROLES.keys()}
    return {code: code for code in wanted} | found | dict(own.tuples().all())


__all__ = [
    "PermissionGroup",
    "RoleChange",
    "RoleEntry",
    "change",
    "create",
    "describe",
    "get",
    "grouped",
    "groups",
    "listing",
    "permissions_of",
    "refuse_beyond",
    "remove",
    "titles",
]
