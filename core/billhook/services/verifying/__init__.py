"""Proof that the books are whole: every chain, sum and balance recomputed in linear time.

Each check reads its records in order and in batches, and names the first one
that is broken.
"""

from collections.abc import Callable
from dataclasses import dataclass

from babel.support import LazyProxy

from billhook.i18n import lazy_gettext as _l
from billhook.sdk.context import Context
from billhook.services.verifying.audits import audit_chain
from billhook.services.verifying.balances import (
    charges_billed_once,
    credited_lines,
    settled_balances,
)
from billhook.services.verifying.documents import document_chains
from billhook.services.verifying.finding import Checked
from billhook.services.verifying.journal import journal_chain, trial_balance
from billhook.services.verifying.kept_files import kept_files

CHECKS: tuple[tuple[str, LazyProxy, Callable[[Context], Checked]], ...] = (
    ("documents", _l("Documents: numbers, chain links, contents and sums"), document_chains),
    ("journal", _l("Journal: sequence, chain links, balanced entries"), journal_chain),
    ("trial_balance", _l("Accounts sum to zero in each currency"), trial_balance),
    (
        "settled",
        _l("Receivables and credits agree with documents and allocations"),
        settled_balances,
    ),
    ("credited", _l("Credited lines agree with their credit notes"), credited_lines),
    ("charges", _l("Each charge is billed at most once"), charges_billed_once),
    ("files", _l("Files made of documents: hashes of the stored bytes"), kept_files),
    ("audit", _l("Audit log: chain links"), audit_chain),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check and what it found."""

    name: str
    label: str
    checked: Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks; the books are whole where none found anything."""

    checks: tuple[CheckResult, ...]

    @property
    def is_whole(self) -> bool:
        return not any(result.checked.broken for result in self.checks)


def verify(ctx: Context) -> Verdict:
    """Recompute all that the tenant's books promise."""
    ctx.require("ledger.view")
    return Verdict(
        checks=tuple(
            CheckResult(name=name, label=str(label), checked=check(ctx))
            for name, label, check in CHECKS
        )
    )


__all__ = ["CHECKS", "CheckResult", "Verdict", "verify"]
