"""Stored files by the API: what comes back is what was sent."""

from hashlib import sha256

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.models.files import File


def test_a_file_is_stored_once_for_a_key_and_comes_back(program, office):
    at, content = program(), b"%PDF-1.7 terms"
    made = at.upload("/files", "terms.pdf", content, key="f")
    assert made.status_code == 201, made.text
    digest = sha256(content).hexdigest()
    assert (made.json["sha256"], made.json["size"]) == (digest, len(content))
    before = db.session.scalar(select(func.count()).select_from(File))
    db.session.rollback()
    assert at.upload("/files", "terms.pdf", content, key="f").json == made.json
    assert db.session.scalar(select(func.count()).select_from(File)) == before
    other = at.upload("/files", "terms.pdf", content + b"!", key="f")
    assert other.json["code"] == "idempotency.mismatch"
    where = made.headers["Location"].removeprefix("/api/v1")
    assert at.get(where).json == made.json
    loaded = at.get(f"{where}/content")
    assert (loaded.data, loaded.headers["ETag"]) == (content, f'"{digest}"')
    held = at.send("GET", f"{where}/content", headers={"If-None-Match": f'"{digest}"'})
    assert held.status_code == 304
    assert program("files.view").upload("/files", "a.txt", b"a").status_code == 403
    assert at.get(f"/files/{office.invoice}/content").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("terms.pdf", b"MZ no pdf", "file.type_differs"),
        ("tool.exe", b"MZ", "file.type_unknown"),
        ("../up.txt", b"text", "file.name_malformed"),
        ("", b"text", "file.name_malformed"),
    ],
)
def test_a_file_that_is_not_taken_says_why(program, name, content, code):
    refused = program().upload("/files", name, content)
    assert refused.status_code == 422, refused.text
    assert code in {one["code"] for one in refused.json["problems"]}
