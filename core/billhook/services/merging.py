"""Several drafts become one, with a section for each of them; no money and no charge is lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from billhook import limits
from billhook.db import db
from billhook.domain.bills import Bill, BillLine
from billhook.domain.documents import Attachment
from billhook.domain.events import MOST_IDS, DraftMerged
from billhook.domain.line_discounts import on_lines
from billhook.domain.links import LinkKind
from billhook.domain.states import DraftState
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.plugins.runtime import relay
from billhook.problems import Problem, Severity
from billhook.sdk.context import Context
from billhook.services import (
    attachments,
    claims,
    draft_locks,
    drafting,
    idempotency,
    links,
    outbox,
)
from billhook.services.buyers import seller
from billhook.services.draft_rows import insert_drafts, kind_of
from billhook.services.drafting import LoadedDraft
from billhook.services.presenting.formats import Formats, locale_of
from billhook.services.taxing import Outcome, documents_of

MOST = 100
"""Drafts that become one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """Drafts, and the one that they would become."""

    sources: tuple[LoadedDraft, ...]
    outcomes: tuple[Outcome, ...]
    """What each would come to alone."""
    bill: Bill
    outcome: Outcome
    """What they come to together."""
    warnings: tuple[Problem, ...]
    """What the merged draft takes from the first, and what was done with discounts."""


def preview(ctx: Context, draft_ids: Sequence[UUID]) -> Merger:
    """Return what drafts would become together; writes nothing.

    Raises NotFound, AlreadyIssued, ValidationFailed where they differ in what may not.
    """
    ctx.require("drafts.view")
    return _merger(ctx, draft_ids)


def merge(ctx: Context, draft_ids: Sequence[UUID], *, key: str | None = None) -> UUID:
    """Make one draft of several, and discard these; return its id.

    Lines stand in a section per draft, in the order of the drafts. Raises NotFound,
    AlreadyIssued, Conflict, ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("drafts.edit")
    outcome = idempotency.computed_once(
        ctx,
        route="drafts.merge",
        key=key,
        request=[str(draft_id) for draft_id in draft_ids],
        compute=lambda: _merger(ctx, draft_ids),
        effect=lambda merger: _merge(ctx, merger),
    )
    return UUID(outcome.answer["id"])


def _merge(ctx: Context, merger: Merger) -> Mapping[str, Any]:
    """Inside a transaction: the old drafts give way to the new one."""
    session = db.session()
    rows = draft_locks.lock_unchanged(session, merger.sources)
    new, ids = merger.bill, [row.id for row in rows]
    runs = {row.run_id for row in rows}
    insert_drafts(
        ctx,
        [new],
        run_id=runs.pop() if len(runs) == 1 else None,
        issue_on=merger.sources[0].issue_on,
    )
    claims.hand_over(ctx, ids, dict.fromkeys(claims.held(ids), new.id))
    links.write(
        ctx,
        [links.Link(parent_id=one, child_id=new.id, kind=LinkKind.MERGED) for one in ids],
    )
    outbox.publish(ctx, DraftMerged(draft_id=new.id, merged_ids=tuple(ids[:MOST_IDS])))
    draft_locks.give_way(ctx, session, rows, "draft.merged", into=str(new.id))
    return {"id": str(new.id)}


def _merger(ctx: Context, draft_ids: Sequence[UUID]) -> Merger:
    wanted = list(dict.fromkeys(draft_ids))
    _refuse_number(len(wanted))
    sources = tuple(drafting.load_all(ctx, wanted).values())
    if problems := _problems(sources):
        raise ValidationFailed(problems)
    issue_on = sources[0].issue_on or ctx.today()
    outcomes = _outcomes(ctx, [one.bill for one in sources], issue_on)
    bill = _bill(ctx, sources, outcomes)
    (outcome,) = _outcomes(ctx, [bill], issue_on)
    return Merger(
        sources=sources,
        outcomes=tuple(outcomes),
        bill=bill,
        outcome=outcome,
        warnings=(*_taken_from_first(sources), *_moved(sources)),
    )


def _outcomes(ctx: Context, bills: Sequence[Bill], issue_on: date) -> list[Outcome]:
    return documents_of(
        ctx, relay(ctx), bills, seller=seller(ctx), issue_on=issue_on, stage="draft"
    )


# What may not differ


def _refuse_number(count: int) -> None:
    if count < 2:
        message = _("Choose at least two drafts to merge.")
        raise ValidationFailed([Problem(code="merge.too_few", message=message)])
    if count > MOST:
        message = _("At most %(most)s drafts can be merged at once. Choose fewer.", most=MOST)
        raise ValidationFailed([Problem(code="merge.too_many", message=message)])


def _problems(sources: Sequence[LoadedDraft]) -> list[Problem]:
    if any(one.state is DraftState.DISCARDED for one in sources):
        raise Conflict(_("One of these drafts was discarded. Choose drafts that are open."))
    bills = [one.bill for one in sources]
    found = [
        _problem("merge.differs", message(), path)
        for path, value, message in _SAME
        if len({value(bill) for bill in bills}) > 1
    ]
    lines = sum(len(bill.lines) for bill in bills)
    if lines > limits.LINES_PER_DOCUMENT:
        found.append(
            _problem(
                "merge.too_many_lines",
                _(
                    "Together they have %(count)s lines, more than %(limit)s. Merge fewer drafts.",
                    count=lines,
                    limit=limits.LINES_PER_DOCUMENT,
                ),
            )
        )
    return found + _attachment_problems(all_attachments(bills))


_SAME: tuple[tuple[str, Callable[[Bill], object], Callable[[], str]], ...] = (
    (
        "customer",
        lambda bill: bill.buyer.id,
        lambda: _("The drafts are for different customers. Merge those of one customer."),
    ),
    (
        "payer",
        lambda bill: bill.payer_id,
        lambda: _("Different customers pay for these drafts. Merge those of one payer."),
    ),
    (
        "currency",
        lambda bill: bill.currency,
        lambda: _("The drafts have different currencies. Merge those of one currency."),
    ),
    (
        "delivery_country",
        lambda bill: bill.delivery_country,
        lambda: _("The drafts deliver to different countries, which are taxed differently."),
    ),
    (
        "purchase_order",
        lambda bill: bill.purchase_order,
        lambda: _(
            "The drafts have different order numbers. Each order gets an invoice of its own; "
            "change the order numbers first where that is wrong."
        ),
    ),
    (
        "type",
        lambda bill: kind_of(bill.lines),
        lambda: _("Some of the drafts are invoices and some credit notes. Merge one kind."),
    ),
)


def _problem(code: str, message: str, path: str = "") -> Problem:
    return Problem(code=code, path=path, message=message)


def all_attachments(bills: Sequence[Bill]) -> list[Attachment]:
    """Return the files of all bills, each once by name and content."""
    found: dict[tuple[str, str], Attachment] = {}
    for bill in bills:
        for item in bill.attachments:
            found.setdefault((item.name, item.sha256), item)
    return list(found.values())


def _attachment_problems(files: Sequence[Attachment]) -> list[Problem]:
    names = [item.name for item in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = _(
            "Different files are attached under one name: %(names)s. Take one of each off first.",
            names=", ".join(twice),
        )
        return [_problem("merge.attachments", message, "attachments")]
    return attachments.problems_of([item.file_id for item in files])


# What is taken from the first


def _taken_from_first(sources: Sequence[LoadedDraft]) -> list[Problem]:
    texts: dict[str, tuple[Callable[[LoadedDraft], object], str]] = {
        "note": (lambda one: one.bill.note, _("The notes differ: the first draft's is taken.")),
        "terms": (
            lambda one: one.bill.terms,
            _("The terms of payment differ: the first draft's are taken."),
        ),
        "payment_days": (
            lambda one: one.bill.payment_days,
            _("The days until payment differ: the first draft's are taken."),
        ),
        "buyer_reference": (
            lambda one: one.bill.buyer_reference,
            _("The buyer references differ: the first draft's is taken."),
        ),
        "language": (
            lambda one: one.bill.language,
            _("The languages differ: the first draft's is taken."),
        ),
        "brand": (
            lambda one: one.bill.brand_id,
            _("The brands differ: the first draft's is taken."),
        ),
        "fields": (
            lambda one: one.bill.fields,
            _("The own fields differ: the first draft's are taken."),
        ),
        "issue_on": (
            lambda one: one.issue_on,
            _("The issue dates differ: the first draft's is taken."),
        ),
    }
    return [
        Problem(code="merge.first_taken", path=name, message=message, severity=Severity.WARNING)
        for name, (value, message) in texts.items()
        if len({value(one) for one in sources}) > 1
    ]


def _moved(sources: Sequence[LoadedDraft]) -> list[Problem]:
    """Say which discounts and surcharges of whole drafts stand on their lines now."""
    reasons = dict.fromkeys(item.reason for one in sources for item in one.bill.adjustments)
    return [
        Problem(
            code="merge.discount_moved",
            path="adjustments",
            severity=Severity.WARNING,
            message=_(
                "“%(reason)s” stands on the lines that it belongs to as a fixed amount, so that "
                "it changes no other line and the sum stays.",
                reason=reason,
            ),
        )
        for reason in reasons
    ]


# The new draft


def _bill(ctx: Context, sources: Sequence[LoadedDraft], outcomes: Sequence[Outcome]) -> Bill:
    first = sources[0].bill
    taken: set[str] = set()
    lines = [
        line
        for one, outcome in zip(sources, outcomes, strict=True)
        for line in _section(ctx, one, outcome, taken)
    ]
    return replace(
        first,
        id=new_id(),
        lines=_side_by_side(lines),
        adjustments=(),
        reference="",
        attachments=tuple(all_attachments([one.bill for one in sources])),
    )


def _section(
    ctx: Context, source: LoadedDraft, outcome: Outcome, taken: set[str]
) -> list[BillLine]:
    """Return a draft's lines under their own sections, those without under the draft's."""
    bill = source.bill
    lines = on_lines(bill.lines, bill.adjustments, bill.currency, groups=tax_groups(outcome))
    has_own = all(line.section_key or line.section_label for line in lines)
    label = "" if has_own else _free(_label(ctx, source), taken)
    return [
        line
        if line.section_key or line.section_label
        else replace(line, section_key=bill.id.hex, section_label=label)
        for line in lines
    ]


def tax_groups(outcome: Outcome) -> list[int]:
    """Return the tax group of each line; one for all where taxes could not be told."""
    if outcome.document is None:
        return [0] * len(outcome.bill.lines)
    return [line.group_no for line in outcome.document.lines]


def _label(ctx: Context, source: LoadedDraft) -> str:
    """Return the draft's reference, else its day in the client's language."""
    if source.bill.reference:
        return source.bill.reference
    day = source.created_at.astimezone(ZoneInfo(ctx.tenant.time_zone)).date()
    country = source.bill.buyer.snapshot.party.address.country
    locale = locale_of(source.bill.spoken or ctx.tenant.language, country)
    return Formats(locale, source.bill.currency).day(day)


def _free(label: str, taken: set[str]) -> str:
    """Tell sections of one day apart."""
    found, count = label, 1
    while found in taken:
        count += 1
        found = f"{label} ({count})"
    taken.add(found)
    return found


def _side_by_side(lines: Sequence[BillLine]) -> tuple[BillLine, ...]:
    """Put the lines of one section together, sections in order of first appearance."""
    found: dict[tuple[str, str], list[BillLine]] = {}
    for line in lines:
        found.setdefault((line.section_key, line.section_label), []).append(line)
    return tuple(line for section in found.values() for line in section)
