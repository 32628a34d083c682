"""``billhook verify``: the proof that the books are whole."""

from typing import TYPE_CHECKING, Any

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.verifying import CheckResult


@tenant_command(None, "verify")
def verify(ctx: "Context") -> Answer:
    """Prove that the books are whole, or name what is broken.

    Recomputes all numbers, hashes, chains and balances.

    \b
    billhook verify --tenant shop

    Exit status 1 where something is broken.
    """
    from billhook.services import verifying

    verdict = verifying.verify(ctx)
    broken = [
        f"{found.record}: {found.reason}"
        for result in verdict.checks
        if (found := result.checked.broken)
    ]
    if verdict.is_whole:
        text = _("The books are whole: numbers, chains and balances agree.")
    else:
        text = _(
            "The books are broken. Keep a copy of the database as it is, and compare backups."
        )
    titles = (_("check"), ">" + _("records"), _("sound"))
    rows = [
        (result.label, result.checked.count, not result.checked.broken)
        for result in verdict.checks
    ]
    content = {
        "is_whole": verdict.is_whole,
        "checks": [_content(result) for result in verdict.checks],
    }
    return Answer(
        content,
        [Table(titles, rows), text],
        exit_status=0 if verdict.is_whole else 1,
        warnings=broken,
    )


def _content(result: "CheckResult") -> dict[str, Any]:
    found = result.checked.broken
    return {
        "name": result.name,
        "count": result.checked.count,
        "broken": {"record": found.record, "reason": found.reason} if found else None,
    }
