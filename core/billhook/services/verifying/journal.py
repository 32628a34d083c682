"""Checks on the journal, entry by entry in the order of their sequence."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.domain.ledger import Entry, Posting, entry_content
from billhook.domain.sealing import FIRST, content_hash, entry_hash
from billhook.i18n import gettext as _
from billhook.models.ledger import Account, EntryRow, EntrySeal, JournalHead, PostingRow
from billhook.sdk.context import Context
from billhook.services.sets import one_of
from billhook.services.verifying.finding import Broken, Checked, first_broken

_BATCH = 500


def journal_chain(ctx: Context) -> Checked:
    """Check the journal: no gap, no fork, each hash, each entry balanced."""
    return first_broken(_journal(ctx))


def _journal(ctx: Context) -> Iterator[Broken | None]:
    previous, sequence = FIRST, 0
    while batch := _batch(sequence):
        postings = _postings([row.id for row in batch])
        for row in batch:
            yield _entry(ctx, row, postings.get(row.id, []), previous, sequence)
            previous, sequence = row.hash, row.sequence
    head = db.session.scalars(select(JournalHead).execution_options(populate_existing=True)).one()
    if head.last_sequence != sequence or head.last_hash != previous:
        yield Broken(
            record=str(head.last_sequence),
            reason=_("The head of the journal does not fit its last entry."),
        )


def _batch(after: int) -> list[Any]:
    columns = (
        EntryRow.id, EntryRow.entry_on, EntryRow.kind, EntryRow.source_id,
        EntryRow.base_currency, EntryRow.content_hash,
        EntrySeal.sequence, EntrySeal.previous_hash, EntrySeal.hash,
        EntrySeal.content_hash.label("sealed_hash"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join_from(
            EntrySeal,
            EntryRow,
            and_(EntryRow.tenant_id == EntrySeal.tenant_id, EntryRow.id == EntrySeal.entry_id),
        )
        .where(EntrySeal.sequence > after)
        .order_by(EntrySeal.sequence)
        .limit(_BATCH)
    )
    return list(db.session.execute(query))


def _postings(entry_ids: list[UUID]) -> dict[UUID, list[Posting]]:
    found: dict[UUID, list[Posting]] = {}
    columns = (
        PostingRow.entry_id, PostingRow.line_no, Account.code, PostingRow.currency,
        PostingRow.amount, PostingRow.base_amount, PostingRow.customer_id,
        PostingRow.registration_id, PostingRow.tax_category, PostingRow.tax_rate,
    )  # fmt: skip
    rows = db.session.execute(
        select(*columns)
        .join(
            Account,
            and_(Account.tenant_id == PostingRow.tenant_id, Account.id == PostingRow.account_id),
        )
        .where(one_of(PostingRow.entry_id, entry_ids))
        .order_by(PostingRow.entry_id, PostingRow.line_no)
    )
    for row in rows:
        posting = Posting(
            line_no=row.line_no,
            account=row.code,
            currency=row.currency,
            amount=row.amount,
            base_amount=row.base_amount,
            customer_id=row.customer_id,
            registration_id=row.registration_id,
            tax_category=row.tax_category,
            tax_rate=row.tax_rate,
        )
        found.setdefault(row.entry_id, []).append(posting)
    return found


def _entry(
    ctx: Context, row: Any, postings: list[Posting], previous: bytes, sequence: int
) -> Broken | None:
    if row.sequence != sequence + 1:
        return _broken(row, _("An entry is missing before it."))
    if row.previous_hash != previous:
        return _broken(row, _("It is not linked to the entry before it."))
    entry = Entry(
        id=row.id,
        entry_on=row.entry_on,
        kind=row.kind,
        source_id=row.source_id,
        base_currency=row.base_currency,
        postings=tuple(postings),
    )
    digest = content_hash(entry_content(entry))
    if not digest == row.content_hash == row.sealed_hash:
        return _broken(row, _("It or its postings were changed after it was sealed."))
    if row.hash != entry_hash(previous, ctx.tenant.id, row.sequence, row.sealed_hash):
        return _broken(row, _("Its hash is wrong: sequence or link was changed."))
    if not _balances(postings):
        return _broken(row, _("Its postings do not sum to zero."))
    return None


def _balances(postings: list[Posting]) -> bool:
    currencies = {posting.currency for posting in postings}
    return (
        len(postings) >= 2
        and not sum(posting.base_amount for posting in postings)
        and not any(
            sum(p.amount for p in postings if p.currency == currency) for currency in currencies
        )
    )


def trial_balance(ctx: Context) -> Checked:
    """Check that all accounts of a currency sum to zero."""
    rows = db.session.execute(
        select(PostingRow.currency, func.sum(PostingRow.amount).label("total"))
        .group_by(PostingRow.currency)
        .order_by(PostingRow.currency)
    )
    return first_broken(
        Broken(record=row.currency, reason=_("Its accounts do not sum to zero."))
        if row.total
        else None
        for row in rows
    )


def _broken(row: Any, reason: str) -> Broken:
    return Broken(record=str(row.sequence), reason=reason)
