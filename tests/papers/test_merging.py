"""Several drafts become one: no cent and no charge is lost or billed twice."""

from dataclasses import replace
from decimal import Decimal

import pytest

from billhook.domain.links import LinkKind
from billhook.domain.states import ChargeState, DraftState
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import (
    AlreadyIssued,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    NotFound,
    ValidationFailed,
)
from billhook.ids import new_id
from billhook.services import attachments, charging, drafting, fx, issuing, links, merging
from billhook.services.verifying import verify
from billhook.testing.shops import END, make_customer

from .conftest import at_once, billed_charges, holders, net_of, waiting


def discounted(shop, draft, reason, **value):
    item = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason=reason, **value)
    drafting.adjust(shop, draft, item)


def test_lines_stand_in_a_section_for_each_draft(shop, draft_of):
    first, second = draft_of("10", "20"), draft_of("5", project="")
    merged = drafting.load(shop, merging.merge(shop, [first, second])).bill
    day = drafting.load(shop, second).created_at
    assert [line.section_label for line in merged.lines] == ["Project 1"] * 2 + [
        f"{day.day} {day:%b %Y}"
    ]
    assert [line.amount for line in merged.lines] == [1000, 2000, 500]


def test_the_old_drafts_give_way_and_lead_to_the_new_one(shop, draft_of):
    old = [draft_of("10"), draft_of("20")]
    charges = holders()
    new = merging.merge(shop, old)
    assert holders() == dict.fromkeys(charges, new)
    assert waiting() == 0
    assert [one.id for one in drafting.listing(shop)] == [new]
    found = links.family(shop, new)
    assert [(one.id, one.kind, one.draft_state) for one in found.parents] == [
        (one, LinkKind.MERGED, DraftState.DISCARDED) for one in old
    ]
    assert [one.id for one in links.family(shop, old[0]).children] == [new]
    with pytest.raises(Conflict, match="merged with others"):
        issuing.issue(shop, old[0])


def test_discounts_of_a_whole_draft_touch_no_other_line(shop, draft_of):
    first, second = draft_of("99.99", "0.01"), draft_of("33.33")
    discounted(shop, first, "Autumn", percent=Decimal("33.333"))
    discounted(shop, second, "Gift", amount=7)
    before = net_of(shop, first), net_of(shop, second)
    seen = merging.preview(shop, [first, second])
    assert [one.path for one in seen.warnings] == ["adjustments", "adjustments"]
    merged = drafting.get(shop, merging.merge(shop, [first, second])).outcome.document
    assert merged.net == sum(before) == seen.outcome.document.net
    assert merged.adjustments == ()
    assert sum(line.net for line in merged.lines[:2]) == before[0]


def test_the_merged_draft_is_issued_and_each_charge_billed_once(shop, draft_of):
    old = [draft_of("10", "20"), draft_of("30")]
    issued = issuing.issue(shop, merging.merge(shop, old), issue_on=END)
    assert issued.net == 6000
    assert len(billed_charges()) == len(set(billed_charges())) == 3
    assert {one.state for one in charging.listing(shop)} == {ChargeState.BILLED}
    assert verify(shop).is_whole


def test_a_merged_draft_that_is_discarded_gives_every_charge_back(shop, draft_of):
    merged = merging.merge(shop, [draft_of("10"), draft_of("20")])
    drafting.discard(shop, merged, reason="Wrong")
    assert {one.state for one in charging.listing(shop)} == {ChargeState.OPEN}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"currency": "USD"}, "currency"),
        ({"delivery_country": "DE"}, "delivery_country"),
        ({"purchase_order": "PO-7"}, "purchase_order"),
        ({"quantity": Decimal(-5)}, "type"),
    ],
)
def test_what_always_splits_is_not_merged(shop, draft_of, fields, path):
    fx.set_rate(shop, "USD", Decimal("0.8"), on=END)
    drafts = [draft_of("10"), draft_of("20", **fields)]
    with pytest.raises(ValidationFailed) as refused:
        merging.merge(shop, drafts)
    assert [one.path for one in refused.value.problems] == [path]
    assert len(drafting.listing(shop)) == 2


def test_drafts_of_different_customers_or_payers_are_not_merged(shop, ann, draft_of):
    bob = make_customer(shop, "bob")
    theirs = [draft_of("10"), draft_of("20", customer=bob)]
    with pytest.raises(ValidationFailed) as refused:
        merging.preview(shop, theirs)
    assert [one.path for one in refused.value.problems] == ["customer", "payer"]
    paid_by_bob = [draft_of("10"), draft_of("20", payer_id=bob)]
    with pytest.raises(ValidationFailed, match="pay for these drafts"):
        merging.preview(shop, paid_by_bob)


def test_files_go_along_and_two_of_one_name_are_refused(shop, draft_of):
    first, second, third = draft_of("10"), draft_of("20"), draft_of("30")

    def attach(draft, name, content):
        attachments.attach(shop, draft, name=name, content_type="text/plain", content=content)

    attach(first, "plan.txt", b"plan")
    attach(second, "terms.txt", b"terms")
    attach(second, "plan.txt", b"plan")  # the same file
    attach(third, "plan.txt", b"another plan")
    with pytest.raises(ValidationFailed, match=r"plan\.txt"):
        merging.merge(shop, [first, third])
    merged = drafting.load(shop, merging.merge(shop, [first, second])).bill
    assert [one.name for one in merged.attachments] == ["plan.txt", "terms.txt"]


def test_the_same_key_merges_once(shop, draft_of):
    drafts = [draft_of("10"), draft_of("20")]
    first = merging.merge(shop, drafts, key="m-1")
    assert merging.merge(shop, drafts, key="m-1") == first
    with pytest.raises(IdempotencyMismatch):
        merging.merge(shop, [drafts[0], first], key="m-1")
    assert [one.id for one in drafting.listing(shop)] == [first]


def test_of_several_people_who_merge_at_once_one_does(app, shop, draft_of):
    drafts = [draft_of("10"), draft_of("20")]
    answers = at_once(app, lambda ctx: merging.merge(ctx, drafts))
    again = at_once(app, lambda ctx: merging.merge(ctx, list(reversed(drafts))), 2)
    made = [one for one in answers if not isinstance(one, Exception)]
    assert len(made) == 1
    assert all(isinstance(one, Conflict) for one in (*again, *(set(answers) - set(made))))
    assert set(holders().values()) == set(made)


def test_a_draft_is_merged_or_issued_and_never_both(app, shop, draft_of):
    drafts = [draft_of("10"), draft_of("20")]
    turns = iter(range(3))

    def act(ctx):
        if next(turns) % 2:
            return merging.merge(ctx, drafts)
        return issuing.issue(ctx, drafts[0], issue_on=END)

    at_once(app, act)
    for one in drafting.listing(shop):
        issuing.issue(shop, one.id, issue_on=END)
    assert len(billed_charges()) == len(set(billed_charges())) == 2
    assert verify(shop).is_whole


def test_what_is_no_draft_is_refused(shop, draft_of):
    draft = draft_of("10")
    with pytest.raises(ValidationFailed, match="at least two"):
        merging.merge(shop, [draft, draft])
    with pytest.raises(NotFound):
        merging.merge(shop, [draft, new_id()])
    issued = draft_of("20")
    issuing.issue(shop, issued, issue_on=END)
    with pytest.raises(AlreadyIssued):
        merging.merge(shop, [draft, issued])
    given_up = draft_of("30")
    drafting.discard(shop, given_up)
    with pytest.raises(Conflict):
        merging.merge(shop, [draft, given_up])


def test_merging_needs_the_permission_to_edit_drafts(shop, draft_of):
    drafts = [draft_of("10"), draft_of("20")]
    with pytest.raises(Forbidden):
        merging.merge(replace(shop, permissions=frozenset({"drafts.view"})), drafts)
    with pytest.raises(Forbidden):
        merging.preview(replace(shop, permissions=frozenset()), drafts)
