"""Drafts: written by bill runs, looked at, adjusted, discarded."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from billhook.db import db
from billhook.domain.adjusting import adjustment_json, read_adjustment
from billhook.domain.bills import Bill, Buyer
from billhook.domain.custom_fields import FieldDefinition, FieldSubject
from billhook.domain.documents import Attachment
from billhook.domain.events import DraftChanged, DraftDiscarded
from billhook.domain.links import LinkKind
from billhook.domain.states import DraftState
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import AlreadyIssued, Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS, REASON
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft, DraftAttachment, DraftLine
from billhook.models.files import File
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, links, merged, outbox, own_fields
from billhook.services.buyers import buyers, seller
from billhook.services.draft_rows import bill_line
from billhook.services.taxing import Outcome, documents_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEntry:
    """A draft in a list; `net` is the lines' sum before tax and adjustments, signed."""

    id: UUID
    state: DraftState
    customer: str
    customer_name: str
    currency: str
    lines: int
    net: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A draft as it would be issued today, or the reasons why it cannot be."""

    id: UUID
    state: DraftState
    version: int
    bill: Bill
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDraft:
    """A draft as read, outside any transaction: what is computed from it is checked against it."""

    version: int
    state: DraftState
    issue_on: date | None
    bill: Bill
    created_at: datetime
    run_id: UUID | None = None


def listing(
    ctx: Context, *, state: DraftState = DraftState.OPEN, limit: int = PAGE_ROWS
) -> list[DraftEntry]:
    """Return drafts, oldest first."""
    ctx.require("drafts.view")
    rows = db.session.execute(
        select(Draft, Customer.reference, Customer.name)
        .join(
            Customer,
            and_(Customer.tenant_id == Draft.tenant_id, Customer.id == Draft.customer_id),
        )
        .where(Draft.state == state.value)
        .order_by(Draft.id)
        .limit(limit)
    ).all()
    lines = _lines_of([draft.id for draft, _reference, _name in rows])
    return [
        DraftEntry(
            id=draft.id,
            state=DraftState(draft.state),
            customer=reference,
            customer_name=name,
            currency=draft.currency,
            lines=len(lines.get(draft.id, ())),
            net=sum(bill_line(row, draft.currency).amount for row in lines.get(draft.id, ())),
            created_at=draft.created_at,
        )
        for draft, reference, name in rows
    ]


def _lines_of(draft_ids: Sequence[UUID]) -> dict[UUID, list[DraftLine]]:
    found: dict[UUID, list[DraftLine]] = {}
    if draft_ids:
        for row in db.session.scalars(
            select(DraftLine)
            .where(DraftLine.draft_id.in_(draft_ids))
            .order_by(DraftLine.draft_id, DraftLine.line_no)
        ):
            found.setdefault(row.draft_id, []).append(row)
    return found


def get(ctx: Context, draft_id: UUID, *, issue_on: date | None = None) -> DraftView:
    """Return a draft, taxed as if it were issued on the day, else on its run's, else today.

    Raises NotFound, AlreadyIssued.
    """
    ctx.require("drafts.view")
    loaded = load(ctx, draft_id)
    (outcome,) = documents_of(
        ctx,
        runtime().host.relay(ctx.tenant.plugins),
        [loaded.bill],
        seller=seller(ctx),
        issue_on=issue_on or loaded.issue_on or ctx.today(),
        stage="draft",
    )
    return DraftView(
        id=draft_id,
        state=loaded.state,
        version=loaded.version,
        bill=loaded.bill,
        outcome=outcome,
    )


def outcomes(ctx: Context, draft_ids: Sequence[UUID]) -> dict[UUID, Outcome]:
    """Return drafts as `get` does, taxed a day's at once. Raises NotFound, AlreadyIssued."""
    ctx.require("drafts.view")
    by_day: dict[date, list[Bill]] = {}
    for loaded in load_all(ctx, draft_ids).values():
        by_day.setdefault(loaded.issue_on or ctx.today(), []).append(loaded.bill)
    way, ours = runtime().host.relay(ctx.tenant.plugins), seller(ctx)
    return {
        outcome.bill.id: outcome
        for day, bills in by_day.items()
        for outcome in documents_of(ctx, way, bills, seller=ours, issue_on=day, stage="draft")
    }


def load(ctx: Context, draft_id: UUID) -> LoadedDraft:
    """Return a draft and its bill. Raises NotFound, AlreadyIssued."""
    return load_all(ctx, [draft_id])[draft_id]


def load_all(ctx: Context, draft_ids: Sequence[UUID]) -> dict[UUID, LoadedDraft]:
    """Return drafts and their bills, in the order of the ids.

    Raises NotFound, AlreadyIssued for the first that is no draft.
    """
    rows = {
        row.id: row for row in db.session.scalars(select(Draft).where(Draft.id.in_(draft_ids)))
    }
    for draft_id in draft_ids:
        if draft_id not in rows:
            refuse_issued(draft_id)
            raise NotFound(_("draft"), draft_id)
    found = _Surroundings(
        buyers=buyers(ctx, {row.customer_id for row in rows.values()}),
        payers=merged.places({row.payer_id for row in rows.values()}),
        lines=_lines_of(draft_ids),
        own=own_fields.definitions(FieldSubject.DOCUMENT, FieldSubject.LINE),
        attachments=_attachments(draft_ids),
    )
    return {draft_id: _loaded(rows[draft_id], found) for draft_id in draft_ids}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What several drafts need of other tables."""

    buyers: Mapping[UUID, Buyer]
    payers: Mapping[UUID, merged.Place]
    lines: Mapping[UUID, Sequence[DraftLine]]
    own: Sequence[FieldDefinition]
    attachments: Mapping[UUID, Sequence[Attachment]]


def _loaded(draft: Draft, found: _Surroundings) -> LoadedDraft:
    of_lines = [field for field in found.own if field.subject is FieldSubject.LINE]
    of_documents = [field for field in found.own if field.subject is FieldSubject.DOCUMENT]
    place = found.payers.get(draft.payer_id)
    bill = Bill(
        id=draft.id,
        buyer=found.buyers[draft.customer_id],
        payer_id=place.payer_id if place else draft.payer_id,
        currency=draft.currency,
        lines=tuple(
            bill_line(row, draft.currency, of_lines) for row in found.lines.get(draft.id, ())
        ),
        adjustments=tuple(read_adjustment(stored) for stored in draft.adjustments),
        delivery_country=draft.delivery_country,
        purchase_order=draft.purchase_order,
        note=draft.note,
        buyer_reference=draft.buyer_reference,
        language=draft.language,
        payment_days=draft.payment_days,
        terms=draft.terms,
        reference=draft.reference,
        brand_id=draft.brand_id,
        fields=own_fields.frozen(draft.fields, of_documents),
        attachments=tuple(found.attachments.get(draft.id, ())),
    )
    return LoadedDraft(
        version=draft.version,
        state=DraftState(draft.state),
        issue_on=draft.issue_on,
        bill=bill,
        created_at=draft.created_at,
        run_id=draft.run_id,
    )


def _attachments(draft_ids: Sequence[UUID]) -> dict[UUID, list[Attachment]]:
    rows = db.session.execute(
        select(DraftAttachment.draft_id, File)
        .join(
            File,
            and_(File.tenant_id == DraftAttachment.tenant_id, File.id == DraftAttachment.file_id),
        )
        .where(DraftAttachment.draft_id.in_(draft_ids))
        .order_by(DraftAttachment.draft_id, DraftAttachment.position)
    )
    found: dict[UUID, list[Attachment]] = {}
    for draft_id, file in rows:
        found.setdefault(draft_id, []).append(
            Attachment(
                file_id=file.id,
                name=file.name,
                content_type=file.content_type,
                sha256=file.sha256.hex(),
            )
        )
    return found


def refuse_issued(draft_id: UUID) -> None:
    """Raises AlreadyIssued where the draft has become a document."""
    if db.session.scalar(select(DocumentRow.id).where(DocumentRow.id == draft_id)):
        raise AlreadyIssued(
            _("This draft was issued. Correct the document by a credit note instead.")
        )


def adjust(ctx: Context, draft_id: UUID, adjustment: Adjustment) -> DraftView:
    """Add a discount or surcharge of the whole draft.

    Raises NotFound, Conflict, ValidationFailed: `kind` says the direction, so that
    percent and amount are above zero, and a discount is no more than all of it.
    """
    ctx.require("drafts.edit")
    _refuse_adjustment(adjustment)
    with ctx.transaction() as session:
        draft = lock(session, draft_id)
        draft.adjustments = [*draft.adjustments, adjustment_json(adjustment)]
        draft.version += 1
        session.flush()
        outbox.publish(ctx, DraftChanged(draft_id=draft_id))
        audit.record(ctx, "draft.adjusted", "draft", draft_id, kind=adjustment.kind.value)
    return get(ctx, draft_id)


def _refuse_adjustment(adjustment: Adjustment) -> None:
    problems = []
    if not adjustment.reason.strip() or len(adjustment.reason) > REASON:
        message = _("Say why, in at most %(limit)s characters.", limit=REASON)
        problems.append(Problem(code="adjustment.reason", path="reason", message=message))
    value = adjustment.amount if adjustment.percent is None else adjustment.percent
    is_whole = adjustment.kind is AdjustmentKind.ALLOWANCE and (adjustment.percent or 0) > 100
    if not value or value < 0 or is_whole:
        message = _("Choose a value above zero; a discount takes off 100 % at most.")
        problems.append(Problem(code="adjustment.value", path="value", message=message))
    if problems:
        raise ValidationFailed(problems)


def discard(
    ctx: Context,
    draft_id: UUID,
    *,
    reason: str = "",
    expected: Callable[[int], object] | None = None,
) -> None:
    """Give a draft up; its charges wait again. `expected` may refuse its version, by raising.

    Raises NotFound, Conflict.
    """
    ctx.require("drafts.edit")
    with ctx.transaction() as session:
        draft = lock(session, draft_id)
        if expected:
            expected(draft.version)
        draft.state = DraftState.DISCARDED.value
        draft.version += 1
        session.flush()
        give_back(ctx, session, draft_id)
        outbox.publish(ctx, DraftDiscarded(draft_id=draft_id))
        audit.record(ctx, "draft.discarded", "draft", draft_id, reason=reason)


def give_back(
    ctx: Context, session: Session, draft_id: UUID, *, keeping: Collection[UUID] = ()
) -> int:
    """Let charges of the draft wait in the queue again; drop its claims but those to keep.

    Returns how many. Inside a transaction, with the draft locked.
    """
    charges = session.execute(
        select(ChargeRow.id, ChargeRow.payer_id, ChargeRow.charged_on)
        .join(
            ChargeClaim,
            and_(
                ChargeClaim.tenant_id == ChargeRow.tenant_id,
                ChargeClaim.charge_id == ChargeRow.id,
            ),
        )
        .where(ChargeClaim.holder_id == draft_id, ChargeClaim.charge_id.not_in(keeping))
    ).all()
    if not charges:
        return 0
    session.execute(
        delete(ChargeClaim)
        .where(
            ChargeClaim.tenant_id == ctx.tenant.id,
            ChargeClaim.holder_id == draft_id,
            ChargeClaim.charge_id.not_in(keeping),
        )
        .execution_options(synchronize_session=False)
    )
    places = merged.places({row.payer_id for row in charges})
    session.execute(
        insert(ChargeOpen),
        [
            {
                "tenant_id": ctx.tenant.id,
                "charge_id": row.id,
                "payer_id": (
                    places[row.payer_id].payer_id if row.payer_id in places else row.payer_id
                ),
                "charged_on": row.charged_on,
                "is_held": False,
            }
            for row in charges
        ],
    )
    return len(charges)


def lock(session: Session, draft_id: UUID) -> Draft:
    """Return the draft's row, locked and open. Raises NotFound, AlreadyIssued, Conflict."""
    draft = session.scalar(
        select(Draft)
        .where(Draft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        refuse_issued(draft_id)
        raise NotFound(_("draft"), draft_id)
    if draft.state == DraftState.DISCARDED.value:
        raise Conflict(given_up(draft_id))
    return draft


def given_up(draft_id: UUID) -> str:
    """Say what became of a draft that is discarded."""
    match links.became(draft_id):
        case LinkKind.MERGED:
            return _("This draft was merged with others. Go on with the draft that it became.")
        case LinkKind.SPLIT:
            return _("This draft was split. Go on with the drafts that it became.")
    return _("This draft was discarded. Its charges wait for the next bill run.")
