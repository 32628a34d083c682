"""A draft becomes several: parts sum to the whole, and no charge is billed twice."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billhook.domain.child_charges import origin_of
from billhook.domain.links import LinkKind
from billhook.domain.splitting import ByLines, ByPercent, BySection
from billhook.domain.states import ChargeState, RunMode
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
from billhook.services import (
    billing,
    charging,
    drafting,
    issuing,
    links,
    merging,
    plugins,
    products,
    splitting,
)
from billhook.services.verifying import verify
from billhook.testing.shops import END, acting, make_charge, make_customer

from .conftest import at_once, billed_charges, holders, net_of, references, waiting

SIXTY_FORTY = ByPercent(percents=(Decimal(60), Decimal(40)))


def test_chosen_lines_go_with_their_charges(shop, draft_of):
    draft = draft_of("10", "20", "30")
    charges = {line.description: line.charge_id for line in drafting.load(shop, draft).bill.lines}
    first, second = splitting.split(shop, draft, ByLines(parts={2: 1}))
    assert [net_of(shop, one.id) for one in (first, second)] == [4000, 2000]
    assert holders() == {
        charges["Project 1, 1"]: first.id,
        charges["Project 1, 2"]: second.id,
        charges["Project 1, 3"]: first.id,
    }
    assert references("split") == []


def test_parts_are_lettered_and_linked(shop, draft_of):
    draft = draft_of("10", "20")
    parts = splitting.split(shop, draft, ByLines(parts={2: 1}))
    base = f"D-{draft.hex[-8:].upper()}"
    assert [(one.part, one.reference) for one in parts] == [("A", f"{base}-A"), ("B", f"{base}-B")]
    children = links.family(shop, draft).children
    assert [(one.kind, one.part, one.id) for one in children] == [
        (LinkKind.SPLIT, one.part, one.id) for one in parts
    ]
    (again,) = [links.family(shop, one.id).parents for one in parts[:1]]
    assert [one.id for one in again] == [draft]
    with pytest.raises(Conflict, match="was split"):
        issuing.issue(shop, draft)
    issued = issuing.issue(shop, parts[0].id, issue_on=END)
    assert links.family(shop, draft).children[0].number == issued.number


def test_each_section_becomes_a_draft(shop, draft_of):
    merged = merging.merge(shop, [draft_of("10", "20"), draft_of("30")])
    parts = splitting.split(shop, merged, BySection())
    assert [net_of(shop, one.id) for one in parts] == [3000, 3000]


def test_a_split_by_percentage_supersedes_each_charge_by_its_parts(shop, draft_of):
    draft = draft_of("99.99", "0.01")
    whole, old = net_of(shop, draft), holders()
    parts = splitting.split(shop, draft, SIXTY_FORTY)
    assert [net_of(shop, one.id) for one in parts] == [6000, 4000]
    assert sum(net_of(shop, one.id) for one in parts) == whole
    assert not old.keys() & holders().keys()
    origins = [origin_of("split", text) for text in references("split")]
    assert sorted((one.id, one.part) for one in origins) == sorted(
        (charge, part) for charge in old for part in "AB"
    )
    states = {one.id: one.state for one in charging.listing(shop)}
    assert {states[charge] for charge in old} == {ChargeState.WITHDRAWN}


def test_parts_that_are_given_up_wait_for_the_next_run_and_sum_to_the_whole(shop, draft_of):
    draft = draft_of("33.33", "66.67", "0.05")
    whole = net_of(shop, draft)
    thirds = ByPercent(percents=(Decimal("33.33"), Decimal("33.33"), Decimal("33.34")))
    for one in splitting.split(shop, draft, thirds):
        drafting.discard(shop, one.id)
    assert waiting() == 9
    sums = billing.run(shop, until=END, issue_on=END).result.currencies["GBP"]
    assert sums.net == whole
    assert verify(shop).is_whole


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    prices=st.lists(st.integers(1, 99_999), min_size=2, max_size=4),
    cut=st.integers(1, 9_999),
    off=st.integers(1, 9_999),
)
def test_no_cent_is_lost_however_a_draft_is_split_and_merged(shop, draft_of, prices, cut, off):
    draft = draft_of(*(str(Decimal(one).scaleb(-2)) for one in prices))
    discount = Adjustment(
        kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal(off).scaleb(-2)
    )
    drafting.adjust(shop, draft, discount)
    whole = net_of(shop, draft)
    percents = (Decimal(cut).scaleb(-2), Decimal(10_000 - cut).scaleb(-2))
    parts = splitting.split(shop, draft, ByPercent(percents=percents))
    assert sum(net_of(shop, one.id) for one in parts) == whole
    by_line = splitting.split(shop, parts[0].id, ByLines(parts={2: 1}))
    again = merging.merge(shop, [parts[1].id, *(one.id for one in by_line)])
    assert net_of(shop, again) == whole
    assert set(holders().values()) == {one.id for one in drafting.listing(shop)}


def test_a_charge_is_torn_only_where_its_lines_part(shop, ann):
    plugins.enable(shop, "pricing_tiered")
    with acting("shop") as ctx:
        products.save(ctx, products.ProductInput(sku="SEAT", name="Seat"))
        tiers = {"tiers": "0-10: 5; 11-: 4"}
        products.add_price(
            ctx,
            products.PriceInput(sku="SEAT", model="pricing_tiered.graduated", parameters=tiers),
        )
        seat = products.get(ctx, "SEAT").id
        make_charge(ctx, ann, None, product_id=seat, quantity=Decimal(25), description="Seats")
        make_charge(ctx, ann, "7", description="Set-up")
        billing.run(ctx, until=END, issue_on=END, mode=RunMode.DRAFT)
        (draft,) = drafting.listing(ctx)
        assert len(holders()) == 2  # three lines: two tiers of the seats, and the set-up
        kept, setup = splitting.split(ctx, draft.id, ByLines(parts={3: 1}))
        assert references("split") == []
        low, high = splitting.split(ctx, kept.id, ByLines(parts={2: 1}))
        assert [net_of(ctx, one.id) for one in (low, high, setup)] == [5000, 6000, 700]
        origins = [origin_of("split", text) for text in references("split")]
        assert [(one.part, one.line_no) for one in origins] == [("A", 1), ("B", 1)]
        assert len({one.id for one in origins}) == 1


def test_a_part_for_another_payer_has_charges_of_its_own(shop, draft_of):
    bob = make_customer(shop, "bob")
    draft = draft_of("10", "20")
    first, second = splitting.split(shop, draft, ByLines(parts={2: 1}), payers={1: "bob"})
    assert [drafting.load(shop, one.id).bill.payer_id == bob for one in (first, second)] == [
        False,
        True,
    ]
    assert len(references("split")) == 1
    drafting.discard(shop, second.id)
    run = billing.run(shop, until=END, issue_on=END)
    assert run.result.currencies["GBP"].net == 2000
    with pytest.raises(ValidationFailed, match="who could pay"):
        splitting.split(shop, first.id, SIXTY_FORTY, payers={1: "nobody"})


def test_a_preview_shows_what_the_split_makes(shop, draft_of):
    draft = draft_of("99.99", "20")
    seen = splitting.preview(shop, draft, SIXTY_FORTY)
    made = splitting.split(shop, draft, SIXTY_FORTY)
    assert [one.outcome.document.gross for one in seen.parts] == [
        drafting.get(shop, one.id).outcome.document.gross for one in made
    ]
    assert seen.whole.document.net == sum(one.outcome.document.net for one in seen.parts)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (ByLines(parts={9: 1}), "no line 9"),
        (ByLines(parts={}), "at least one line"),
        (ByLines(parts={1: 1, 2: 1}), "leave at least one"),
        (ByLines(parts={1: 26}), "at most 26 parts"),
        (BySection(), "one section"),
        (ByPercent(percents=(Decimal(100),)), "at least two"),
        (ByPercent(percents=(Decimal(60), Decimal(41))), "sum to 101"),
        (ByPercent(percents=(Decimal(101), Decimal(-1))), "above zero"),
    ],
)
def test_what_makes_no_parts_is_refused_and_leaves_everything(shop, draft_of, how, message):
    draft = draft_of("10", "20")
    before = holders()
    with pytest.raises(ValidationFailed, match=message):
        splitting.split(shop, draft, how)
    assert holders() == before


def test_the_same_key_splits_once(shop, draft_of):
    draft = draft_of("10", "20")
    first = splitting.split(shop, draft, SIXTY_FORTY, key="s-1")
    assert splitting.split(shop, draft, SIXTY_FORTY, key="s-1") == first
    with pytest.raises(IdempotencyMismatch):
        splitting.split(shop, draft, ByLines(parts={2: 1}), key="s-1")


def test_a_draft_is_split_or_issued_and_never_both(app, shop, draft_of):
    draft = draft_of("10", "20")
    turns = iter(range(3))

    def act(ctx):
        if next(turns) % 2:
            return splitting.split(ctx, draft, SIXTY_FORTY)
        return issuing.issue(ctx, draft, issue_on=END)

    answers = at_once(app, act)
    assert len([one for one in answers if not isinstance(one, Exception)]) == 1
    for one in drafting.listing(shop):
        issuing.issue(shop, one.id, issue_on=END)
    assert len(billed_charges()) == len(set(billed_charges()))
    assert verify(shop).is_whole


def test_what_was_changed_since_it_was_looked_at_is_not_split(shop, draft_of):
    draft = draft_of("10", "20")
    drafting.adjust(
        shop, draft, Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Late", amount=1)
    )
    with pytest.raises(Conflict, match="was changed since you looked at it"):
        splitting.split(shop, draft, SIXTY_FORTY, version=1)


def test_what_is_no_draft_is_not_split(shop, draft_of):
    with pytest.raises(NotFound):
        splitting.split(shop, new_id(), SIXTY_FORTY)
    issued = draft_of("10")
    issuing.issue(shop, issued, issue_on=END)
    with pytest.raises(AlreadyIssued):
        splitting.split(shop, issued, SIXTY_FORTY)


def test_splitting_needs_the_permission_to_edit_drafts(shop, draft_of):
    draft = draft_of("10", "20")
    with pytest.raises(Forbidden):
        splitting.split(replace(shop, permissions=frozenset({"drafts.view"})), draft, SIXTY_FORTY)
