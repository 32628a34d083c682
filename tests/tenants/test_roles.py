"""Roles that a tenant makes itself: what they allow, and that nobody gives what they lack."""

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.audit import Audit
from billhook.services import invitations, people, roles
from billhook.services.permissions import NAMES, ROLES, WHOLE_COMPANY
from billhook.services.roles import RoleChange
from billhook.testing.members import join


@pytest.fixture
def junior(ctx) -> str:
    """Return the code of an own role that sees customers and may do nothing else."""
    with ctx.acting():
        code = roles.create(ctx, title="Junior clerk").code
        _allow(ctx, code, "customers.view", "people.view", "people.manage")
    return code


def _allow(ctx, code: str, *names: str) -> None:
    role = roles.get(ctx, code)
    roles.change(ctx, [RoleChange(code=code, permissions=frozenset(names), version=role.version)])


def test_an_own_role_allows_what_it_says_from_the_next_request_on(ctx):
    with ctx.acting():
        code = roles.create(ctx, title="Collections", summary="Writes to who owes.").code
    carl = join("shop", "carl@shop.example", role=code)
    assert carl.ctx.permissions == frozenset()
    with ctx.acting():
        _allow(ctx, code, "documents.view", "deliveries.send")
    assert carl.ctx.permissions == {"documents.view", "deliveries.send"}


def test_a_copy_starts_with_what_the_other_role_may(ctx):
    with ctx.acting():
        made = roles.create(ctx, title="Senior Clerk!", like="clerk")
    assert made.code == "senior-clerk"
    assert made.permissions == ROLES["clerk"].permissions


def test_two_roles_of_one_name_are_refused_and_codes_never_clash(ctx):
    with ctx.acting():
        roles.create(ctx, title="Admin!")
        assert [one.code for one in roles.listing(ctx)][-1] == "admin-2"
        for taken in ("admin!", "Administrator", ""):
            with pytest.raises(ValidationFailed):
                roles.create(ctx, title=taken)


def test_a_permission_that_nothing_brings_is_refused(ctx, junior):
    with ctx.acting(), pytest.raises(ValidationFailed):
        _allow(ctx, junior, "moon.land")


def test_a_change_of_a_role_that_changed_meanwhile_is_refused_whole(ctx, junior):
    with ctx.acting():
        other = roles.create(ctx, title="Other")
        stale = RoleChange(code=junior, permissions=frozenset({"drafts.view"}), version=1)
        fresh = RoleChange(code=other.code, permissions=frozenset({"drafts.view"}), version=1)
        with pytest.raises(Conflict):
            roles.change(ctx, [fresh, stale])
        assert roles.get(ctx, other.code).permissions == frozenset()


def test_a_role_that_somebody_has_cannot_be_removed(ctx, junior):
    join("shop", "jun@shop.example", role=junior)
    with ctx.acting():
        with pytest.raises(Conflict):
            roles.remove(ctx, junior)
        unused = roles.create(ctx, title="Unused").code
        roles.remove(ctx, unused)
        with pytest.raises(NotFound):
            roles.get(ctx, unused)
        with pytest.raises(NotFound):
            roles.remove(ctx, "clerk")


# Nobody gives what they lack


def test_nobody_gives_a_role_that_may_do_more_than_they(ctx, ada, junior):
    jun = join("shop", "jun@shop.example", role=junior)
    bob = join("shop", "bob@shop.example", role=junior)
    theirs = jun.ctx
    with theirs.acting():
        for give in (
            lambda: people.change_role(theirs, bob.person_id, "admin"),
            lambda: people.change_seat(theirs, bob.person_id, role="clerk", reach="all"),
            lambda: people.change_role(theirs, jun.person_id, "admin"),
            lambda: invitations.invite(theirs, email="x@y.example", name="X", role="clerk"),
            lambda: roles.create(theirs, title="Mine", like="admin"),
            lambda: _allow(theirs, junior, "customers.view", "people.view", "ledger.close"),
        ):
            with pytest.raises(Forbidden):
                give()


def test_nobody_touches_who_may_do_more_than_they(ctx, ada, junior):
    join("shop", "second@shop.example")
    theirs = join("shop", "jun@shop.example", role=junior).ctx
    with theirs.acting():
        with pytest.raises(Forbidden):
            people.deactivate(theirs, ada.person_id)
        with pytest.raises(Forbidden):
            people.change_role(theirs, ada.person_id, junior)


def test_taking_away_what_one_lacks_oneself_is_allowed(ctx, junior):
    with ctx.acting():
        _allow(ctx, junior, "people.view", "people.manage", "ledger.close")
        other = roles.create(ctx, title="Other", like=junior).code
    theirs = join("shop", "jun@shop.example", role=junior).ctx
    with ctx.acting():
        _allow(ctx, junior, "people.view", "people.manage")
    theirs = join("shop", "jon@shop.example", role=junior).ctx
    with theirs.acting():
        _allow(theirs, other, "people.view")
        assert roles.get(theirs, other).permissions == {"people.view"}


# Whose customers


@pytest.mark.parametrize("reach", ["own", "tags"])
def test_who_sees_some_customers_never_has_what_reaches_the_whole_company(ctx, ada, reach):
    max_ = join("shop", "max@shop.example", role="manager")
    with ctx.acting():
        people.change_seat(ctx, max_.person_id, role="manager", reach=reach, tags=["north"])
    theirs = max_.ctx
    assert theirs.scope is not None
    assert theirs.scope.tags == (("north",) if reach == "tags" else ())
    assert theirs.permissions == ROLES["manager"].permissions - WHOLE_COMPANY


def test_an_administrator_sees_all_customers(ctx, ada):
    with ctx.acting():
        with pytest.raises(ValidationFailed):
            people.change_seat(ctx, ada.person_id, role="admin", reach="own")
        bob = join("shop", "bob@shop.example", role="clerk")
        people.change_seat(ctx, bob.person_id, role="clerk", reach="own")
        people.change_role(ctx, bob.person_id, "admin")
    assert bob.ctx.scope is None
    assert bob.ctx.permissions == NAMES | bob.ctx.permissions


def test_tags_are_needed_where_tags_decide(ctx, ada):
    bob = join("shop", "bob@shop.example", role="clerk")
    with ctx.acting(), pytest.raises(ValidationFailed) as refused:
        people.change_seat(ctx, bob.person_id, role="clerk", reach="tags", tags=[" "])
    assert [problem.path for problem in refused.value.problems] == ["scope_tags"]


def test_an_invitation_can_say_whose_customers(ctx, ada):
    with ctx.acting():
        invited = invitations.invite(
            ctx, email="sue@shop.example", name="Sue", role="sales", reach="own"
        )
    person = invitations.accept(invited.link.rpartition("/")[2], "correct horse battery staple")
    with ctx.acting():
        assert people.get(ctx, person).reach == "own"


def test_the_last_administrator_can_be_neither_changed_nor_removed(ctx, ada):
    with ctx.acting():
        with pytest.raises(Conflict):
            people.change_seat(ctx, ada.person_id, role="clerk", reach="all")
        with pytest.raises(Conflict):
            people.deactivate(ctx, ada.person_id)


def test_every_change_of_a_role_is_noted(ctx, junior):
    with ctx.acting():
        roles.describe(ctx, junior, title="Jr clerk", summary="")
        told = db.session.execute(
            select(Audit.action, Audit.details).where(Audit.object_kind == "role")
        ).all()
    assert {row.action for row in told} == {"role.created", "role.changed", "role.described"}
    assert any("customers.view" in row.details.get("given", "") for row in told)
