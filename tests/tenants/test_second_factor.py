"""The second factor: nothing that proved somebody once proves them twice."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from billhook.clock import FixedClock, SystemClock
from billhook.db import db, transaction
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.people import LoginSession, RecoveryCode, SecondFactor
from billhook.plugins.runtime import runtime
from billhook.services import plugins, second_factor, sessions
from billhook.services.second_factor import CodeWrong, KeyRefused, recovery_codes
from billhook.services.second_factor.factors import SecretLost
from billhook.services.sessions import ProofStale, Visit
from billhook.testing.members import join
from billhook.testing.security_keys import SoftKey

ORIGIN = "https://billing.example.org"


@pytest.fixture
def config(config):
    return replace(config, base_url=ORIGIN)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SystemClock().now())


def visit_of(somebody, clock=None) -> Visit:
    return _resumed(sessions.log_in(somebody.email, somebody.password, clock=clock), clock)


def _resumed(token: str, clock=None) -> Visit:
    found = sessions.resume(token, clock=clock)
    assert found is not None
    return found


def app_of(visit: Visit, clock: FixedClock) -> pyotp.TOTP:
    """Set up an authenticator app, with the code of a while ago."""
    offer = second_factor.offer_app(visit, clock=clock)
    app = pyotp.TOTP(offer.secret)
    second_factor.confirm_app(
        visit, offer.factor_id, app.at(clock.now()), name="Phone", clock=clock
    )
    return app


def later(clock: FixedClock, seconds: int) -> FixedClock:
    return FixedClock(clock.now() + timedelta(seconds=seconds))


# Authenticator apps


def test_who_has_an_app_owes_its_code_after_the_password(ada, clock):
    app = app_of(visit_of(ada, clock), clock)
    then = later(clock, 60)
    half = visit_of(ada, then)
    assert half.owes_factor
    assert half.tenant_id is None
    token = second_factor.prove_by_code(half, app.at(then.now()), clock=then)
    whole = _resumed(token, then)
    assert not whole.owes_factor
    assert whole.tenant_id == ada.tenant_id


def test_the_token_of_the_half_session_is_worth_nothing_once_the_factor_is_given(ada, clock):
    """Whoever planted or saw the token before, has nothing afterwards."""
    app = app_of(visit_of(ada, clock), clock)
    then = later(clock, 60)
    planted = sessions.log_in(ada.email, ada.password, clock=then)
    second_factor.prove_by_code(_resumed(planted, then), app.at(then.now()), clock=then)
    assert sessions.resume(planted, clock=then) is None


def test_a_code_is_taken_once(ada, clock):
    app = app_of(visit_of(ada, clock), clock)
    then = later(clock, 60)
    code = app.at(then.now())
    second_factor.prove_by_code(visit_of(ada, then), code, clock=then)
    with pytest.raises(CodeWrong):
        second_factor.prove_by_code(visit_of(ada, then), code, clock=then)


def test_nor_is_a_code_older_than_the_last_that_was_taken(ada, clock):
    app = app_of(visit_of(ada, clock), clock)
    then = later(clock, 90)
    before = app.at(then.now() - timedelta(seconds=30))
    second_factor.prove_by_code(visit_of(ada, then), app.at(then.now()), clock=then)
    with pytest.raises(CodeWrong):
        second_factor.prove_by_code(visit_of(ada, then), before, clock=then)


def test_nor_the_code_by_which_the_app_was_set_up(ada, clock):
    app = app_of(visit_of(ada, clock), clock)
    with pytest.raises(CodeWrong):
        second_factor.prove_by_code(visit_of(ada, clock), app.at(clock.now()), clock=clock)


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(ada, clock, steps, is_taken):
    app = app_of(visit_of(ada, clock), clock)
    then = later(clock, 300)
    code = app.at(then.now() + timedelta(seconds=30 * steps))
    try:
        second_factor.prove_by_code(visit_of(ada, then), code, clock=then)
    except CodeWrong:
        assert not is_taken
    else:
        assert is_taken


@pytest.mark.parametrize("code", ["", "123", "abcdef", "１２３４５６", "0" * 400])
def test_a_text_that_is_no_code_is_refused(ada, clock, code):
    app_of(visit_of(ada, clock), clock)
    with pytest.raises(CodeWrong):
        second_factor.prove_by_code(visit_of(ada, clock), code, clock=clock)


def test_an_app_counts_only_once_a_code_of_it_was_entered(ada, clock):
    visit = visit_of(ada, clock)
    offer = second_factor.offer_app(visit, clock=clock)
    with pytest.raises(CodeWrong):
        second_factor.confirm_app(visit, offer.factor_id, "000000", name="Phone", clock=clock)
    assert not second_factor.has_factor(ada.person_id)
    assert not visit_of(ada, clock).owes_factor


def test_nobody_confirms_the_app_of_another(ada, clock):
    offer = second_factor.offer_app(visit_of(ada, clock), clock=clock)
    eve = visit_of(join("shop", "eve@shop.example"), clock)
    code = pyotp.TOTP(offer.secret).at(clock.now())
    with pytest.raises(NotFound):
        second_factor.confirm_app(eve, offer.factor_id, code, name="Mine", clock=clock)


def test_the_secret_is_sealed_for_its_person_and_survives_a_change_of_keys(ada, clock):
    app = app_of(visit_of(ada, clock), clock)
    row = db.session.scalars(select(SecondFactor)).one()
    before = row.sealed
    assert app.secret.encode() not in before
    assert plugins.rotate_secrets().unreadable == ()
    db.session.expire_all()
    assert db.session.scalars(select(SecondFactor)).one().sealed != before
    then = later(clock, 60)
    assert second_factor.prove_by_code(visit_of(ada, then), app.at(then.now()), clock=then)


def test_a_sealed_secret_that_was_copied_to_another_does_not_open(ada, clock):
    app_of(visit_of(ada, clock), clock)
    eve = join("shop", "eve@shop.example")
    app = app_of(visit_of(eve, clock), clock)
    with transaction() as session:
        rows = {row.person_id: row for row in session.scalars(select(SecondFactor))}
        rows[ada.person_id].sealed = rows[eve.person_id].sealed
    then = later(clock, 60)
    with pytest.raises(SecretLost):
        second_factor.prove_by_code(visit_of(ada, then), app.at(then.now()), clock=then)


def test_adding_a_factor_ends_the_other_sessions(ada, clock):
    other = sessions.log_in(ada.email, ada.password, clock=clock)
    visit = visit_of(ada, clock)
    app_of(visit, clock)
    assert sessions.resume(other, clock=clock) is None
    assert [one.id for one in sessions.listing(ada.person_id, clock=clock)] == [visit.session_id]


# Recovery codes


def test_ten_codes_each_for_once_however_they_are_written(ada, clock):
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    codes = second_factor.new_codes(visit)
    assert len(set(codes)) == 10
    assert second_factor.codes_left(ada.person_id) == 10
    for written in (codes[0], codes[1].upper().replace("-", " "), codes[2].replace("0", "O")):
        second_factor.prove_by_code(visit_of(ada), written)
    assert second_factor.codes_left(ada.person_id) == 7
    with pytest.raises(CodeWrong):
        second_factor.prove_by_code(visit_of(ada), codes[0])


def test_a_code_has_at_least_128_bits_and_is_not_stored(ada, clock):
    bits = recovery_codes.GROUPS * recovery_codes.GROUP * 5
    assert len(set(recovery_codes.ALPHABET)) == 32
    assert bits >= 128
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    codes = second_factor.new_codes(visit)
    stored = repr(db.session.execute(select(RecoveryCode.__table__)).all())
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_new_codes_end_the_old_ones_and_are_a_persons_own(ada, clock):
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    old = second_factor.new_codes(visit)
    new = second_factor.new_codes(visit)
    eve = join("shop", "eve@shop.example")
    app_of(visit_of(eve), FixedClock(SystemClock().now()))
    for somebody, code in ((ada, old[0]), (eve, new[0])):
        with pytest.raises(CodeWrong):
            second_factor.prove_by_code(visit_of(somebody), code)


def test_codes_stand_in_for_a_factor_and_so_need_one(ada):
    with pytest.raises(Conflict):
        second_factor.new_codes(visit_of(ada))


# Security keys


def key_of(visit: Visit) -> SoftKey:
    key = SoftKey(ORIGIN)
    second_factor.add_key(visit, key.register(second_factor.offer_key(visit)), name="Blue key")
    return key


def test_a_key_signs_for_its_session(ada):
    key = key_of(visit_of(ada))
    half = visit_of(ada)
    assert half.owes_factor
    token = second_factor.prove_by_key(half, key.sign(second_factor.ask_for_key(half)))
    assert not _resumed(token).owes_factor


def test_what_a_key_signed_is_taken_once(ada):
    key = key_of(visit_of(ada))
    half = visit_of(ada)
    answer = key.sign(second_factor.ask_for_key(half))
    again = _resumed(second_factor.prove_by_key(half, answer))
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(again, answer)


def test_a_refused_answer_uses_up_what_was_asked(ada):
    key = key_of(visit_of(ada))
    half = visit_of(ada)
    options = second_factor.ask_for_key(half)
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(half, "{}")
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(half, key.sign(options))


def test_what_was_asked_in_one_session_is_no_answer_in_another(ada):
    key = key_of(visit_of(ada))
    one, other = visit_of(ada), visit_of(ada)
    answer = key.sign(second_factor.ask_for_key(one))
    second_factor.ask_for_key(other)
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(other, answer)


def test_what_was_asked_holds_five_minutes(ada):
    key = key_of(visit_of(ada))
    half = visit_of(ada)
    answer = key.sign(second_factor.ask_for_key(half))
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(
            half, answer, clock=FixedClock(SystemClock().now() + timedelta(minutes=6))
        )


def test_a_copied_key_gives_itself_away_by_its_counter(ada):
    key = key_of(visit_of(ada))
    for _time in range(2):
        half = visit_of(ada)
        second_factor.prove_by_key(half, key.sign(second_factor.ask_for_key(half)))
    key.uses = 0  # the copy was made before
    half = visit_of(ada)
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(half, key.sign(second_factor.ask_for_key(half)))


def test_an_answer_made_for_another_site_is_refused(ada):
    key = key_of(visit_of(ada))
    key.origin = "https://billing.example.org.evil.example"
    half = visit_of(ada)
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(half, key.sign(second_factor.ask_for_key(half)))


def test_the_key_of_another_person_is_refused(ada):
    key_of(visit_of(ada))
    eve = join("shop", "eve@shop.example")
    theirs = SoftKey(ORIGIN, credential_id=b"another-key-0001")
    visit = visit_of(eve)
    second_factor.add_key(visit, theirs.register(second_factor.offer_key(visit)), name="Eve's key")
    half = visit_of(ada)
    with pytest.raises(KeyRefused):
        second_factor.prove_by_key(half, theirs.sign(second_factor.ask_for_key(half)))


# What asks for a fresh proof


def test_what_changes_the_proof_asks_for_a_fresh_one(ada, clock):
    visit = visit_of(ada, clock)
    old = replace(visit, proved_at=clock.now() - timedelta(minutes=10, seconds=1))
    for act in (
        lambda: second_factor.offer_app(old, clock=clock),
        lambda: second_factor.offer_key(old, clock=clock),
        lambda: second_factor.add_key(old, "{}", name="x", clock=clock),
        lambda: second_factor.new_codes(old),
        lambda: second_factor.remove(old, ada.person_id),
    ):
        with pytest.raises(ProofStale):
            act()


def test_the_last_factor_goes_with_the_codes_and_not_where_the_company_asks_for_one(ada, ctx):
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    second_factor.new_codes(visit)
    (factor,) = second_factor.listing(ada.person_id)
    with ctx.acting():
        second_factor.require_of_members(ctx, is_required=True)
    with pytest.raises(Conflict):
        second_factor.remove(visit, factor.id)
    assert second_factor.codes_left(ada.person_id) == 10
    with ctx.acting():
        second_factor.require_of_members(ctx, is_required=False)
    second_factor.remove(visit, factor.id)
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


def test_the_operator_helps_who_lost_all_and_nobody_else_does(ada, ctx):
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    theirs = ada.ctx
    with theirs.acting(), pytest.raises(Forbidden):
        second_factor.remove_all(theirs, ada.email)
    with ctx.acting():
        assert second_factor.remove_all(ctx, ada.email) == 1
    assert not second_factor.has_factor(ada.person_id)
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_every_change_is_noted_without_what_was_secret(ada, ctx):
    visit = visit_of(ada)
    app_of(visit, FixedClock(SystemClock().now()))
    second_factor.new_codes(visit)
    key_of(visit)
    with ctx.acting():
        acts = set(db.session.scalars(select(Audit.action)))
    assert {"person.factor_added", "person.recovery_codes_made"} <= acts


def test_a_name_is_needed(ada):
    visit = visit_of(ada)
    key = SoftKey(ORIGIN)
    with pytest.raises(ValidationFailed):
        second_factor.add_key(visit, key.register(second_factor.offer_key(visit)), name=" ")


def test_keys_are_not_offered_where_browsers_refuse_them(app):
    hosts = {
        "https://billing.example.org": True,
        "http://localhost:8000": True,
        "http://127.0.0.1:8000": False,
        "http://billing.example.org": False,
        "https://192.0.2.1": False,
    }
    found = {}
    for url in hosts:
        changed = replace(runtime(), config=replace(runtime().config, base_url=url))
        app.extensions["billhook"] = changed
        found[url] = second_factor.are_possible()
    assert found == hosts


def test_who_asks_others_for_a_factor_has_one(ada):
    theirs = ada.ctx
    with theirs.acting(), pytest.raises(Conflict):
        second_factor.require_of_members(theirs, is_required=True)
    app_of(visit_of(ada), FixedClock(SystemClock().now()))
    with theirs.acting():
        second_factor.require_of_members(theirs, is_required=True)
    assert ada.ctx.tenant.requires_second_factor
