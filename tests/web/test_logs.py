"""Logs tell what happened and to which request, on standard error, and no secret."""

import json

import pytest
import structlog

from billhook import logs
from billhook.testing.members import invite


@pytest.fixture
def logged(capsys):
    """Return a way to read what was logged since the last time."""

    def read() -> list[dict[str, object]]:
        captured = capsys.readouterr()
        assert captured.out == ""
        return [json.loads(line) for line in captured.err.splitlines()]

    return read


def test_a_request_is_logged_by_its_route_and_not_by_its_address(shop, browser, logged):
    token = invite("shop", "bob@shop.example")
    logged()
    browser.get(f"/invitation/{token}?password=hunter2")
    (line,) = logged()
    assert line["route"] == "/invitation/<token>"
    assert (line["method"], line["status"], line["address"]) == ("GET", 200, "127.0.0.1")
    assert line["request_id"]
    assert token not in json.dumps(line)
    assert "hunter2" not in json.dumps(line)


def test_a_log_in_leaves_no_password_in_the_log(shop, browser, logged):
    browser.log_in(shop.email)
    lines = json.dumps(logged())
    assert shop.password not in lines
    assert browser.client.get_cookie("billhook_login").value not in lines


def test_probes_are_not_logged(browser, logged):
    browser.get("/health")
    assert logged() == []


def test_each_request_has_a_number_of_its_own(browser, logged):
    answers = [browser.get("/log-in") for _ in range(2)]
    numbers = [answer.headers["X-Request-ID"] for answer in answers]
    assert [line["request_id"] for line in logged()] == numbers
    assert numbers[0] != numbers[1]


@pytest.mark.parametrize(
    "name", ["password", "api_key", "apikey", "client_secret", "access_token", "Authorization"]
)
def test_a_value_is_struck_out_by_its_name(name):
    event = logs.strike_out(None, "info", {"event": "it", name: "hunter2", "count": 3})
    assert event == {"event": "it", name: "***", "count": 3}


def test_the_lines_of_libraries_are_json_too(app, logged):
    import logging

    logging.getLogger("some.library").warning("it is %s", "late")
    (line,) = logged()
    assert (line["event"], line["level"]) == ("it is late", "warning")


def test_a_terminal_shows_the_trace_of_a_crash_without_its_variables(app, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logs.set_up()
    key = "hunter2"
    try:
        raise ValueError(f"broken by {len(key)}")
    except ValueError as error:
        structlog.get_logger("billhook.test").error("it.crashed", exc_info=error)
    shown = capsys.readouterr().err
    monkeypatch.undo()
    logs.set_up()
    assert "ValueError: broken by 7" in shown
    assert "hunter2" not in shown.replace('key = "hunter2"', "")


def test_a_crash_is_logged_with_its_trace(app, logged):
    try:
        raise ValueError("broken")
    except ValueError as error:
        structlog.get_logger("billhook.test").error("it.crashed", exc_info=error)
    (line,) = logged()
    assert "ValueError: broken" in line["exception"]
