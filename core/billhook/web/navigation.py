"""The entries beside each page: those whose page the member may open, in groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from babel.support import LazyProxy
from flask import current_app, g, request, url_for

from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page that is one click away from every other."""

    endpoint: str
    label: LazyProxy
    icon: str
    permission: str = ""
    """Empty for what every member may open."""
    count: Callable[[Context], int] | None = None
    """How many things wait there."""

    @property
    def address(self) -> str:
        return _address(request.script_root, self.endpoint)

    def waiting(self) -> int:
        """Return how many things wait there; none on pages that say what failed."""
        if self.count is None or g.get("has_failed"):
            return 0
        return self.count(g.ctx)

    @property
    def is_current(self) -> bool:
        return request.blueprint == self.endpoint.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that belong together; without a title for the first."""

    title: LazyProxy | str
    entries: Sequence[Entry]


def _entry(
    endpoint: str,
    label: LazyProxy,
    icon: str,
    permission: str = "",
    count: Callable[[Context], int] | None = None,
) -> Entry:
    return Entry(endpoint=endpoint, label=label, icon=icon, permission=permission, count=count)


GROUPS = (
    Group(title="", entries=(_entry("home.home", _("Home"), "home"),)),
    Group(
        title=_("Billing"),
        entries=(
            _entry("customers.listing", _("Customers"), "users", "customers.view"),
            _entry("products.listing", _("Products"), "package", "products.view"),
            _entry("charges.listing", _("Charges"), "coins", "charges.view"),
            _entry("bill_runs.listing", _("Bill runs"), "player-play", "bill_runs.view"),
            _entry("drafts.listing", _("Drafts"), "file-text", "drafts.view"),
            _entry("documents.listing", _("Documents"), "file-invoice", "documents.view"),
            _entry("outbox.listing", _("Outbox"), "send", "deliveries.view"),
            _entry(
                "questions.listing",
                _("Questions"),
                "message-circle",
                "questions.view",
                questions.waiting,
            ),
        ),
    ),
    Group(
        title=_("Books"),
        entries=(
            _entry("ledger.journal", _("Ledger"), "book-2", "ledger.view"),
            _entry("imports.listing", _("Imports"), "upload", "imports.create"),
            _entry("exports.listing", _("Exports"), "download", "exports.create"),
            _entry("audit.listing", _("Audit"), "history", "audit.view"),
        ),
    ),
    Group(
        title=_("Company"),
        entries=(
            _entry("settings.index", _("Settings"), "settings", "tenant.view"),
            _entry("client_portal.overview", _("Portal"), "world", "portal.view"),
            _entry("people.listing", _("People"), "user-plus", "people.view"),
            _entry("plugins.listing", _("Plugins"), "plug", "plugins.view"),
            _entry("work.listing", _("Jobs"), "activity", "outbox.view"),
            _entry("api_keys.listing", _("API keys"), "key", "api_keys.view"),
            _entry("webhooks.listing", _("Webhooks"), "webhook", "webhooks.view"),
        ),
    ),
)


@cache
def _address(_root: str, endpoint: str) -> str:
    return url_for(endpoint)


def groups() -> list[Group]:
    """Return what the member whose request this is may open; nothing outside a company."""
    if g.get("ctx") is None:
        return []
    known = current_app.view_functions
    open_to_them = [
        Group(
            title=group.title,
            entries=[
                entry
                for entry in group.entries
                if entry.endpoint in known and (not entry.permission or may(entry.permission))
            ],
        )
        for group in GROUPS
    ]
    return [group for group in open_to_them if group.entries]


def may(permission: str) -> bool:
    """Tell whether to show what needs a permission; the route that it leads to holds it."""
    ctx = g.get("ctx")
    return ctx is not None and (ctx.permissions is None or permission in ctx.permissions)
