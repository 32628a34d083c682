"""A tenant's choices for its portal."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, select

from billhook.db import db
from billhook.models.portal import PortalSetting

LINK_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """What holds; without a row, as the product comes."""

    is_open: bool = True
    link_days: int = LINK_DAYS
    """How many days a link in a mail shows its document."""
    approvals: frozenset[str] = frozenset()
    """Names of `profile_fields.FIELDS` whose change by the client waits for a yes."""
    message: str = ""
    version: int = 0


@cache
def _stored() -> Select[tuple[PortalSetting]]:
    """Build the statement once: every request sends it."""
    return select(PortalSetting)


def current() -> PortalSettings:
    """Return the settings of the tenant in scope."""
    row = db.session.scalar(_stored())
    if row is None:
        return PortalSettings()
    return PortalSettings(
        is_open=row.is_open,
        link_days=row.link_days,
        approvals=frozenset(row.approvals),
        message=row.message,
        version=row.version,
    )
