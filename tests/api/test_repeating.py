"""A write that is sent again: one effect, equal answers."""

import threading

import psycopg.errors
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError
from tests.portal.meeting import meet

from billhook.api import mounting, problems
from billhook.db import db
from billhook.models.audit import Audit
from billhook.models.customers import Customer
from billhook.testing.programs import Program

AT_ONCE = 50
CUSTOMER = {"reference": "C-9", "name": "Umbrella", "country": "DE", "currency": "EUR"}


def customers() -> int:
    db.session.rollback()
    return db.session.scalar(
        select(func.count()).select_from(Customer).where(Customer.reference == "C-9")
    )


def test_a_repeat_has_the_same_answer_and_no_effect(program):
    at = program()
    first = at.post("/customers", CUSTOMER, key="once")
    again = at.post("/customers", CUSTOMER, key="once")
    assert (first.status_code, first.data) == (201, again.data)
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["ETag"] == again.headers["ETag"]
    assert customers() == 1
    acts = select(func.count()).select_from(Audit).where(Audit.action == "customer.created")
    made = acts.where(Audit.object_id == first.json["id"])
    assert db.session.scalar(made) == 1


def test_the_order_of_fields_makes_no_other_request(program):
    at = program()
    first = at.post("/customers", CUSTOMER, key="once")
    again = at.post("/customers", dict(reversed(CUSTOMER.items())), key="once")
    assert (again.status_code, again.data) == (201, first.data)


def test_another_body_with_the_same_key_is_refused(program):
    at = program()
    at.post("/customers", CUSTOMER, key="once")
    other = at.post("/customers", {**CUSTOMER, "name": "Other"}, key="once")
    assert (other.status_code, other.json["code"]) == (422, "idempotency.mismatch")


def test_a_key_is_the_programs_own(program):
    one, other = program(), program()
    assert one.post("/customers", CUSTOMER, key="once").status_code == 201
    assert (
        other.post("/customers", CUSTOMER, key="once").status_code == 422
    )  # the reference is taken


def test_of_two_who_write_one_reference_at_once_the_second_is_asked_to_look(
    office, program, backend
):
    """On SQLite it waits before it reads, so that it finds what the first wrote."""
    one, other = program(), program()
    first, second = meet(
        office.app,
        lambda: one.post("/customers", CUSTOMER, key="one"),
        lambda: other.post("/customers", CUSTOMER, key="other"),
    )
    assert first.answer.status_code == 201
    assert second.has_waited
    refused = {"sqlite": (422, "input.invalid"), "postgresql": (409, "resource.conflict")}
    assert (second.answer.status_code, second.answer.json["code"]) == refused[backend]
    assert customers() == 1


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT secret", {}, Exception("duplicate key secret")),
        OperationalError("UPDATE secret", {}, psycopg.errors.DeadlockDetected("row secret")),
    ],
    ids=["taken", "deadlocked"],
)
def test_who_lost_to_another_is_asked_to_look(office, error):
    with office.app.test_request_context():
        office.app.preprocess_request()
        answer = problems.refusal(error)
    assert (answer.status_code, answer.json["code"]) == (409, "resource.conflict")
    assert b"secret" not in answer.data


def test_a_refused_request_uses_up_no_key(program):
    at = program()
    assert at.post("/customers", {**CUSTOMER, "country": "XX"}, key="once").status_code == 422
    assert at.post("/customers", CUSTOMER, key="once").status_code == 201


def test_an_act_that_asks_plugins_is_repeated_as_well(program, office):
    at = program()
    where = f"/drafts/{office.draft}/issue"
    first = at.post(where, {}, key="once")
    assert first.status_code in (200, 201), first.text
    again = at.post(where, {}, key="once")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert at.post(where, {}, key="twice").status_code == 409


@pytest.mark.parametrize("act", ["create", "issue"])
def test_many_at_once_are_one(program, office, act):
    """Fifty requests with one key, whether their view runs in one transaction or asks plugins."""
    at = program()
    where, body = {
        "create": ("/customers", CUSTOMER),
        "issue": (f"/drafts/{office.draft}/issue", {}),
    }[act]
    answers = []
    begin = threading.Barrier(AT_ONCE)

    def send() -> None:
        own = Program(office.app, at.secret)
        begin.wait()
        answer = own.post(where, body, key="once")
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _each in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == AT_ONCE
    assert len(set(answers)) == 1, {status for status, _body in answers}
    assert answers[0][0] in (200, 201)
    if act == "create":
        assert customers() == 1


class Crash(BaseException):
    """The process dies: nothing of ours handles it."""


def test_a_crash_between_effect_and_answer_costs_nothing(program, office, monkeypatch):
    """The document is issued, then the server dies: the repeat is answered as the first would be."""
    at = program()
    where = f"/drafts/{office.draft}/issue"

    def dies(*_given: object, **_named: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(mounting, "reply_of", dies)
        with pytest.raises(Crash):
            at.post(where, {}, key="once")
        with pytest.raises(Crash):
            at.post("/customers", CUSTOMER, key="other")
    assert customers() == 0  # its transaction was undone with the key
    issued = at.post(where, {}, key="once")
    assert issued.status_code in (200, 201), issued.text
    assert at.post(where, {}, key="once").data == issued.data
    assert at.post("/customers", CUSTOMER, key="other").status_code == 201
    assert customers() == 1
