"""People come by invitation, have a role, and go; somebody always stays who can manage them."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.people import Credential, Person
from billhook.services import invitations, passwords, people, sessions, tokens
from billhook.services.contexts import member_context, operator_context
from billhook.services.invitations import LinkInvalid
from billhook.services.passwords import PasswordWrong
from billhook.testing.members import PASSWORD, invite, join, open_tenant

ANOTHER = "another long password"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


# Inviting


def test_an_invited_person_has_no_access_before_they_come(ctx):
    invite("shop", "bob@shop.example", role="clerk")
    with ctx.acting():
        (bob,) = people.listing(ctx)
    assert (bob.is_active, bob.is_invited) == (False, True)
    assert people.workplaces(bob.person_id) == []
    with pytest.raises(NotFound):
        member_context(bob.person_id, ctx.tenant.id)


def test_a_person_who_came_works_here(ctx):
    bob = join("shop", "bob@shop.example", role="clerk")
    with ctx.acting():
        (entry,) = people.listing(ctx)
    assert (entry.role, entry.is_active, entry.is_invited) == ("clerk", True, False)
    assert [place.slug for place in people.workplaces(bob.person_id)] == ["shop"]
    assert bob.ctx.actor.id == bob.person_id


@pytest.mark.parametrize(
    ("email", "name", "role", "path"),
    [
        ("", "Bob", "clerk", "email"),
        ("bob", "Bob", "clerk", "email"),
        ("bob@shop.example, eve@evil.example", "Bob", "clerk", "email"),
        ("b" * 300 + "@shop.example", "Bob", "clerk", "email"),
        ("bob@shop.example", "", "clerk", "name"),
        ("bob@shop.example", "B\nob", "clerk", "name"),
        ("bob@shop.example", "Bob", "emperor", "role"),
        ("bob@shop.example", "Bob", "", "role"),
    ],
)
def test_a_wrong_invitation_is_told_at_its_field(ctx, email, name, role, path):
    with ctx.acting(), pytest.raises(ValidationFailed) as failed:
        invitations.invite(ctx, email=email, name=name, role=role)
    assert [problem.path for problem in failed.value.problems] == [path]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_new_invitation_ends_the_one_before(ctx):
    first = invite("shop", "bob@shop.example", role="clerk")
    second = invite("shop", "bob@shop.example", role="auditor")
    with pytest.raises(LinkInvalid):
        invitations.accept(first, PASSWORD)
    bob = invitations.accept(second, PASSWORD)
    with ctx.acting():
        assert [one.role for one in people.listing(ctx) if one.person_id == bob] == ["auditor"]


def test_whoever_works_here_is_not_invited_again(ctx, ada):
    with ctx.acting(), pytest.raises(Conflict):
        invitations.invite(ctx, email=ada.email, name="Ada", role="clerk")
    assert "people.manage" in ada.ctx.permissions


def test_a_link_holds_for_a_week(ctx, clock):
    with ctx.acting():
        link = invitations.invite(
            ctx, email="bob@shop.example", name="Bob", role="clerk", clock=clock
        ).link
    token = link.rpartition("/")[2]
    clock.move(timedelta(days=6, hours=23))
    assert invitations.invited(token, clock=clock).email == "bob@shop.example"
    clock.move(timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        invitations.invited(token, clock=clock)
    with pytest.raises(LinkInvalid):
        invitations.accept(token, PASSWORD, clock=clock)


def test_a_link_is_used_by_one_of_many(app, ctx):
    token = invite("shop", "bob@shop.example", role="clerk")
    ends: list[str] = []
    barrier = threading.Barrier(4)

    def use(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                invitations.accept(token, f"a long password, number {number}")
                ends.append("in")
            except LinkInvalid:
                ends.append("out")

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["in", "out", "out", "out"]


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\x00", "äöü", "' OR 1=1 --"])
def test_what_is_no_link_is_refused(ctx, token):
    with pytest.raises(LinkInvalid):
        invitations.accept(token, PASSWORD)


def test_an_invitation_never_replaces_a_password(ctx, ada):
    """Both links are looked at before either is used."""
    open_tenant("evil")
    theirs = invite("evil", "bob@shop.example", role="clerk")
    ours = invite("shop", "bob@shop.example", role="clerk")
    assert not invitations.invited(theirs).proves_password
    invitations.accept(ours, PASSWORD)
    with pytest.raises(PasswordWrong):
        invitations.accept(theirs, ANOTHER)
    assert passwords.prove("bob@shop.example", PASSWORD)


def test_of_two_first_passwords_at_once_one_is_set(app, ctx):
    open_tenant("evil")
    links = [invite(slug, "bob@shop.example", role="clerk") for slug in ("shop", "evil")]
    ends: list[str] = []
    barrier = threading.Barrier(2)

    def use(token: str, password: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                invitations.accept(token, password)
                ends.append("in")
            except (LinkInvalid, PasswordWrong):
                ends.append("out")

    threads = [
        threading.Thread(target=use, args=pair)
        for pair in zip(links, (PASSWORD, ANOTHER), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["in", "out"]


def test_an_invitation_opens_the_tenant_that_gave_it_and_no_other(ctx):
    evil = open_tenant("evil")
    invite("shop", "victim@shop.example", role="admin")
    person_id = invitations.accept(invite("evil", "victim@shop.example", role="clerk"), ANOTHER)
    assert [place.slug for place in people.workplaces(person_id)] == ["evil"]
    assert member_context(person_id, evil.tenant.id)
    with pytest.raises(NotFound):
        member_context(person_id, ctx.tenant.id)


def test_the_name_that_a_person_has_is_no_tenants_to_change(ctx, ada):
    evil = open_tenant("evil")
    with evil.acting():
        invitations.invite(evil, email=ada.email, name="Rude Word", role="clerk")
    with ctx.acting():
        assert [one.name for one in people.listing(ctx)] == ["ada"]


# Passwords


def test_the_database_has_an_argon2_hash_alone(ada):
    stored = db.session.scalars(select(Credential.password_hash)).one()
    assert stored.startswith("$argon2id$")
    assert ada.password not in stored


def test_a_hash_takes_what_argon2_recommends_where_memory_is_scarce(slow_hashes):
    from argon2 import extract_parameters

    found = extract_parameters(passwords.hash_of("correct horse battery staple"))
    assert (found.type.name, found.time_cost, found.memory_cost, found.parallelism) == (
        *("ID", 3, 64 * 1024, 4),  # RFC 9106, section 4, the second choice
    )


def test_letters_that_look_alike_are_one_password(ctx):
    token = invite("shop", "bob@shop.example", role="clerk")
    invitations.accept(token, "cafe\u0301 cafe\u0301 cafe\u0301")  # an accent of its own
    assert passwords.prove("bob@shop.example", "caf\u00e9 caf\u00e9 caf\u00e9")


def test_a_hash_of_weaker_settings_is_renewed_at_log_in(ada):
    from argon2 import PasswordHasher
    from sqlalchemy import update

    from billhook.db import transaction

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(ada.password)
    with transaction() as session:
        session.execute(update(Credential).values(password_hash=weak))
    passwords.prove(ada.email, ada.password)
    stored = db.session.scalars(select(Credential.password_hash)).one()
    assert stored != weak
    assert passwords.prove(ada.email, ada.password).person_id == ada.person_id


def test_a_longer_password_than_the_longest_is_another(ctx):
    longest = "".join(chr(ord("a") + number % 26) for number in range(passwords.LONGEST))
    invitations.accept(invite("shop", "bob@shop.example"), longest)
    assert passwords.prove("bob@shop.example", longest)
    with pytest.raises(PasswordWrong):
        passwords.prove("bob@shop.example", longest + "x")


def test_a_reset_is_the_operators_alone(ctx, ada):
    with ctx.acting(), pytest.raises(Forbidden):
        invitations.reset_password(ada.ctx, ada.email)
    with ctx.acting():
        token = invitations.reset_password(ctx, ada.email).link.rpartition("/")[2]
    invitations.accept(token, ANOTHER)
    assert passwords.prove(ada.email, ANOTHER)
    with pytest.raises(PasswordWrong):
        passwords.prove(ada.email, ada.password)


def test_a_reset_is_for_people_who_work_here(ctx, ada):
    open_tenant("acme")
    stranger = join("acme", "eve@acme.example")
    with ctx.acting():
        for email in (stranger.email, "nobody@nowhere.example"):
            with pytest.raises(NotFound):
                invitations.reset_password(ctx, email)


# Roles


def test_a_role_changes_and_is_noted(ctx, ada):
    bob = join("shop", "bob@shop.example", role="clerk")
    with ada.ctx.acting():
        people.change_role(ada.ctx, bob.person_id, "manager")
        noted = db.session.execute(
            select(Audit.actor_id, Audit.object_id, Audit.address, Audit.details).where(
                Audit.action == "person.role_changed"
            )
        ).one()
    assert "documents.void" in bob.ctx.permissions
    assert noted == (
        ada.person_id,
        str(bob.person_id),
        "192.0.2.7",
        {"before": "clerk", "after": "manager"},
    )


def test_the_last_administrator_is_neither_demoted_nor_let_go(ada):
    with ada.ctx.acting():
        with pytest.raises(Conflict):
            people.change_role(ada.ctx, ada.person_id, "clerk")
        with pytest.raises(Conflict):
            people.deactivate(ada.ctx, ada.person_id)
    assert "people.manage" in ada.ctx.permissions


def test_one_who_is_only_invited_is_no_administrator_yet(ada):
    invite("shop", "bob@shop.example", role="admin")
    with ada.ctx.acting(), pytest.raises(Conflict):
        people.deactivate(ada.ctx, ada.person_id)


def test_an_administrator_of_another_tenant_does_not_count(ada):
    open_tenant("acme")
    join("acme", "eve@acme.example")
    with ada.ctx.acting(), pytest.raises(Conflict):
        people.change_role(ada.ctx, ada.person_id, "clerk")


def test_one_of_two_administrators_may_go(ada):
    bob = join("shop", "bob@shop.example")
    with bob.ctx.acting():
        people.deactivate(bob.ctx, ada.person_id)
        with pytest.raises(Conflict):
            people.deactivate(bob.ctx, bob.person_id)


def test_two_administrators_who_let_each_other_go_do_not_both_go(app, ada):
    bob = join("shop", "bob@shop.example")
    ends: list[str] = []
    barrier = threading.Barrier(2)

    def let_go(actor, other) -> None:
        with app.app_context():
            ctx = actor.ctx
            barrier.wait()
            try:
                with ctx.acting():
                    people.deactivate(ctx, other.person_id)
                ends.append("gone")
            except Conflict:
                ends.append("kept")

    threads = [threading.Thread(target=let_go, args=pair) for pair in ((ada, bob), (bob, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["gone", "kept"]


# Going


def test_whoever_is_let_go_has_no_seat_and_no_link(ada):
    token = invite("shop", "bob@shop.example", role="clerk")
    bob = invitations.invited(token).person_id
    with ada.ctx.acting():
        people.deactivate(ada.ctx, bob)
    with pytest.raises(LinkInvalid):
        invitations.accept(token, PASSWORD)
    assert people.workplaces(bob) == []


def test_whoever_was_let_go_comes_back_by_a_new_invitation(ada):
    bob = join("shop", "bob@shop.example", role="clerk")
    with ada.ctx.acting():
        people.deactivate(ada.ctx, bob.person_id)
    invitations.accept(invite("shop", bob.email, role="auditor"), bob.password)
    assert "documents.issue" not in bob.ctx.permissions
    assert "audit.view" in bob.ctx.permissions


def test_a_stranger_can_be_neither_changed_nor_let_go(ada):
    open_tenant("acme")
    eve = join("acme", "eve@acme.example", role="clerk")
    with ada.ctx.acting():
        with pytest.raises(NotFound):
            people.change_role(ada.ctx, eve.person_id, "admin")
        with pytest.raises(NotFound):
            people.deactivate(ada.ctx, eve.person_id)
    assert "people.manage" not in eve.ctx.permissions


# Sessions


def test_a_session_ends_after_silence(ada, clock):
    token = sessions.log_in(ada.email, ada.password, clock=clock)
    clock.move(timedelta(hours=1, minutes=59))
    assert sessions.resume(token, clock=clock).person_id == ada.person_id
    clock.move(timedelta(hours=1, minutes=59))
    assert sessions.resume(token, clock=clock)
    clock.move(timedelta(hours=2))
    assert sessions.resume(token, clock=clock) is None


def test_a_session_ends_after_half_a_day_however_busy(ada, clock):
    token = sessions.log_in(ada.email, ada.password, clock=clock)
    for _ in range(11):
        clock.move(timedelta(hours=1))
        assert sessions.resume(token, clock=clock)
    clock.move(timedelta(hours=1))
    assert sessions.resume(token, clock=clock) is None


def test_sessions_are_listed_until_they_end(ada, clock):
    sessions.log_in(ada.email, ada.password, clock=clock)
    clock.move(timedelta(hours=1))
    late = sessions.log_in(ada.email, ada.password, clock=clock)
    assert len(sessions.listing(ada.person_id, clock=clock)) == 2
    clock.move(timedelta(hours=1))
    (open_one,) = sessions.listing(ada.person_id, clock=clock)
    assert open_one.id == tokens.hash_of(late)
    sessions.tidy(clock=clock)
    assert len(sessions.listing(ada.person_id, clock=FixedClock(open_one.created_at))) == 1


def test_a_session_in_a_tenant_that_let_the_person_go_has_none(ada):
    bob = join("shop", "bob@shop.example", role="clerk")
    token = sessions.log_in(bob.email, bob.password)
    assert sessions.resume(token).tenant_id == ada.tenant_id
    with ada.ctx.acting():
        people.deactivate(ada.ctx, bob.person_id)
    assert sessions.resume(token).tenant_id is None


def test_an_operator_who_names_no_tenant_finds_none(app):
    with pytest.raises(NotFound):
        operator_context("")
