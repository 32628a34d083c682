"""``billhook webhook``: programs that are told of what happens."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from billhook.cli.command import tenant_command
from billhook.cli.output import Answer, Table, record
from billhook.cli.session import drain
from billhook.domain.webhooks import OVERLAP, EndpointState, WebhookDeliveryState
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.ids import parse_id

if TYPE_CHECKING:
    from billhook.sdk.context import Context
    from billhook.services.webhooks import DeliveryEntry, DeliveryView, Endpoint

_ENDPOINT = click.argument("endpoint", metavar="WEBHOOK")


@click.group()
def webhook() -> None:
    """Tell programs of what happens, and see what they answered.

    \b
    billhook webhook events --tenant shop
    billhook webhook add https://erp.example/billhook --event document.issued --tenant shop
    billhook webhook test 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """


@tenant_command(webhook, "list")
@click.option(
    "--state", type=click.Choice([state.value for state in EndpointState]), help="Of one state."
)
def list_webhooks(ctx: "Context", state: str | None) -> Answer:
    """List webhooks, the newest first, with how they are doing.

    \b
    billhook webhook list --state disabled --tenant shop

    One that is disabled answered 410, or failed for five days: billhook webhook resume
    """
    from billhook.services import webhooks

    found = webhooks.search(ctx, state=EndpointState(state) if state else None)
    return _endpoints(found.rows)


@tenant_command(webhook, "events")
def list_events(ctx: "Context") -> Answer:
    """List the events that webhooks can be told of.

    \b
    billhook webhook events --tenant shop
    billhook webhook events --json --tenant shop

    With --json each has a sample of the whole message.
    """
    from billhook.services import webhooks

    kinds = webhooks.event_types(ctx)
    rows = [(one.name, one.summary, ", ".join(one.fields)) for one in kinds]
    table = Table((_("event"), _("when"), _("data")), rows)
    return Answer({"events": [record(one) for one in kinds]}, [table])


@tenant_command(webhook, "add")
@click.argument("url")
@click.option(
    "--event", "events", multiple=True, help="Name of an event; again for more. None: all."
)
@click.option("--description", default="", help="Whose it is, for people.")
def add(ctx: "Context", url: str, events: tuple[str, ...], description: str) -> Answer:
    """Tell an address of events. Prints the secret, which is never shown again.

    \b
    billhook webhook add https://erp.example/billhook --tenant shop
    billhook webhook add https://erp.example/billhook --event document.issued \\
        --event document.voided --description "ERP" --tenant shop

    The address must be public and begin with https. The operator can allow private
    networks in BILLHOOK_OUTBOUND_NETWORKS.

    Next: give the secret to the receiver, then billhook webhook test WEBHOOK
    """
    from billhook.services import webhooks

    wanted = webhooks.EndpointInput(url=url, events=events, description=description)
    made = webhooks.create(ctx, wanted)
    content = {"webhook": record(made.endpoint), "secret": made.secret}
    return Answer(content, [_table([made.endpoint]), _secret_text(made.secret)])


@tenant_command(webhook, "pause")
@_ENDPOINT
def pause(ctx: "Context", endpoint: str) -> Answer:
    """Send nothing to a webhook until it is resumed; what happens meanwhile waits for it.

    \b
    billhook webhook pause 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    from billhook.services import webhooks

    return _endpoints([webhooks.pause(ctx, parse_id(endpoint, _("webhook")))])


@tenant_command(webhook, "resume", causes_jobs=True)
@_ENDPOINT
def resume(ctx: "Context", endpoint: str) -> Answer:
    """Send to a webhook again that was paused or disabled, and what waits for it at once.

    \b
    billhook webhook resume 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop

    What was dropped when it was disabled: billhook webhook replay --failed-of WEBHOOK
    """
    from billhook.services import webhooks

    return _endpoints([webhooks.resume(ctx, parse_id(endpoint, _("webhook")))])


@tenant_command(webhook, "remove")
@_ENDPOINT
def remove(ctx: "Context", endpoint: str) -> Answer:
    """Delete a webhook with its log; nothing more is sent to it.

    \b
    billhook webhook remove 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    """
    from billhook.services import webhooks

    found = parse_id(endpoint, _("webhook"))
    webhooks.remove(ctx, found)
    return Answer({"removed": str(found)}, [_("The webhook is removed.")])


@tenant_command(webhook, "rotate")
@_ENDPOINT
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 168),
    default=int(OVERLAP.total_seconds()) // 3600,
    show_default=True,
    help="How long the old secret signs beside the new one.",
)
def rotate(ctx: "Context", endpoint: str, overlap_hours: int) -> Answer:
    """Make a new secret. Prints it; it is never shown again.

    \b
    billhook webhook rotate 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    billhook webhook rotate 01890a5d-ac96-774b-bcce-b302099a8057 --overlap-hours 0 --tenant shop

    While both are live each message carries two signatures, so that the receiver can
    change over in its own time. Where the old secret leaked, take --overlap-hours 0.
    """
    from billhook.services import webhooks

    made = webhooks.rotate(
        ctx, parse_id(endpoint, _("webhook")), overlap=timedelta(hours=overlap_hours)
    )
    return Answer(record(made), [_secret_text(made.secret)])


@tenant_command(webhook, "test")
@_ENDPOINT
@click.option(
    "--event", default="document.issued", show_default=True, help="Whose sample is sent."
)
def test(ctx: "Context", endpoint: str, event: str) -> Answer:
    """Send a made-up message now, signed like any other, and show what was answered.

    \b
    billhook webhook test 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop

    With Redis a worker sends it: billhook webhook log --webhook WEBHOOK
    """
    from billhook.services import webhooks

    delivery_id = webhooks.send_test(ctx, parse_id(endpoint, _("webhook")), event)
    drain()
    return _view(webhooks.delivery(ctx, delivery_id))


@tenant_command(webhook, "log")
@click.argument("delivery", required=False, metavar="[DELIVERY]")
@click.option("--webhook", "endpoint", help="To one webhook.")
@click.option("--event", default="", help="Of one event.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in WebhookDeliveryState]),
    help="Of one state. Dropped waited when its webhook was disabled.",
)
@click.option("--id", "text", default="", help="The id that the receiver got: webhook-id.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    help="How many at most.",
)
def log(
    ctx: "Context",
    delivery: str | None,
    endpoint: str | None,
    event: str,
    state: str | None,
    text: str,
    limit: int,
) -> Answer:
    """List messages, the newest first, or show one with each request and answer.

    \b
    billhook webhook log --state failed --tenant shop
    billhook webhook log 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop

    Next: billhook webhook replay DELIVERY
    """
    from billhook.services import webhooks

    if delivery:
        return _view(webhooks.delivery(ctx, parse_id(delivery, _("delivery"))))
    wanted = webhooks.DeliveryFilter(
        endpoint_id=parse_id(endpoint, _("webhook")) if endpoint else None,
        event=event,
        state=WebhookDeliveryState(state) if state else None,
        text=text,
    )
    found = webhooks.deliveries(ctx, wanted, limit=limit)
    return Answer({"deliveries": [record(one) for one in found.rows]}, [_log(found.rows)])


@tenant_command(webhook, "replay", causes_jobs=True)
@click.argument("ids", nargs=-1, metavar="[DELIVERY]...")
@click.option("--failed-of", metavar="WEBHOOK", help="All that this webhook did not receive.")
@click.option(
    "--days",
    type=click.IntRange(1, 30),
    default=30,
    show_default=True,
    help="With --failed-of: of so many last days.",
)
def replay(ctx: "Context", ids: tuple[str, ...], failed_of: str | None, days: int) -> Answer:
    """Send messages again, with the same id and content.

    \b
    billhook webhook replay 01890a5d-ac96-774b-bcce-b302099a8057 --tenant shop
    billhook webhook replay --failed-of 01890a5d-ac96-774b-bcce-b302099a8057 --days 2 \\
        --tenant shop

    A receiver that knows the id may pass over it, which is what it should do.
    """
    from billhook.clock import SystemClock
    from billhook.services import webhooks

    if bool(ids) is bool(failed_of):
        raise click.UsageError(_("Name deliveries by their ids, or a webhook by --failed-of."))
    if failed_of:
        since = SystemClock().now() - timedelta(days=days)
        count = webhooks.replay_failed(ctx, parse_id(failed_of, _("webhook")), since=since)
        text = ngettext(
            "%(count)s message is sent again.", "%(count)s messages are sent again.", count
        )
        return Answer({"replayed": count}, [text])
    found = webhooks.replay(ctx, [parse_id(one, _("delivery")) for one in ids])
    return Answer({"deliveries": [record(one) for one in found]}, [_log(found)])


def _secret_text(secret: str) -> str:
    return _("Secret, shown this once: %(secret)s", secret=secret)


def _endpoints(found: "tuple[Endpoint, ...] | list[Endpoint]") -> Answer:
    return Answer({"webhooks": [record(one) for one in found]}, [_table(found)])


def _table(found: "tuple[Endpoint, ...] | list[Endpoint]") -> Table:
    titles = (_("id"), _("address"), _("events"), _("state"), _("reason"), _("failing since"))
    rows = [
        (
            *(one.id, one.url, ", ".join(one.events) or _("all"), one.state, one.state_reason),
            one.failing_since,
        )
        for one in found
    ]
    return Table(titles, rows)


def _log(found: "tuple[DeliveryEntry, ...] | list[DeliveryEntry]") -> Table:
    titles = (
        *(_("id"), _("made"), _("event"), _("address"), _("state"), _(">tries")),
        _("next try"),
    )
    rows = [
        (one.id, one.made_at, one.event, one.url, one.state, one.attempts, one.due_at)
        for one in found
    ]
    return Table(titles, rows)


def _view(view: "DeliveryView") -> Answer:
    titles = (_("when"), _(">status"), _("answer"), _("problem"), _(">ms"), _("at"))
    attempts = [
        (
            *(one.attempted_at, one.status or "", one.answer[:200], one.error),
            *(one.milliseconds, one.address),
        )
        for one in view.attempts
    ]
    parts: list[Table | str] = [_log([view.entry]), Table(titles, attempts), "", view.body]
    return Answer({"delivery": record(view)}, parts)
