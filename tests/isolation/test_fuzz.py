"""A long walk through ids near the shop's: acme finds nothing behind any of them.

``BILLHOOK_FUZZ=100000`` walks further.
"""

import os
import random
from uuid import UUID

from billhook.errors import NotFound
from billhook.ids import parse_id
from billhook.services import (
    artefacts,
    attachments,
    delivering,
    documents,
    drafting,
    files,
    originals,
    outbox,
    people,
    previewing,
    publishing,
)
from billhook.services.contexts import member_context

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
