"""The blueprint, and the tabs that all pages of the ledger have."""

from dataclasses import dataclass

from babel.support import LazyProxy
from flask import Blueprint, request

from billhook.i18n import lazy_gettext as _
from billhook.web.navigation import may

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page of the ledger; `pages` are the endpoints that belong to it."""

    endpoint: str
    label: LazyProxy
    pages: tuple[str, ...] = ()
    permission: str = "ledger.view"

    @property
    def is_current(self) -> bool:
        return request.endpoint in (self.endpoint, *self.pages)


TABS = (
    Tab(endpoint="ledger.journal", label=_("Journal"), pages=("ledger.entry",)),
    Tab(endpoint="ledger.accounts", label=_("Accounts"), pages=("ledger.account",)),
    Tab(endpoint="ledger.trial_balance", label=_("Trial balance")),
    Tab(
        endpoint="ledger.hand_over",
        label=_("Hand over"),
        permission="exports.create",
    ),
    Tab(endpoint="ledger.verification", label=_("Verify"), pages=("ledger.verification_run",)),
)


@blueprint.context_processor
def _tabs() -> dict[str, object]:
    return {"tabs": [tab for tab in TABS if may(tab.permission)]}
