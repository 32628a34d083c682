"""How a company runs its portal: open or closed, links in mails, what it wants to be asked about."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from billhook.db import db, insert
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.clients import ClientSession
from billhook.models.portal import PortalSetting
from billhook.sdk.context import Context
from billhook.services import audit, profile_fields
from billhook.services.fields import Fields
from billhook.services.portal import settings
from billhook.services.portal.settings import PortalSettings

LONGEST_LINK_DAYS = 730
LONGEST_MESSAGE = 2_000
APPROVABLE = tuple(field.name for field in profile_fields.FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalChange:
    """New values; None leaves one as it is."""

    is_open: bool | None = None
    link_days: int | None = None
    approvals: Collection[str] | None = None
    """Names out of `APPROVABLE`; all of them."""
    message: str | None = None


def get(ctx: Context) -> PortalSettings:
    """Return what holds now."""
    ctx.require("portal.manage")
    return settings.current()


def change(ctx: Context, wanted: PortalChange, *, version: int | None = None) -> PortalSettings:
    """Change what is given, from the next request on.

    Closing the portal logs everybody out, and no link in a mail leads anywhere until it
    is opened again. Raises ValidationFailed, and Conflict where the settings are no
    longer of the version that they were read in.
    """
    ctx.require("portal.manage")
    values = _read(wanted)
    with ctx.transaction():
        row = _lock(ctx)
        if version is not None and row.version != version:
            raise Conflict(_("Somebody else changed these settings just now."))
        changed = {name: one for name, one in values.items() if getattr(row, name) != one}
        for name, value in changed.items():
            setattr(row, name, value)
        row.version += 1
        if changed.get("is_open") is False:
            db.session.execute(delete(ClientSession))
        fields = " ".join(sorted(changed))
        audit.record(ctx, "portal.settings_changed", "tenant", ctx.tenant.id, fields=fields)
    return settings.current()


def _lock(ctx: Context) -> PortalSetting:
    """Return the tenant's row, made where there is none, for this transaction alone."""
    usual = PortalSettings()
    made = insert(PortalSetting).values(
        tenant_id=ctx.tenant.id,
        is_open=usual.is_open,
        link_days=usual.link_days,
        approvals=sorted(usual.approvals),
        message=usual.message,
        version=usual.version,
    )
    db.session.execute(made.on_conflict_do_nothing())
    return db.session.scalars(
        select(PortalSetting).with_for_update().execution_options(populate_existing=True)
    ).one()


def _read(wanted: PortalChange) -> dict[str, Any]:
    """Return the columns that a change sets. Raises ValidationFailed."""
    read = Fields()
    values: dict[str, Any] = {}
    if wanted.is_open is not None:
        values["is_open"] = wanted.is_open
    if wanted.link_days is not None:
        values["link_days"] = _days(read, wanted.link_days)
    if wanted.approvals is not None:
        names = {read.one_of("approvals", one, APPROVABLE) for one in wanted.approvals}
        values["approvals"] = sorted(names - {""})
    if wanted.message is not None:
        values["message"] = read.prose("message", wanted.message, limit=LONGEST_MESSAGE)
    if read.problems:
        raise ValidationFailed(read.problems)
    return values


def _days(read: Fields, days: int) -> int:
    if not 1 <= days <= LONGEST_LINK_DAYS:
        read.refuse(
            "link_days",
            "portal.link_days",
            _("Let links work for 1 to %(most)s days.", most=LONGEST_LINK_DAYS),
        )
    return days
