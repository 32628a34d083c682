"""What people may do: permissions of the core, and the roles that bundle them.

Names are ``resource.verb``; the scopes of API keys are the same strings. A plugin brings
its own, named ``<plugin>.<verb>``: administrators have them from the start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from babel.support import LazyProxy

from billhook.i18n import lazy_gettext as _
from billhook.sdk.permissions import Permission

ADMIN = "admin"

PERMISSIONS: tuple[Permission, ...] = (
    Permission("customers.view", _("See customers and their contacts")),
    Permission("customers.edit", _("Add and change customers and their contacts")),
    Permission("customers.erase", _("Erase what is known of a customer, for good")),
    Permission("products.view", _("See products and prices")),
    Permission("products.edit", _("Add and change products and prices")),
    Permission("charges.view", _("See what is waiting to be billed")),
    Permission("charges.edit", _("Add, hold, release and withdraw charges")),
    Permission("drafts.view", _("See drafts")),
    Permission("drafts.edit", _("Make, change and discard drafts")),
    Permission("documents.view", _("See invoices and credit notes")),
    Permission("documents.issue", _("Issue drafts")),
    Permission("documents.credit", _("Issue credit notes")),
    Permission("documents.void", _("Void documents")),
    Permission("deliveries.view", _("See what was sent to whom, and what came of it")),
    Permission("deliveries.send", _("Send documents, and send them again")),
    Permission("brands.view", _("See brands and templates")),
    Permission("brands.manage", _("Change brands and templates")),
    Permission("bill_runs.view", _("See bill runs and what came of them")),
    Permission("bill_runs.start", _("Start bill runs and retry parked customers")),
    Permission("series.manage", _("Change how documents are numbered")),
    Permission("ledger.view", _("See accounts, journal and trial balance")),
    Permission("ledger.close", _("Close periods of the ledger")),
    Permission("fx_rates.view", _("See exchange rates")),
    Permission("fx_rates.edit", _("Enter exchange rates")),
    Permission("imports.create", _("Import files")),
    Permission("exports.create", _("Export data")),
    Permission("files.view", _("Open stored files")),
    Permission("files.store", _("Store files")),
    Permission("audit.view", _("See who did what")),
    Permission("outbox.view", _("See work that waits or failed")),
    Permission("outbox.retry", _("Retry work that failed")),
    Permission("plugins.view", _("See the plugins and whether they work")),
    Permission("plugins.manage", _("Enable, disable and set up plugins")),
    Permission("people.view", _("See who works here")),
    Permission("people.manage", _("Invite people, change their roles, end their access")),
    Permission("tenant.view", _("See the company's settings")),
    Permission("tenant.manage", _("Change the company's settings")),
    Permission("api_keys.view", _("See API keys and what was asked with them")),
    Permission("api_keys.manage", _("Make, rotate and revoke API keys")),
    Permission("portal.view", _("See what clients do at the portal, and links in mails")),
    Permission("portal.invite", _("Let clients' people into the portal, and end their access")),
    Permission("portal.look", _("See the portal as a client sees it")),
    Permission("portal.manage", _("Set up the portal and its domains")),
    Permission("questions.view", _("See questions and disputes of clients")),
    Permission("questions.answer", _("Answer and close questions and disputes of clients")),
    Permission("webhooks.view", _("See webhooks and what was sent to them")),
    Permission("webhooks.manage", _("Set up webhooks and send messages again")),
)

NAMES: frozenset[str] = frozenset(permission.name for permission in PERMISSIONS)

WHOLE_COMPANY: frozenset[str] = frozenset(
    {
        "api_keys.manage",
        "api_keys.view",
        "audit.view",
        "bill_runs.start",
        "bill_runs.view",
        "customers.erase",
        "files.store",
        "files.view",
        "imports.create",
        "ledger.close",
        "ledger.view",
        "outbox.retry",
        "outbox.view",
        "people.manage",
        "plugins.manage",
        "portal.manage",
        "series.manage",
        "tenant.manage",
        "webhooks.manage",
        "webhooks.view",
    }
)
"""What shows or changes the company as a whole: members who see some customers never may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A bundle of permissions for people of one trade."""

    name: str
    title: LazyProxy
    summary: LazyProxy
    permissions: frozenset[str]


_READS = frozenset(name for name in NAMES if name.endswith(".view"))

_SALES = frozenset(
    {
        "customers.view",
        "products.view",
        "charges.view",
        "drafts.view",
        "drafts.edit",
        "documents.view",
        "deliveries.view",
        "portal.view",
        "questions.view",
    }
)

_CLERK = _SALES | {
    "bill_runs.start",
    "bill_runs.view",
    "charges.edit",
    "customers.edit",
    "deliveries.send",
    "documents.issue",
    "files.store",
    "files.view",
    "fx_rates.view",
    "imports.create",
    "portal.invite",
    "portal.look",
    "questions.answer",
}

_MANAGER = NAMES - {
    "api_keys.manage",
    "people.manage",
    "plugins.manage",
    "tenant.manage",
    "webhooks.manage",
}

_DEVELOPER = frozenset(
    {
        "api_keys.manage",
        "api_keys.view",
        "audit.view",
        "brands.view",
        "customers.view",
        "deliveries.view",
        "documents.view",
        "outbox.retry",
        "outbox.view",
        "plugins.manage",
        "plugins.view",
        "products.view",
        "tenant.view",
        "webhooks.manage",
        "webhooks.view",
    }
)

ROLES: Mapping[str, Role] = MappingProxyType(
    {
        role.name: role
        for role in (
            Role(
                name=ADMIN,
                title=_("Administrator"),
                summary=_("Does everything: settings, people, plugins and all billing."),
                permissions=NAMES,
            ),
            Role(
                name="manager",
                title=_("Billing manager"),
                summary=_(
                    "Runs billing and the books. Does not invite people, set up plugins or "
                    "change the company's settings."
                ),
                permissions=_MANAGER,
            ),
            Role(
                name="clerk",
                title=_("Billing clerk"),
                summary=_(
                    "Enters customers and charges, bills and issues. Gives no credit and "
                    "voids nothing."
                ),
                permissions=_CLERK,
            ),
            Role(
                name="sales",
                title=_("Sales"),
                summary=_(
                    "Sees customers and their documents, and prepares drafts that finance issues."
                ),
                permissions=_SALES,
            ),
            Role(
                name="auditor",
                title=_("Auditor"),
                summary=_("Sees and exports everything, changes nothing."),
                permissions=_READS | {"exports.create"},
            ),
            Role(
                name="developer",
                title=_("Developer"),
                summary=_(
                    "Sets up plugins, API keys and webhooks, and follows the work they do. Does "
                    "no billing."
                ),
                permissions=_DEVELOPER,
            ),
        )
    }
)


def granted(
    role: str, of_plugins: Iterable[str], *, own: Iterable[str] | None = None
) -> frozenset[str]:
    """Return what the role may do; `own` is what the tenant wrote down for a role of its own.

    An unknown role may nothing, nor does a permission count that nothing brings any more.
    """
    known, brought = ROLES.get(role), frozenset(of_plugins)
    if known is None:
        return frozenset(own or ()) & (NAMES | brought)
    return known.permissions | brought if role == ADMIN else known.permissions


def within_scope(permissions: frozenset[str]) -> frozenset[str]:
    """Leave out what reaches beyond single customers."""
    return permissions - WHOLE_COMPANY
