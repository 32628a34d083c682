"""API keys: secrets that nobody reads twice, and scopes that nobody gives who lacks them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from billhook.clock import FixedClock, SystemClock
from billhook.db import Base, db
from billhook.domain.states import Reach
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.keys import ApiSecret
from billhook.services import api_keys, key_contexts, people, plugins
from billhook.services.api_keys import KeyFilter, KeyInput, KeyState
from billhook.services.permissions import NAMES
from billhook.services.tokens import hash_of
from billhook.testing.members import join

DAY = timedelta(days=1)


def opens(secret: str) -> bool:
    return key_contexts.visit(secret, address="192.0.2.9", request_id=new_id()) is not None


def by_key(secret: str):
    """Return the context of the program that shows a secret."""
    return key_contexts.visit(secret, address="192.0.2.9", request_id=new_id()).ctx


def refused(act) -> set[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as raised:
        act()
    return {(problem.path, problem.code) for problem in raised.value.problems}


def again(entry, **changed) -> KeyInput:
    """Return what a key is, but for what changes."""
    kept = KeyInput(
        name=entry.name,
        scopes=entry.scopes,
        expires_at=entry.expires_at,
        requests_per_minute=entry.requests_per_minute,
    )
    return replace(kept, **changed)


def test_a_new_key_lets_a_program_do_what_its_scopes_say(ada, make):
    made = make(ada.ctx, "customers.view", "documents.issue", requests_per_minute=60)
    visit = key_contexts.visit(made.secret, address="192.0.2.9", request_id=new_id())
    assert visit.ctx.permissions == {"customers.view", "documents.issue"}
    assert (visit.key_id, visit.requests_per_minute) == (made.entry.id, 60)
    assert made.entry.maker == "ada"
    assert made.entry.state is KeyState.ACTIVE


def test_no_row_of_the_database_holds_the_secret(ctx, ada, make):
    made = make(ada.ctx)
    with ctx.acting():
        api_keys.rotate(ctx, made.entry.id)
        stored = str(
            [
                db.session.execute(select(table).where(table.c.tenant_id == ctx.tenant.id)).all()
                for table in Base.metadata.tables.values()
                if "tenant_id" in table.c
            ]
        )
    assert made.secret.startswith("bhk_")
    assert made.secret[:12] in stored
    assert made.secret[:13] not in stored


def test_what_is_wrong_with_a_key_is_said_at_the_fields(ctx):
    wanted = KeyInput(
        name=" ",
        scopes=("moon.land",),
        expires_at=datetime(2020, 1, 1, tzinfo=UTC),
        requests_per_minute=6_001,
    )
    with ctx.acting():
        assert refused(lambda: api_keys.make(ctx, wanted, api_version="1")) == {
            ("name", "input.missing"),
            ("scopes", "api_key.scope_unknown"),
            ("expires_at", "api_key.end_past"),
            ("requests_per_minute", "api_key.rate_out_of_bounds"),
        }
        empty = KeyInput(name="ERP", scopes=())
        assert refused(lambda: api_keys.make(ctx, empty, api_version="1")) == {
            ("scopes", "api_key.scopes_missing")
        }


def test_a_scope_of_a_plugin_is_one_while_the_plugin_is_on(ctx, make):
    made = make(ctx, "customers.view", "telex.send")
    assert "telex.send" in by_key(made.secret).permissions
    with ctx.acting():
        plugins.disable(ctx, "telex")
    assert by_key(made.secret).permissions == {"customers.view"}


def test_who_rotates_gets_no_scope_that_only_sleeps(ctx, ada, make):
    """A plugin that is switched on again wakes its scopes up."""
    made = make(ctx, "customers.view", "telex.send")
    with ctx.acting():
        plugins.disable(ctx, "telex")
    theirs = join("shop", "dev@shop.example", role="developer").ctx
    with theirs.acting():
        assert refused(lambda: api_keys.rotate(theirs, made.entry.id)) == {
            ("scopes", "api_key.scope_unknown")
        }


@pytest.mark.parametrize(
    ("role", "scope", "is_given"),
    [
        ("admin", "people.manage", True),
        ("developer", "documents.view", True),
        ("developer", "documents.issue", False),
        ("developer", "people.manage", False),
    ],
)
def test_nobody_gives_a_key_what_they_lack(ctx, make, role, scope, is_given):
    theirs = join("shop", "somebody@shop.example", role=role).ctx
    if is_given:
        assert make(theirs, scope).entry.scopes == (scope,)
    else:
        assert refused(lambda: make(theirs, scope)) == {("scopes", "api_key.scope_lacking")}


def test_who_sees_some_customers_makes_no_key(ctx):
    dev = join("shop", "dev@shop.example", role="developer")
    with ctx.acting():
        people.change_seat(ctx, dev.person_id, role="developer", reach=Reach.OWN.value)
    with dev.ctx.acting(), pytest.raises(Forbidden):
        api_keys.make(dev.ctx, KeyInput(name="x", scopes=("customers.view",)), api_version="1")


def test_a_key_gives_no_more_than_it_has(ctx, make):
    end = SystemClock().now() + 30 * DAY
    mother = make(ctx, "api_keys.manage", "customers.view", expires_at=end, requests_per_minute=60)
    wide = make(ctx, "customers.view", "documents.issue", requests_per_minute=30, expires_at=end)
    fast = make(ctx, "customers.view", requests_per_minute=61, expires_at=end)
    lasting = make(ctx, "customers.view", requests_per_minute=60)
    alike = make(ctx, "customers.view", requests_per_minute=60, expires_at=end)
    program = by_key(mother.secret)

    def act(call, *given, **named):
        with program.acting():
            return call(program, *given, **named)

    assert refused(lambda: make(program, "documents.issue", expires_at=end + DAY)) == {
        ("scopes", "api_key.scope_lacking"),
        ("requests_per_minute", "api_key.faster_than_maker"),
        ("expires_at", "api_key.outlives_maker"),
    }
    for key, problem in (
        (wide, "api_key.scope_lacking"),
        (fast, "api_key.faster_than_maker"),
        (lasting, "api_key.outlives_maker"),
    ):
        rotating = refused(lambda: act(api_keys.rotate, key.entry.id))  # noqa: B023
        assert {code for _path, code in rotating} == {problem}
    widened = again(alike.entry, scopes=("customers.view", "customers.edit"))
    quicker = again(alike.entry, requests_per_minute=100)
    for wanted, problem in (
        (widened, ("scopes", "api_key.scope_lacking")),
        (quicker, ("requests_per_minute", "api_key.faster_than_maker")),
    ):
        changing = lambda: act(api_keys.change, alike.entry.id, wanted, version=1)  # noqa: B023, E731
        assert refused(changing) == {problem}
    made = make(program, "customers.view", requests_per_minute=60, expires_at=end)
    assert (made.entry.made_by, made.entry.maker) == (mother.entry.id, "ERP")
    assert opens(act(api_keys.rotate, alike.entry.id).secret)
    act(api_keys.revoke, wide.entry.id)
    assert not opens(wide.secret)


def test_who_lacks_scopes_of_a_key_can_only_take_from_it(ctx, make):
    made = make(ctx, "customers.view", "documents.issue")
    theirs = join("shop", "dev@shop.example", role="developer").ctx
    with theirs.acting():
        faster = again(made.entry, requests_per_minute=700)
        assert refused(lambda: api_keys.change(theirs, made.entry.id, faster, version=1)) == {
            ("scopes", "api_key.scope_lacking")
        }
        named = again(made.entry, name="Old ERP")
        named = api_keys.change(theirs, made.entry.id, named, version=1)
        less = again(named, scopes=("customers.view",))
        assert api_keys.change(theirs, made.entry.id, less, version=2).scopes == (
            "customers.view",
        )
    assert by_key(made.secret).permissions == {"customers.view"}


def test_a_rotation_lets_both_secrets_open_until_the_overlap_is_over(ctx, make):
    made = make(ctx)
    clock = FixedClock(SystemClock().now())
    with ctx.acting():
        rotated = api_keys.rotate(ctx, made.entry.id, overlap=2 * DAY, clock=clock)
        assert [one.hint for one in rotated.entry.secrets] == [
            rotated.secret[:12],
            made.secret[:12],
        ]
        assert [one.expires_at for one in rotated.entry.secrets] == [
            None,
            clock.now() + 2 * DAY,
        ]
        assert opens(made.secret)
        assert opens(rotated.secret)
        clock.move(2 * DAY)
        left = api_keys.get(ctx, made.entry.id, clock=clock).secrets
    assert [one.hint for one in left] == [rotated.secret[:12]]


def test_a_rotation_without_overlap_ends_all_secrets_before(ctx, make):
    made = make(ctx)
    with ctx.acting():
        second = api_keys.rotate(ctx, made.entry.id)
        third = api_keys.rotate(ctx, made.entry.id, overlap=timedelta(0))
    assert [opens(one.secret) for one in (made, second, third)] == [False, False, True]


def test_a_rotation_never_prolongs_a_secret_and_never_leaves_too_many(ctx, make):
    made = make(ctx)
    clock = FixedClock(SystemClock().now())
    with ctx.acting():
        for _time in range(4):
            api_keys.rotate(ctx, made.entry.id, overlap=DAY, clock=clock)
            clock.move(timedelta(hours=1))
        oldest = api_keys.get(ctx, made.entry.id, clock=clock).secrets[-1]
        assert oldest.expires_at == clock.now() + DAY - timedelta(hours=4)
        assert refused(lambda: api_keys.rotate(ctx, made.entry.id, clock=clock)) == {
            ("overlap", "api_key.too_many_secrets")
        }
        for overlap in (timedelta(seconds=-1), 7 * DAY + timedelta(seconds=1)):
            assert refused(
                lambda: api_keys.rotate(ctx, made.entry.id, overlap=overlap)  # noqa: B023
            ) == {("overlap", "api_key.overlap_out_of_bounds")}
        clock.move(DAY)
        api_keys.rotate(ctx, made.entry.id, clock=clock)


def test_a_moved_end_moves_the_newest_secret_and_prolongs_no_older_one(ctx, make):
    now = SystemClock().now()
    made = make(ctx, expires_at=now + 10 * DAY)
    with ctx.acting():
        rotated = api_keys.rotate(ctx, made.entry.id, overlap=DAY)
        overlap = rotated.entry.secrets[1].expires_at
        for end, newest, older in (
            (None, None, overlap),
            (now + DAY / 2, now + DAY / 2, now + DAY / 2),
            (now + 20 * DAY, now + 20 * DAY, now + DAY / 2),
        ):
            entry = api_keys.get(ctx, made.entry.id)
            changed = again(entry, expires_at=end)
            entry = api_keys.change(ctx, made.entry.id, changed, version=entry.version)
            assert [one.expires_at for one in entry.secrets] == [newest, older]


def test_a_revoked_key_opens_nothing_at_once_and_for_good(ctx, make):
    made = make(ctx)
    with ctx.acting():
        rotated = api_keys.rotate(ctx, made.entry.id)
        api_keys.revoke(ctx, made.entry.id)
        api_keys.revoke(ctx, made.entry.id)
        entry = api_keys.get(ctx, made.entry.id)
        assert (entry.state, entry.secrets) == (KeyState.REVOKED, ())
        for act in (
            lambda: api_keys.rotate(ctx, entry.id),
            lambda: api_keys.change(ctx, entry.id, again(entry), version=entry.version),
        ):
            with pytest.raises(Conflict):
                act()
        noted = db.session.scalars(select(Audit.action).where(Audit.object_kind == "api_key"))
        assert sorted(noted) == ["api_key.made", "api_key.revoked", "api_key.rotated"]
    assert not opens(made.secret)
    assert not opens(rotated.secret)


def test_a_key_that_ended_is_not_revived(ctx, make):
    later = FixedClock(SystemClock().now() + 2 * DAY)
    made = make(ctx, expires_at=later.now() - DAY)
    with ctx.acting():
        assert api_keys.get(ctx, made.entry.id, clock=later).state is KeyState.EXPIRED
        with pytest.raises(Conflict):
            api_keys.rotate(ctx, made.entry.id, clock=later)
        with pytest.raises(Conflict):
            api_keys.change(
                ctx, made.entry.id, again(made.entry, expires_at=None), version=1, clock=later
            )


def test_of_two_who_change_a_key_the_second_hears_of_the_first(ctx, make):
    made = make(ctx)
    with ctx.acting():
        api_keys.change(ctx, made.entry.id, again(made.entry, name="First"), version=1)
        with pytest.raises(Conflict):
            api_keys.change(ctx, made.entry.id, again(made.entry, name="Second"), version=1)
        assert api_keys.get(ctx, made.entry.id).name == "First"


def test_keys_are_found_by_name_by_a_secrets_beginning_and_by_state(ctx, make):
    later = FixedClock(SystemClock().now() + 2 * DAY)
    shop, erp = make(ctx, name="Web shop"), make(ctx, name="ERP 100%")
    ended, gone = make(ctx, name="Ended", expires_at=later.now() - DAY), make(ctx, name="Gone")

    def found(**wanted):
        page = api_keys.search(ctx, KeyFilter(**wanted), clock=later)
        return [one.name for one in page.rows]

    with ctx.acting():
        api_keys.revoke(ctx, gone.entry.id)
        assert found() == ["Gone", "Ended", "ERP 100%", "Web shop"]
        assert found(text="shop") == ["Web shop"]
        assert found(text="100%") == ["ERP 100%"]
        assert found(text=erp.secret[:12]) == ["ERP 100%"]
        assert found(state=KeyState.ACTIVE) == ["ERP 100%", "Web shop"]
        assert found(state=KeyState.EXPIRED) == ["Ended"]
        assert found(state=KeyState.REVOKED) == ["Gone"]
        first = api_keys.search(ctx, KeyFilter(), limit=3)
        rest = api_keys.search(ctx, KeyFilter(), limit=3, after=first.next)
    assert [one.id for one in rest.rows] == [shop.entry.id]
    assert ended.entry.maker == ""


def test_a_day_counts_until_its_end_where_the_company_is(ctx):
    assert api_keys.end_of(ctx, date(2026, 6, 30)) == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_what_somebody_can_give_is_what_they_may_do(ctx, ada):
    assert api_keys.scopes_here(ada.ctx) > NAMES
    with ctx.acting():
        plugins.disable(ctx, "telex")
    assert api_keys.scopes_here(ada.ctx) == NAMES
    dev = join("shop", "dev@shop.example", role="developer").ctx
    assert api_keys.scopes_here(dev) == dev.permissions


def test_a_key_of_nobody_is_found_by_nobody(ctx):
    with ctx.acting():
        for act in (
            lambda: api_keys.get(ctx, new_id()),
            lambda: api_keys.rotate(ctx, new_id()),
            lambda: api_keys.revoke(ctx, new_id()),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_secret_leads_to_its_own_key_alone(ctx, make):
    made, other = make(ctx), make(ctx)
    assert by_key(made.secret).actor.id == made.entry.id
    row = db.session.get(ApiSecret, hash_of(other.secret))
    assert (row.key_id, row.tenant_id) == (other.entry.id, ctx.tenant.id)
    assert not opens(made.secret[:-1])
