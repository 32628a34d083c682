"""The list of keys."""

from collections.abc import Sequence

from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import api_keys
from billhook.services.api_keys import KeyEntry, KeyFilter, KeyState
from billhook.services.paging import Slice
from billhook.web.labels import label
from billhook.web.lists import (
    Address,
    Badge,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
)

TONES = {KeyState.ACTIVE: "good", KeyState.EXPIRED: "warn", KeyState.REVOKED: "quiet"}


def state_of(key: KeyEntry) -> Badge:
    """Return whether a key opens anything, as a word in a colour."""
    return Badge(label(key.state), TONES[key.state])


def maker_of(key: KeyEntry) -> str:
    """Name who made a key."""
    if key.made_by is None:
        return gettext("The operator")
    return key.maker or gettext("Somebody who is gone")


def _scopes(key: KeyEntry) -> str:
    return ngettext("%(count)s permission", "%(count)s permissions", len(key.scopes))


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[KeyEntry]:
    wanted = KeyFilter(text=query.text, state=query.choice("state", KeyState))
    return api_keys.search(ctx, wanted, after=after, limit=limit)


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in KeyState]


PAGE = ListPage(
    name="api-keys",
    title=_("API keys"),
    permission="api_keys.view",
    template="api_keys/list.html",
    search=_("Name, or the beginning of a secret"),
    columns=(
        Column(
            key="name",
            label=_("Name"),
            value=lambda key: key.name,
            href=Address("api_keys.key", key_id=lambda key: key.id),
            is_title=True,
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=state_of),
        Column(key="scopes", label=_("May"), value=_scopes),
        Column(
            key="secrets",
            label=_("Secret begins with"),
            kind=Kind.CODE,
            value=lambda key: " ".join(secret.hint for secret in key.secrets),
        ),
        Column(
            key="used_at",
            label=_("Last use"),
            kind=Kind.INSTANT,
            value=lambda key: key.used_at,
            hint=lambda key: key.used_from,
        ),
        Column(
            key="expires_at",
            label=_("Ends"),
            kind=Kind.INSTANT,
            value=lambda key: key.expires_at,
        ),
        Column(key="maker", label=_("Made by"), value=maker_of),
        Column(
            key="made_at",
            label=_("Made"),
            kind=Kind.INSTANT,
            value=lambda key: key.made_at,
            is_extra=True,
        ),
        Column(
            key="requests_per_minute",
            label=_("Requests per minute"),
            kind=Kind.NUMBER,
            value=lambda key: key.requests_per_minute,
            is_extra=True,
        ),
        Column(
            key="permissions",
            label=_("Permissions"),
            value=lambda key: " ".join(key.scopes),
            is_extra=True,
        ),
        Column(key="id", label=_("Id"), kind=Kind.CODE, value=lambda key: key.id, is_extra=True),
    ),
    filters=(Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),),
    fetch=_fetch,
    identify=lambda key: key.id,
)
