"""Parents and children of drafts and documents, which share their ids."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, insert, select, union

from billhook.db import db
from billhook.domain.links import LinkKind
from billhook.domain.states import DocumentType, DraftState
from billhook.models.customers import Customer
from billhook.models.documents import DocumentEvent, DocumentLink, DocumentRow, DocumentSeal
from billhook.models.drafts import Draft
from billhook.sdk.context import Context
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A draft or document that another came from, or became."""

    id: UUID
    kind: LinkKind
    part: str
    """Which part of a split it is; of a parent, which part this one is."""
    type: DocumentType
    number: str
    """Printed on a document; empty on a draft."""
    reference: str
    customer_name: str
    draft_state: DraftState | None
    """None on a document."""
    is_void: bool = False

    @property
    def is_document(self) -> bool:
        return self.draft_state is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What one came from, and what it became, in the order in which that happened."""

    parents: tuple[Relative, ...]
    children: tuple[Relative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A child's descent from a parent."""

    parent_id: UUID
    child_id: UUID
    kind: LinkKind
    part: str = ""


@dataclass(frozen=True, slots=True)
class Descent:
    """A link as it was made."""

    parent_id: UUID
    child_id: UUID
    kind: LinkKind
    part: str
    made_at: datetime


def write(ctx: Context, links: Iterable[Link]) -> None:
    """Keep links for ever, inside the transaction that makes the children."""
    db.session.execute(
        insert(DocumentLink),
        [
            {
                "tenant_id": ctx.tenant.id,
                "parent_id": link.parent_id,
                "child_id": link.child_id,
                "kind": link.kind.value,
                "part": link.part,
                "made_at": ctx.now(),
            }
            for link in links
        ],
    )


def family(ctx: Context, one_id: UUID) -> Family:
    """Return the relatives of a draft or document, credit notes included; none for who is not there.

    Who may not see drafts is not told of them.
    """
    ctx.require("documents.view")
    return relatives(ctx, one_id, descent(ctx, one_id), _notes(ctx, [one_id]))


def families(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Family]:
    """Return the family of each of some drafts or documents that are there; see `family`."""
    ctx.require("documents.view")
    if not ids:
        return {}
    descents, notes = _descents(ctx, ids), _notes(ctx, ids)
    found = {one_id: _kin(one_id, descents, notes) for one_id in ids}
    kin = {one.id for up, down in found.values() for one in (*up, *down)}
    known = _relatives(ctx, kin | set(ids))
    return {
        one_id: _family(up, down, known) for one_id, (up, down) in found.items() if one_id in known
    }


def descent(ctx: Context, one_id: UUID) -> list[Descent]:
    """Return the links from a draft or document to its parents and children, as they were made."""
    return _descents(ctx, [one_id])


def _descents(ctx: Context, ids: Collection[UUID]) -> list[Descent]:
    links = [
        select(
            DocumentLink.parent_id,
            DocumentLink.child_id,
            DocumentLink.kind,
            DocumentLink.part,
            DocumentLink.made_at,
        ).where(DocumentLink.tenant_id == ctx.tenant.id, one_of(side, ids))
        for side in (DocumentLink.parent_id, DocumentLink.child_id)
    ]  # by two indexes: SQLite would answer an OR from all links of the tenant
    rows = db.session.execute(union(*links))  # once, though both sides are among the ids
    found = [Descent(up, down, LinkKind(kind), part, at) for up, down, kind, part, at in rows]
    return sorted(found, key=lambda one: (one.made_at, one.part, one.child_id))


def relatives(
    ctx: Context, one_id: UUID, links: Iterable[Descent], notes: Iterable[tuple[UUID, UUID]]
) -> Family:
    """Return the relatives that links, and credit notes with what they credit, lead to."""
    up, down = _kin(one_id, list(links), notes)
    return _family(up, down, _relatives(ctx, {one.id for one in (*up, *down)}))


def _kin(
    one_id: UUID, links: Sequence[Descent], notes: Iterable[tuple[UUID, UUID]]
) -> tuple[list["_Found"], list["_Found"]]:
    """Return who is above one, and who below."""
    up = [_Found(one.parent_id, one.kind, one.part) for one in links if one.child_id == one_id]
    down = [_Found(one.child_id, one.kind, one.part) for one in links if one.parent_id == one_id]
    for note_id, credited_id in notes:
        if note_id == one_id:
            up.append(_Found(credited_id, LinkKind.CREDITED))
        elif credited_id == one_id:
            down.append(_Found(note_id, LinkKind.CREDITED))
    return up, down


def _family(
    up: Iterable["_Found"], down: Iterable["_Found"], known: Mapping[UUID, "_Known"]
) -> Family:
    return Family(
        parents=tuple(_relative(one, known[one.id]) for one in up if one.id in known),
        children=tuple(_relative(one, known[one.id]) for one in down if one.id in known),
    )


def became(draft_id: UUID) -> LinkKind | None:
    """Return how a draft went up in others; None where it was given up."""
    found = db.session.scalar(
        select(DocumentLink.kind)
        .where(
            DocumentLink.parent_id == draft_id,
            DocumentLink.kind.in_([LinkKind.SPLIT.value, LinkKind.MERGED.value]),
        )
        .limit(1)
    )
    return LinkKind(found) if found else None


@dataclass(frozen=True, slots=True)
class _Found:
    id: UUID
    kind: LinkKind
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    type: str
    number: str
    reference: str
    customer_name: str
    state: str | None
    is_void: bool


def _relative(found: _Found, known: _Known) -> Relative:
    return Relative(
        id=found.id,
        kind=found.kind,
        part=found.part,
        type=DocumentType(known.type),
        number=known.number,
        reference=known.reference,
        customer_name=known.customer_name,
        draft_state=DraftState(known.state) if known.state else None,
        is_void=known.is_void,
    )


def _notes(ctx: Context, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the credit notes against documents, and what they are credit notes against."""
    sides = [
        select(DocumentRow.id, DocumentRow.credits_document_id).where(
            DocumentRow.tenant_id == ctx.tenant.id,
            DocumentRow.credits_document_id.is_not(None),
            beside,
        )
        for beside in (
            one_of(DocumentRow.id, ids),
            one_of(DocumentRow.credits_document_id, ids),
        )
    ]
    rows = db.session.execute(union(*sides)).tuples()
    return sorted((note_id, credited_id) for note_id, credited_id in rows if credited_id)


def _relatives(ctx: Context, ids: Collection[UUID]) -> dict[UUID, _Known]:
    if not ids:
        return {}
    sees_drafts = ctx.permissions is None or "drafts.view" in ctx.permissions
    return {**_documents(ids), **(_drafts(ids) if sees_drafts else {})}


def _drafts(ids: Collection[UUID]) -> dict[UUID, _Known]:
    rows = db.session.execute(
        select(Draft.id, Draft.type, Draft.reference, Customer.name, Draft.state)
        .join(
            Customer,
            and_(Customer.tenant_id == Draft.tenant_id, Customer.id == Draft.customer_id),
        )
        .where(one_of(Draft.id, ids))
    )
    return {
        draft_id: _Known(kind, "", reference, name, state, False)
        for draft_id, kind, reference, name, state in rows
    }


def _documents(ids: Collection[UUID]) -> dict[UUID, _Known]:
    rows = db.session.execute(
        select(
            DocumentRow.id,
            DocumentRow.type,
            DocumentSeal.printed_number,
            Customer.name,
            DocumentEvent.id,
        )
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == DocumentRow.tenant_id,
                DocumentSeal.document_id == DocumentRow.id,
            ),
        )
        .join(
            Customer,
            and_(
                Customer.tenant_id == DocumentRow.tenant_id,
                Customer.id == DocumentRow.customer_id,
            ),
        )
        .outerjoin(
            DocumentEvent,
            and_(
                DocumentEvent.tenant_id == DocumentRow.tenant_id,
                DocumentEvent.document_id == DocumentRow.id,
                DocumentEvent.kind == "voided",
            ),
        )
        .where(one_of(DocumentRow.id, ids))
    )
    return {
        document_id: _Known(kind, number, "", name, None, void_id is not None)
        for document_id, kind, number, name, void_id in rows
    }
