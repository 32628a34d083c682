"""A job works in the tenant that its row names, whatever its payload says."""

from billhook.errors import NotFound, PluginUnavailable
from billhook.ids import new_id
from billhook.jobs.drainer import CORE_HANDLERS
from billhook.jobs.handlers import HANDLERS

CORE = {"billing.continue", "delivery.attempt", "imports.work"}
"""Jobs that name a thing in their payload; the others take none."""

MAILS = {"person.mail_reset"}
"""A job that mails by the company's own channel; acme has none."""


def payloads(world):
    """Every key that a payload of ours has, with what is the shop's."""
    keys = {f"{name}_id": str(key) for name, key in world.ids.items()}
    keys["batch_id"] = str(world.batch)
    return {
        **keys,
        "event": "document.issued",
        "event_id": str(new_id()),
        "tenant_id": str(world.shop.tenant.id),
        "tenant": "shop",
        "reversal_id": str(world.ids["document"]),
        "message_id": str(world.ids["document"]),
        "customer_ids": [str(world.ids["customer"])],
        "since": "2026-01-01",
        "until": "2026-12-31",
        "reader": str(world.eve.person_id),
        "subject": "Zebra",
        "paragraphs": ["Zebra"],
        "label": "Read",
        "path": "/",
    }


def test_no_job_of_acmes_touches_the_shop(world, everything_of):
    assert CORE_HANDLERS
    before = everything_of(world.shop)
    for name, handler in sorted(HANDLERS.items()):
        ctx = world.acme
        with ctx.acting():
            try:
                if handler.own_transactions:
                    handler.work(ctx, payloads(world))
                else:
                    with ctx.transaction():
                        handler.work(ctx, payloads(world))
                assert name not in CORE
            except NotFound:
                assert name in CORE
            except PluginUnavailable:
                assert name in MAILS
    assert everything_of(world.shop) == before


def test_a_job_that_names_the_shops_run_ends_as_one_that_names_nothing(world):
    from billhook.jobs import drainer
    from billhook.services import outbox

    ctx = world.acme
    with ctx.acting(), ctx.transaction():
        theirs = outbox.enqueue(ctx, "billing.continue", {"run_id": str(world.run)})
        nobodys = outbox.enqueue(ctx, "billing.continue", {"run_id": str(new_id())})
    drainer.drain()
    with ctx.acting():
        ends = {
            work.id: (work.state, work.attempts, work.last_error.replace(str(world.run), "…"))
            for work in outbox.listing(ctx)
        }
    assert ends[theirs][:2] == ends[nobodys][:2]
    assert ends[theirs][1] >= 1
    assert "zebra" not in ends[theirs][2].lower()
