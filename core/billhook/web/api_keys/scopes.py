"""What a key may do, as people choose it: a table by what it is about, and usual choices."""

from collections.abc import Collection
from dataclasses import dataclass

from billhook.i18n import gettext as _
from billhook.sdk.context import Context
from billhook.sdk.permissions import Permission
from billhook.services import api_keys, roles

_BILLING = (
    *("customers", "products", "charges", "drafts", "documents", "deliveries"),
    *("bill_runs", "fx_rates", "imports", "files"),
)
_NOT_BILLING = ("customers.erase", "products.edit", "fx_rates.edit")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGroup:
    """Permissions on one kind of thing: to see it, and to do more."""

    title: str
    sees: tuple[Permission, ...]
    acts: tuple[Permission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A usual choice of permissions, of those that the member has."""

    code: str
    title: str
    scopes: frozenset[str]


def choices(ctx: Context) -> list[ScopeGroup]:
    """Return what the member can let a key do."""
    return grouped(ctx, api_keys.scopes_here(ctx))


def grouped(ctx: Context, scopes: Collection[str]) -> list[ScopeGroup]:
    """Return the permissions of some names, by what they are about."""
    found = []
    for group in roles.grouped(ctx):
        held = [one for one in group.permissions if one.name in scopes]
        if held:
            sees = tuple(one for one in held if one.name.endswith(".view"))
            acts = tuple(one for one in held if one not in sees)
            found.append(ScopeGroup(title=group.title, sees=sees, acts=acts))
    return found


def sleeping(ctx: Context, scopes: Collection[str]) -> list[str]:
    """Return the scopes that nothing brings here now: those of plugins that are off."""
    known = {one.name for group in roles.grouped(ctx) for one in group.permissions}
    return sorted(set(scopes) - known)


def presets(ctx: Context) -> list[Preset]:
    """Return the usual choices; one that leaves nothing to a member is left out."""
    mine = api_keys.scopes_here(ctx)
    reads = frozenset(name for name in mine if name.endswith(".view"))
    billing = frozenset(
        name for name in mine if name.partition(".")[0] in _BILLING and name not in _NOT_BILLING
    )
    offered = (
        Preset(code="reads", title=_("Read only"), scopes=reads),
        Preset(code="billing", title=_("Billing"), scopes=billing),
        Preset(code="all", title=_("Everything that I may"), scopes=mine),
    )
    return [one for one in offered if one.scopes]
