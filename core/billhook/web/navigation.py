"""The entries at the top of each page: those whose page the member may open."""

from dataclasses import dataclass

from babel.support import LazyProxy
from flask import g, request

from billhook.i18n import lazy_gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page that is one click away from every other."""

    blueprint: str
    label: LazyProxy
    permission: str

    @property
    def endpoint(self) -> str:
        return f"{self.blueprint}.listing"

    @property
    def is_current(self) -> bool:
        return request.blueprint == self.blueprint


ENTRIES = (
    Entry(blueprint="documents", label=_("Documents"), permission="documents.view"),
    Entry(blueprint="drafts", label=_("Drafts"), permission="drafts.view"),
    Entry(blueprint="outbox", label=_("Outbox"), permission="deliveries.view"),
    Entry(blueprint="work", label=_("Jobs"), permission="outbox.view"),
)


def entries() -> list[Entry]:
    """Return what the member whose request this is may open; nothing outside a company."""
    return [entry for entry in ENTRIES if may(entry.permission)]


def may(permission: str) -> bool:
    """Tell whether to show what needs a permission; the route that it leads to holds it."""
    ctx = g.get("ctx")
    return ctx is not None and (ctx.permissions is None or permission in ctx.permissions)
