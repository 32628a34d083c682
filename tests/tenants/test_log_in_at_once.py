"""A log-in at the moment at which the password is replaced: the old one leaves no session behind."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from tests.portal.meeting import ORDERS, meet

from billhook.db import db, transaction
from billhook.models.people import Credential, LoginSession
from billhook.services import accounts, invitations, sessions, tokens
from billhook.services.passwords import PasswordWrong

ANOTHER = "another long password"


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(LoginSession))


@pytest.fixture
def link(ctx, ada) -> str:
    """Return the token of a link that resets Ada's password."""
    with ctx.acting():
        return invitations.reset_password(ctx, ada.email).link.rpartition("/")[2]


@ORDERS
def test_a_reset_ends_the_session_that_begins_with_the_old_password(app, ada, link, is_turned):
    def log_in():
        return sessions.log_in(ada.email, ada.password)

    def reset():
        return invitations.accept(link, ANOTHER)

    first, second = meet(app, *((reset, log_in) if is_turned else (log_in, reset)))
    assert first.refusal is None
    assert type(second.refusal) is (PasswordWrong if is_turned else type(None))
    assert count() == 0
    assert sessions.log_in(ada.email, ANOTHER)


@ORDERS
def test_who_changes_their_password_keeps_their_own_session_alone(app, ada, is_turned):
    token = sessions.log_in(ada.email, ada.password)
    visit = sessions.resume(token)
    assert visit is not None

    def log_in():
        return sessions.log_in(ada.email, ada.password)

    def change():
        return accounts.change_password(visit, ANOTHER)

    first, second = meet(app, *((change, log_in) if is_turned else (log_in, change)))
    assert first.refusal is None
    assert type(second.refusal) is (PasswordWrong if is_turned else type(None))
    (left,) = db.session.scalars(select(LoginSession.token_hash)).all()
    assert left == tokens.hash_of(token)


def test_two_browsers_log_in_at_once_though_each_renews_a_hash_of_weaker_settings(app, ada):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(ada.password)
    with transaction() as session:
        session.execute(update(Credential).values(password_hash=weak))

    def log_in():
        return sessions.log_in(ada.email, ada.password)

    first, second = meet(app, log_in, log_in)
    assert (first.refusal, second.refusal) == (None, None)
    assert second.has_waited
    assert count() == 2
