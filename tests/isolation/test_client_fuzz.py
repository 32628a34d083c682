"""Requests at random at the portal: the gnu finds nothing of the zebra's, of its own company's or of another.

``BILLHOOK_FUZZ_REQUESTS`` says how many, 2,000 by default; ``./bin/bench isolation`` sends
100,000. A failure names the seed, which repeats it.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.services.contexts import operator_context
from billhook.services.portal.clients import Client
from billhook.testing import herds
from billhook.testing import worlds as testing
from billhook.testing.herds import MARK, Animal, Herd
from billhook.testing.outward import Paper, paper_plugin
from billhook.testing.portals import client_of

from .client_fuzzing import ClientFuzz, belongings, fingerprint
from .test_fuzz import FIGURES, Told

REQUESTS = int(os.environ.get("BILLHOOK_FUZZ_REQUESTS") or 2_000)
PARTS = 4


def _plugins() -> list:
    return [pricing_standard, tax_rules, paper_plugin(Paper())]


@pytest.fixture
def beginning(worlds) -> testing.World[Herd]:
    return worlds.world("herd", lambda config: herds.build(config, _plugins()))


@pytest.fixture
def app(make_app, config, beginning) -> Iterator[Flask]:
    app = make_app(config, plugins=_plugins())
    with app.app_context():
        yield app


@pytest.fixture
def herd(app, beginning) -> Herd:
    return beginning.told


def client(animal: Animal, slug: str = "plain") -> Client:
    ctx = operator_context(slug)
    with ctx.acting():
        return client_of(ctx, animal.contact)


def fuzz(app: Flask, herd: Herd, who: Animal, seed: object) -> ClientFuzz:
    return ClientFuzz(
        app=app,
        person=who.contact,
        customer=who.customer,
        tenant=herd.admin.tenant_id,
        slug="plain",
        own=belongings([client(herd.gnu)]),
        theirs=belongings([client(herd.zebra), client(herd.caged, "zoo")]),
        mark=MARK,
        randomly=random.Random(f"billhook client {seed}"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PARTS))
def test_no_request_of_a_client_shows_or_changes_anything_of_another(app, herd, seed):
    others = [client(herd.zebra), client(herd.caged, "zoo")]
    before = [fingerprint(one) for one in others]
    gnu = fuzz(app, herd, herd.gnu, seed)
    began = time.process_time()
    gnu.run(REQUESTS // PARTS)
    seconds = time.process_time() - began
    if FIGURES:
        told = Told(requests=REQUESTS // PARTS, leaks=len(gnu.leaks), seconds=seconds)
        told.write(Path(FIGURES) / f"client-{seed}.json")
    assert gnu.leaks == []
    assert [fingerprint(one) for one in others] == before
    assert gnu.crashes == []


def test_the_control_a_zebra_is_shown_itself(app, herd):
    """The same requests by the zebra's own people leak at every turn, so leaks are seen."""
    zebra = fuzz(app, herd, herd.zebra, "control")
    zebra.run(200)
    assert len(zebra.leaks) > 20


def test_the_control_requests_of_clients_reach_the_routes(app, herd):
    gnu = fuzz(app, herd, herd.gnu, "reach")
    gnu.run(400)
    assert sum(gnu.reached.values()) > 250
    assert len(gnu.reached) > 0.6 * len(gnu._doors)
