"""A long walk through ids near the shop's, and requests at random: acme finds nothing of the shop's.

``BILLHOOK_FUZZ=100000`` walks further. ``BILLHOOK_FUZZ_REQUESTS`` says how many requests,
16,000 by default and 4,000 more on PostgreSQL, in parts that run beside each other;
``./bin/bench isolation`` sends 100,000. A failure names the seed, which repeats it.
"""

import json
import os
import random
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from billhook.domain.states import RunMode
from billhook.errors import NotFound
from billhook.ids import parse_id
from billhook.services import (
    artefacts,
    attachments,
    billing,
    customer_notes,
    delivering,
    documents,
    drafting,
    files,
    originals,
    outbox,
    people,
    previewing,
    products,
    publishing,
    views,
)
from billhook.services.contexts import member_context
from billhook.testing.doors import doors
from billhook.testing.members import Somebody
from billhook.testing.outward import CHANNEL
from billhook.testing.shops import make_charge, make_customer

from .conftest import DAY, MARK, World
from .fuzzing import Belongings, Fuzz, fingerprint
from .program_fuzzing import ProgramFuzz

STEPS = int(os.environ.get("BILLHOOK_FUZZ") or 1_000)

LOOKS = (
    lambda ctx, it: documents.get(ctx, it),
    lambda ctx, it: originals.read(ctx, it),
    lambda ctx, it: drafting.get(ctx, it),
    lambda ctx, it: files.get(ctx, it),
    lambda ctx, it: outbox.retry(ctx, it),
    lambda ctx, it: people.change_role(ctx, it, "clerk"),
    lambda ctx, it: artefacts.content(ctx, it),
    lambda ctx, it: attachments.detach(ctx, it, "Zebra terms.txt"),
    lambda ctx, it: delivering.get(ctx, it),
    lambda ctx, it: delivering.retry(ctx, it),
    lambda ctx, it: delivering.send(ctx, it),
    lambda ctx, it: previewing.preview(ctx, it),
    lambda ctx, it: publishing.publication(ctx, it),
)


def test_no_id_near_a_real_one_opens_anything(world):
    randomly = random.Random(20261120)
    real = [key.int for key in world.ids.values()]
    real += [world.shop.tenant.id.int, world.eve.tenant_id.int]
    found = []
    with world.acme.acting():
        for _step in range(STEPS):
            key = UUID(int=_near(randomly, real))
            if key == world.eve.person_id:
                continue
            try:
                found.append((key, randomly.choice(LOOKS)(world.acme, key)))
            except NotFound:
                continue
    assert found == []


def test_no_id_opens_a_tenant_without_a_seat_there(world):
    randomly = random.Random(20261121)
    real = [world.shop.tenant.id.int, world.acme.tenant.id.int, world.person.int]
    for _step in range(STEPS // 10):
        key = UUID(int=_near(randomly, real))
        if key == world.acme.tenant.id:
            continue
        try:
            ctx = member_context(world.eve.person_id, key)
        except NotFound:
            continue
        raise AssertionError(f"{key} opened {ctx.tenant.slug}")


def test_texts_that_are_no_ids_name_nothing():
    randomly = random.Random(20261122)
    for _step in range(STEPS):
        text = "".join(chr(randomly.randrange(1, 0x3000)) for _ in range(randomly.randrange(60)))
        try:
            parse_id(text, "thing")
        except NotFound:
            continue
        raise AssertionError(repr(text))


def _near(randomly: random.Random, real: list[int]) -> int:
    """Take a real id, or one that differs from it in a few bits, or one in its order."""
    start = randomly.choice(real)
    match randomly.randrange(4):
        case 0:
            return start
        case 1:
            return start ^ (1 << randomly.randrange(128))
        case 2:
            return (start + randomly.randrange(-1_000, 1_000)) % (1 << 128)
        case _:
            return start ^ randomly.getrandbits(randomly.randrange(1, 64))


# Requests

ON_POSTGRESQL = os.environ.get("BILLHOOK_TEST_BACKEND") == "postgresql"
REQUESTS = int(os.environ.get("BILLHOOK_FUZZ_REQUESTS") or (4_000 if ON_POSTGRESQL else 16_000))
PARTS = 8
FIGURES = os.environ.get("BILLHOOK_FUZZ_FIGURES")
"""A folder for what each part found and how long it took, for the benchmark."""


@pytest.fixture
def at_work(well_equipped) -> World:
    """The same, but that acme has things of its own, so that its acts go further."""
    ctx = well_equipped.acme
    with ctx.acting():
        german = {"currency": "EUR", "country": "DE", "email": "office@gnu.example"}
        one, two = (make_customer(ctx, code, **german) for code in "AB")
        products.upsert(ctx, [products.ProductInput(sku="GNU", name="Gnu")])
        customer_notes.write(ctx, one, "Gnus like grass")
        views.save(ctx, "documents", title="Gnus", query="q=gnu", is_shared=True)
        for customer in (one, two):
            make_charge(ctx, customer, "70", currency="EUR", charged_on=date(2026, 10, 5))
        billing.run(ctx, until=DAY, issue_on=DAY)
        (invoice, *_) = documents.listing(ctx)
        delivering.send(ctx, invoice.id, channel=CHANNEL)
        make_charge(ctx, one, "80", currency="EUR", charged_on=date(2026, 10, 6))
        billing.run(ctx, until=DAY, issue_on=DAY, mode=RunMode.DRAFT)
        make_charge(ctx, two, "90", currency="EUR", charged_on=date(2026, 10, 7))
    return well_equipped


def fuzz(app, world: World, who: Somebody, seed: object) -> Fuzz:
    return Fuzz(
        app=app,
        person=who.person_id,
        tenant=who.tenant_id,
        own=Belongings.of(world.acme),
        theirs=Belongings.of(world.shop),
        mark=MARK,
        randomly=random.Random(f"billhook {seed}"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PARTS))
def test_no_request_shows_or_changes_anything_of_the_shop(app, at_work, seed):
    before = fingerprint(at_work.shop)
    acme = fuzz(app, at_work, at_work.eve, seed)
    began = time.process_time()
    acme.run(REQUESTS // PARTS)
    seconds = time.process_time() - began
    if FIGURES:
        told = Told(requests=REQUESTS // PARTS, leaks=len(acme.leaks), seconds=seconds)
        told.write(Path(FIGURES) / f"{seed}.json")
    assert acme.leaks == []
    assert fingerprint(at_work.shop) == before
    assert acme.crashes == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one part found, and how much CPU its requests took."""

    requests: int
    leaks: int
    seconds: float

    def write(self, path: Path) -> None:
        told = {"requests": self.requests, "leaks": self.leaks, "seconds": self.seconds}
        path.write_text(json.dumps(told))


def program_fuzz(app, world: World, ctx, seed: object) -> ProgramFuzz:
    return ProgramFuzz(
        app=app,
        person=world.eve.person_id,
        tenant=ctx.tenant.id,
        own=Belongings.of(world.acme),
        theirs=Belongings.of(world.shop),
        mark=MARK,
        randomly=random.Random(f"billhook program {seed}"),
        inside=lambda: ctx,
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PARTS))
def test_no_request_of_a_program_shows_or_changes_anything_of_the_shop(app, at_work, seed):
    before = fingerprint(at_work.shop)
    acme = program_fuzz(app, at_work, at_work.acme, seed)
    began = time.process_time()
    acme.run(REQUESTS // PARTS)
    seconds = time.process_time() - began
    if FIGURES:
        told = Told(requests=REQUESTS // PARTS, leaks=len(acme.leaks), seconds=seconds)
        told.write(Path(FIGURES) / f"program-{seed}.json")
    assert acme.leaks == []
    assert fingerprint(at_work.shop) == before
    assert acme.crashes == []


def test_the_control_a_program_of_the_shop_is_shown_the_shop(app, at_work):
    """The same requests with the shop's own key leak at every turn, so leaks are seen."""
    ours = program_fuzz(app, at_work, at_work.shop, "control")
    ours.run(600)
    assert len(ours.leaks) > 30


def test_the_control_programs_reach_the_operations(app, at_work):
    acme = program_fuzz(app, at_work, at_work.acme, "reach")
    acme.run(600)
    assert sum(acme.reached.values()) > 400
    assert len(acme.reached) > 0.6 * acme.operations
    assert acme.statuses[200] + acme.statuses[201] > 50


def test_the_control_the_shop_is_shown_itself(app, at_work):
    """The same requests by the shop's own administrator leak at every turn, so leaks are seen."""
    ada = fuzz(app, at_work, at_work.ada, "control")
    ada.run(200)
    assert len(ada.leaks) > 40


def test_the_control_requests_reach_the_routes(app, at_work):
    """What is refused by the log-in or an old form would find nothing, and prove nothing."""
    eve = fuzz(app, at_work, at_work.eve, "reach")
    eve.run(400)
    assert sum(eve.reached.values()) > 300
    assert len(eve.reached) > 0.6 * len(doors(app))
