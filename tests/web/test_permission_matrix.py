"""Who may use which route, as one table: `permission_matrix.csv`, beside this file.

Each column is a kind of visitor, each row a route and a method. “yes”: the route answers,
if only by 404 or 422, for the ids are nobody's; “no”: it refuses, by 403, by 401, or by
leading to the log-in or to the choice of companies. The columns:

- nobody: no one has logged in;
- stranger: a person of another tenant, whose session names this one, where they have no seat;
- viewer: a member with a role of the tenant's own, of one permission, `documents.view`;
- the six roles that everybody has.

After a change of routes or roles write the table anew, and look at the difference:

    BILLHOOK_WRITE_MATRIX=1 .venv/bin/pytest tests/web/test_permission_matrix.py
"""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from billhook.db import db
from billhook.models.people import LoginSession
from billhook.services import roles, sessions
from billhook.services.permissions import NAMES, ROLES
from billhook.testing.browser import Browser
from billhook.testing.doors import Door, doors, form_token, placeholder
from billhook.testing.members import Somebody, join, open_tenant
from billhook.web.access import Audience

TABLE = Path(__file__).with_name("permission_matrix.csv")
IS_WRITING = bool(os.environ.get("BILLHOOK_WRITE_MATRIX"))
ADVICE = (
    "If that is as it should be: BILLHOOK_WRITE_MATRIX=1 .venv/bin/pytest "
    "tests/web/test_permission_matrix.py writes the table anew."
)

VIEWER = "viewer"
VISITORS = ("nobody", "stranger", VIEWER, *ROLES)
LEADS_OUT = ("/log-in", "/workplaces", "/second-factor")
LAST = ("logging_in.log_out", "account.end_others")

Row = dict[str, str]


def read_table() -> dict[tuple[str, str], Row]:
    if not TABLE.exists():
        return {}
    with TABLE.open(newline="") as file:
        return {(row["endpoint"], row["method"]): row for row in csv.DictReader(file)}


def write_table(rows: dict[tuple[str, str], Row]) -> None:
    names = ("endpoint", "method", "needs", *VISITORS)
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n", restval="?")
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))


def needs(door: Door) -> str:
    """Tell what a route declares: a permission, or who may always."""
    return door.access.permission or door.access.audience.value


@pytest.fixture
def knock(office) -> Callable[[str], dict[tuple[str, str], str]]:
    """Return a way to let a kind of visitor try every route."""

    def try_all(visitor: str) -> dict[tuple[str, str], str]:
        person = _person(visitor, office)
        browser = Browser(office.app.test_client())
        found = {}
        for door in sorted(doors(office.app), key=lambda one: (one.endpoint in LAST, one.name)):
            _log_in_again(browser, person, office)
            answer = ask(browser, door)
            assert answer.status_code < 500, f"{door.name} crashed for {visitor}"
            found[door.endpoint, door.method] = "no" if refuses(answer, visitor) else "yes"
        return found

    return try_all


def _person(visitor: str, office) -> Somebody | None:
    if visitor == "nobody":
        return None
    if visitor == "stranger":
        open_tenant("elsewhere")
        return join("elsewhere", "stranger@elsewhere.example")
    if visitor == VIEWER:
        made = roles.create(office.ctx, title=VIEWER)
        seen = frozenset({"documents.view"})
        change = roles.RoleChange(code=made.code, permissions=seen, version=made.version)
        roles.change(office.ctx, [change])
    return join("office", f"{visitor}@office.example", role=visitor)


def _log_in_again(browser: Browser, person: Somebody | None, office) -> None:
    """Begin a session where the route before ended it; a stranger's names the office."""
    known = browser.client.get_cookie("billhook_login")
    if person is None or (known and sessions.resume(known.value)):
        return
    token = sessions.begin(person.person_id)
    with db.session.begin_nested():
        db.session.execute(
            update(LoginSession)
            .where(LoginSession.person_id == person.person_id)
            .values(tenant_id=office.ctx.tenant.id)
        )
    db.session.commit()
    browser.client.set_cookie("billhook_login", token)


def ask(browser: Browser, door: Door) -> TestResponse:
    """Send an empty form, or load a page, of what nobody has."""
    path = door.path(placeholder)
    if door.is_safe:
        return browser.get(path)
    token = form_token(browser.client)
    return browser.client.open(path, method=door.method, data={"csrf_token": token}, buffered=True)


def refuses(answer: TestResponse, visitor: str) -> bool:
    if answer.status_code == 302:  # a log-out, which leads there too, says 303
        return answer.location.partition("?")[0] in LEADS_OUT
    return answer.status_code == 403 or (visitor == "nobody" and answer.status_code == 401)


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_uses_the_routes_of_the_table_and_no_other(office, knock, visitor):
    found, table = knock(visitor), read_table()
    if IS_WRITING:
        declared = {(door.endpoint, door.method): needs(door) for door in doors(office.app)}
        write_table(
            {
                key: {**table.get(key, {}), "endpoint": key[0], "method": key[1]}
                | {"needs": declared[key], visitor: found[key]}
                for key in found
            }
        )
        return
    missing = sorted(" ".join(key) for key in found.keys() - table.keys())
    assert not missing, f"not in the table: {', '.join(missing)}. {ADVICE}"
    left_over = sorted(" ".join(key) for key in table.keys() - found.keys())
    assert not left_over, f"in the table, but no route any more: {', '.join(left_over)}. {ADVICE}"
    wrong = [
        f"{visitor}: {' '.join(key)} says {table[key][visitor]}, but it is {really}"
        for key, really in found.items()
        if table[key][visitor] != really
    ]
    assert not wrong, "; ".join(wrong) + f". {ADVICE}"


def test_the_table_names_what_each_route_declares(office):
    table = read_table()
    for door in doors(office.app):
        row = table.get((door.endpoint, door.method))
        assert row, f"{door.name} is not in the table. {ADVICE}"
        assert row["needs"] == needs(door), f"{door.name} now needs {needs(door)}. {ADVICE}"


def test_the_table_lets_nobody_in_who_lacks_the_permission():
    """What a reviewer would look for, whatever somebody wrote into the table."""
    holders = {role.name: role.permissions for role in ROLES.values()}
    holders[VIEWER] = frozenset({"documents.view"})
    for (endpoint, method), row in read_table().items():
        asked = row["needs"]
        public = asked == Audience.PUBLIC.value
        assert (row["nobody"] == "yes") is public, (endpoint, method)
        if asked in NAMES:
            assert row["stranger"] == "no", (endpoint, method)
            for visitor, permissions in holders.items():
                if row[visitor] == "yes":
                    assert asked in permissions, (endpoint, method, visitor)


def test_each_role_may_something_that_another_may_not():
    """The control: a table in which all columns were alike would hold nothing."""
    rows = read_table().values()
    columns = {visitor: tuple(row[visitor] for row in rows) for visitor in VISITORS}
    assert len(set(columns.values())) == len(VISITORS)
