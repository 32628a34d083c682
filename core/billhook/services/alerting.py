"""Who is told of what goes wrong, or is done while nobody watches.

Each function runs inside the transaction that makes the fact one.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.imports import ImportRun
from billhook.models.runs import BillRun
from billhook.models.work import Outbox
from billhook.sdk.context import Context
from billhook.services import run_parts
from billhook.services.notifications import NoticeKind, holders, notify, starter_or_holders

_LOST = (DeliveryState.FAILED.value, DeliveryState.BOUNCED.value)


def delivery_failed(ctx: Context, delivery_id: UUID, event_id: str) -> None:
    """Tell those who send documents that somebody did not get one; not if it was mended since."""
    found = db.session.execute(
        select(Delivery.state, Delivery.last_error, DocumentRow.customer_id)
        .add_columns(DocumentSeal.printed_number)
        .join(DocumentRow, _of(DocumentRow.tenant_id, DocumentRow.id))
        .join(DocumentSeal, _of(DocumentSeal.tenant_id, DocumentSeal.document_id))
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if found is None or not (found.state in _LOST or found.last_error):
        return
    notify(
        ctx,
        holders(ctx, "deliveries.send", customer_id=found.customer_id),
        NoticeKind.DELIVERY_FAILED,
        facts={"number": found.printed_number, "state": found.state},
        object_kind="delivery",
        object_id=delivery_id,
        key=f"delivery.failed:{event_id}",
    )


def run_finished(ctx: Context, run_id: UUID) -> None:
    """Tell who started a bill run what it did, and those who manage plugins which of them failed."""
    run = db.session.scalars(select(BillRun).where(BillRun.id == run_id)).one_or_none()
    if run is None:
        return
    result = run_parts.summary(ctx, run_id).result
    notify(
        ctx,
        starter_or_holders(ctx, run.started_by, "bill_runs.start"),
        NoticeKind.RUN_FINISHED,
        facts={
            "until": run.until.isoformat(),
            "mode": run.mode,
            "documents": sum(one.documents for one in result.currencies.values()),
            "parked": len(result.parked),
        },
        object_kind="bill_run",
        object_id=run_id,
        key=f"bill_run.finished:{run_id}",
    )
    for plugin in sorted({one.plugin for one in result.parked if one.plugin}):
        plugin_failing(ctx, plugin)


def import_finished(ctx: Context, run_id: UUID) -> None:
    """Tell who brought a file in what became of it."""
    run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id)).one()
    notify(
        ctx,
        starter_or_holders(ctx, run.started_by, "imports.create"),
        NoticeKind.IMPORT_FINISHED,
        facts={"name": run.name, "state": run.state, "rows": run.rows_done},
        object_kind="import_run",
        object_id=run_id,
        key=f"import.finished:{run_id}",
    )


def job_given_up(ctx: Context, work_id: UUID, name: str) -> None:
    """Tell those who can retry that work is dead; once a day for the work of one name.

    An outage kills work by the thousand: the page behind the notice lists all of it.
    """
    notify(
        ctx,
        holders(ctx, "outbox.retry"),
        NoticeKind.JOB_GIVEN_UP,
        facts={"name": name, "plugin": _plugin_of(work_id)},
        object_kind="outbox",
        object_id=work_id,
        key=f"job.given_up:{name}:{ctx.today().isoformat()}",
    )


def plugin_failing(ctx: Context, plugin: str) -> None:
    """Tell those who manage plugins that one keeps failing; once a day for each."""
    notify(
        ctx,
        holders(ctx, "plugins.manage"),
        NoticeKind.PLUGIN_FAILING,
        facts={"plugin": plugin},
        object_kind="plugin",
        key=f"plugin.failing:{plugin}:{ctx.today().isoformat()}",
    )


def webhook_disabled(ctx: Context, endpoint_id: UUID, reason: str) -> None:
    """Tell those who manage webhooks that one is told nothing any more; once a day for each."""
    notify(
        ctx,
        holders(ctx, "webhooks.manage"),
        NoticeKind.WEBHOOK_DISABLED,
        facts={"reason": reason},
        object_kind="webhook",
        object_id=endpoint_id,
        key=f"webhook.disabled:{endpoint_id}:{ctx.today().isoformat()}",
    )


def _plugin_of(work_id: UUID) -> str:
    return db.session.scalar(select(Outbox.plugin).where(Outbox.id == work_id)) or ""


def _of(
    tenant_id: InstrumentedAttribute[UUID], key: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Join what has the key of a delivery's document."""
    return and_(Delivery.tenant_id == tenant_id, Delivery.document_id == key)
