"""A draft becomes a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from billhook.db import db
from billhook.domain.documents import Document
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.drafts import Draft
from billhook.money import amount_text, parse_amount
from billhook.plugins.runtime import runtime
from billhook.sdk.api import VersionMismatch
from billhook.sdk.context import Context
from billhook.services import drafting, idempotency, outbox
from billhook.services.buyers import seller, versions
from billhook.services.drafting import LoadedDraft
from billhook.services.posting import post_documents, refuse_date
from billhook.services.taxing import documents_of

_AMOUNTS = ("net", "tax", "gross", "payable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A document that has just got its number; amounts in minor units."""

    id: UUID
    type: DocumentType
    number: str
    currency: str
    net: int
    tax: int
    gross: int
    payable: int

    def as_json(self) -> dict[str, str]:
        """Return the form in which an idempotency key remembers it."""
        return {
            "id": str(self.id),
            "type": self.type.value,
            "number": self.number,
            "currency": self.currency,
            **{name: amount_text(getattr(self, name), self.currency) for name in _AMOUNTS},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> "Issued":
        """Return what `as_json` stored."""
        currency = stored["currency"]
        return cls(
            id=UUID(stored["id"]),
            type=DocumentType(stored["type"]),
            number=stored["number"],
            currency=currency,
            **{name: parse_amount(stored[name], currency) for name in _AMOUNTS},
        )


def issue(
    ctx: Context,
    draft_id: UUID,
    *,
    issue_on: date | None = None,
    key: str | None = None,
    version: int | None = None,
) -> Issued:
    """Give a draft its number and post it to the ledger.

    The day is the draft's run's, else today. With a version, it must be the one that
    somebody looked at. A repeat with the same idempotency key gets the first answer.
    Raises NotFound, AlreadyIssued, Conflict, PeriodClosed, ValidationFailed,
    IdempotencyMismatch.
    """
    ctx.require("documents.issue")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.issue",
        key=key,
        request=[str(draft_id), issue_on.isoformat() if issue_on else ""],
        compute=lambda: _computed(ctx, draft_id, issue_on, version),
        effect=lambda computed: _issue(ctx, *computed).as_json(),
    )
    return Issued.from_json(outcome.answer)


def _computed(
    ctx: Context, draft_id: UUID, issue_on: date | None, version: int | None
) -> tuple[LoadedDraft, Document]:
    """Return the draft and the document that it makes; asks plugins, writes nothing."""
    loaded = drafting.load(ctx, draft_id)
    if version not in (None, loaded.version):
        raise VersionMismatch(_("The draft was changed since you looked at it. Look at it again."))
    day = issue_on or loaded.issue_on or ctx.today()
    refuse_date(ctx, day)
    (outcome,) = documents_of(  # asks plugins: before the transaction
        ctx,
        runtime().host.relay(ctx.tenant.plugins),
        [loaded.bill],
        seller=seller(ctx),
        issue_on=day,
        stage="issue",
    )
    if outcome.refused or not outcome.document:
        raise ValidationFailed(outcome.refused.problems if outcome.refused else ())
    return loaded, outcome.document


def _issue(ctx: Context, loaded: LoadedDraft, document: Document) -> Issued:
    """Inside a transaction: the draft gives way to the document."""
    session = db.session()
    _refuse_changed(session, loaded)
    (issued,) = issue_documents(ctx, session, [document])
    session.execute(
        delete(Draft)
        .where(Draft.tenant_id == ctx.tenant.id, Draft.id == document.id)
        .execution_options(synchronize_session=False)
    )
    return issued


def _refuse_changed(session: Session, loaded: LoadedDraft) -> None:
    """Raises Conflict where draft or customer changed since the document was computed."""
    buyer = loaded.bill.buyer
    locked = drafting.lock(session, loaded.bill.id)
    if locked.version != loaded.version or versions([buyer.id]) != {buyer.id: buyer.version}:
        raise Conflict(
            _("The draft or its customer was changed meanwhile. Look at it, then issue again.")
        )


def issue_documents(ctx: Context, session: Session, documents: list[Document]) -> list[Issued]:
    """Post documents whose charges are claimed already; inside a transaction."""
    sealed = {
        seal.document_id: seal for seal in post_documents(ctx, session, documents, claims={})
    }
    outbox.wake_when_committed()
    return [
        Issued(
            id=document.id,
            type=document.type,
            number=sealed[document.id].printed_number,
            currency=document.currency,
            net=document.net,
            tax=document.tax,
            gross=document.gross,
            payable=document.payable,
        )
        for document in documents
    ]
