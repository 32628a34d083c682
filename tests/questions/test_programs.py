"""Programs and the operator work through questions: the API, and the command line."""

import base64

import pytest

from billhook.domain.questions import QuestionKind
from billhook.testing import programs

PDF = b"%PDF-1.7 hello"


@pytest.fixture
def program(desk):
    office = desk.office
    return lambda *scopes: programs.program(office.app, office.ctx, *scopes)


def test_a_program_answers_closes_and_opens_again(desk, program):
    asked, other = desk.ask(), desk.ask("lech", "lodz", kind=QuestionKind.QUESTION, reason="")
    at = program("questions.view", "questions.answer")
    page = at.get("/questions", kind="dispute", expand="messages").json["data"]
    assert [one["id"] for one in page] == [str(asked)]
    assert page[0]["messages"][0]["text"] == "Why?"
    known = at.get(f"/questions/{asked}")
    assert (known.json["reason"], known.json["messages"]) == ("wrong_amount", None)
    file = {"name": "count.pdf", "content": base64.b64encode(PDF).decode()}
    body = {"text": "See the file", "files": [file]}
    etag = {"If-Match": known.headers["ETag"]}
    path = f"/questions/{asked}"
    answered = at.post(f"{path}/reply", body, key="k", headers=etag)
    assert answered.json["state"] == "answered"
    assert at.post(f"{path}/reply", body, key="k", headers=etag).json == answered.json
    assert at.post(f"{path}/close", {"text": "Late"}, headers=etag).status_code == 412
    assert at.post(f"{path}/close", {"text": "Done"}).json["state"] == "closed"
    assert at.post(f"{path}/reply", {"text": "x"}).json["code"] == "question.closed"
    assert at.post(f"{path}/reopen", {"text": "Again"}).json["state"] == "answered"
    assert at.post(f"{path}/reopen", {"text": "Again"}).status_code == 409
    said = at.get(path, expand="messages").json["messages"]
    assert [(one["side"], one["act"]) for one in said] == [
        ("client", ""),
        ("company", ""),
        ("company", "closed"),
        ("company", "reopened"),
    ]
    loaded = at.get(f"{path}/files/{said[1]['files'][0]['id']}")
    assert loaded.data == PDF
    assert loaded.headers["Content-Disposition"].startswith("attachment")
    assert at.get(f"/questions/{other}/files/{said[1]['files'][0]['id']}").status_code == 404


def test_a_program_is_told_what_it_may_not_and_what_it_sent_wrong(desk, program):
    path = f"/questions/{desk.ask()}"
    at = program("questions.view", "questions.answer")
    bad = {"text": "x", "files": [{"name": "a.pdf", "content": "?!"}]}
    assert at.post(f"{path}/reply", bad).status_code == 422
    html = {"name": "a.html", "content": base64.b64encode(b"<html>").decode()}
    refused = at.post(f"{path}/reply", {"text": "x", "files": [html]})
    assert refused.status_code == 422
    assert at.post(f"{path}/reply", {"text": ""}).status_code == 400
    stranger = {"assignee_id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    assert at.post(f"{path}/assign", stranger).status_code == 422
    given = {"assignee_id": str(desk.admin.person_id)}
    assert at.post(f"{path}/assign", given).json["assignee_id"] == given["assignee_id"]
    assert program("questions.view").post(f"{path}/reply", {"text": "x"}).status_code == 403
    assert program("documents.view").get("/questions").status_code == 403
