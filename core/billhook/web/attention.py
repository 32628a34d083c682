"""What went wrong and waits for a person: said where everybody begins."""

from dataclasses import dataclass

from flask import current_app, url_for

from billhook.domain.deliveries import DeliveryState
from billhook.i18n import ngettext
from billhook.sdk.context import Context
from billhook.services import dashboard, profile_changes, questions
from billhook.web.navigation import may


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A sentence, and where to see to it."""

    text: str
    address: str


def troubles(ctx: Context) -> list[Trouble]:
    """Return what the member may see of what failed."""
    found = []
    if may("deliveries.view"):
        found += [
            _messages(ctx, DeliveryState.FAILED),
            _messages(ctx, DeliveryState.BOUNCED),
        ]
    if may("bill_runs.view"):
        found.append(_customers(ctx))
    if may("questions.view"):
        found.append(_questions(ctx))
    if may("customers.edit"):
        found.append(_changes(ctx))
    if may("outbox.view"):
        found.append(_jobs(ctx))
    return [one for one in found if one]


def _messages(ctx: Context, state: DeliveryState) -> Trouble | None:
    count = dashboard.lost_messages(ctx, state)
    if not count:
        return None
    if state is DeliveryState.BOUNCED:
        text = ngettext("%(count)s message came back.", "%(count)s messages came back.", count)
    else:
        text = ngettext(
            "%(count)s message did not go out.", "%(count)s messages did not go out.", count
        )
    return Trouble(text=text, address=url_for("outbox.listing", state=state.value))


def _customers(ctx: Context) -> Trouble | None:
    count = dashboard.parked_customers(ctx)
    if not count:
        return None
    text = ngettext(
        "%(count)s customer was set aside by a bill run.",
        "%(count)s customers were set aside by a bill run.",
        count,
    )
    known = current_app.view_functions
    endpoint = "bill_runs.parked" if "bill_runs.parked" in known else "bill_runs.listing"
    return Trouble(text=text, address=url_for(endpoint))


def _questions(ctx: Context) -> Trouble | None:
    count = questions.waiting(ctx)
    if not count:
        return None
    text = ngettext(
        "%(count)s question of a client waits for an answer.",
        "%(count)s questions of clients wait for an answer.",
        count,
    )
    return Trouble(text=text, address=url_for("questions.listing"))


def _changes(ctx: Context) -> Trouble | None:
    count = profile_changes.waiting(ctx)
    if not count:
        return None
    text = ngettext(
        "%(count)s client waits for a yes to a change of its details.",
        "%(count)s clients wait for a yes to a change of their details.",
        count,
    )
    return Trouble(text=text, address=url_for("profile_changes.listing"))


def _jobs(ctx: Context) -> Trouble | None:
    count = dashboard.dead_jobs(ctx)
    if not count:
        return None
    text = ngettext("%(count)s job was given up.", "%(count)s jobs were given up.", count)
    return Trouble(text=text, address=url_for("work.listing"))
