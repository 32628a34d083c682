"""What goes wrong is told in a page that says what to do, and never how we are built."""

import json
from dataclasses import replace

import psycopg.errors
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from billhook.errors import (
    Conflict,
    Forbidden,
    NoTenantInScope,
    NotFound,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    ValidationFailed,
)
from billhook.problems import Problem
from billhook.web.access import public

WRONG = [Problem(code="test.wrong", message="The rate is missing. Enter it.", path="rate")]


@pytest.fixture
def answer_to(make_app, browse):
    """Return a way to see the answer of a page in which something goes wrong."""

    def answer(error):
        def view():
            raise error

        app = make_app()
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.add_url_rule("/page", "page", public(view))
        return browse(application=app).get("/page")

    return answer


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (NotFound("customer", "C1"), 404, "There is no customer “C1” here."),
        (PluginUnavailable("The plugin “fax” is not enabled."), 404, "not enabled"),
        (Forbidden("ledger.close"), 403, "ledger.close"),
        (Conflict("It was issued already."), 409, "It was issued already."),
        (ValidationFailed(WRONG), 422, "The rate is missing. Enter it."),
        (Rejected(WRONG), 422, "The rate is missing. Enter it."),
        (PluginFailed("fax", "it hangs"), 502, "The plugin “fax” failed: it hangs"),
        (Retryable("The office is closed."), 503, "The office is closed."),
    ],
)
def test_an_error_of_ours_says_what_to_do(answer_to, error, status, says):
    answer = answer_to(error)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert says in answer.text


@pytest.mark.parametrize(
    "bug",
    [
        ZeroDivisionError("the secret inside"),
        NoTenantInScope("A statement on “customer” with the secret inside"),
    ],
)
def test_a_bug_shows_a_number_and_the_log_the_rest(answer_to, bug, capsys):
    answer = answer_to(bug)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    number = answer.headers["X-Request-ID"]
    assert number in answer.text
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "{" in line]
    crash = next(line for line in logged if line["event"] == "request.crashed")
    assert crash["request_id"] == number
    assert "the secret inside" in crash["exception"]


def test_a_database_that_is_away_is_told(answer_to):
    error = OperationalError("SELECT secret", {}, Exception("host=10.0.0.5 password=hunter2"))
    answer = answer_to(error)
    assert answer.status_code == 503
    assert "The database cannot be reached" in answer.text
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT secret", {}, Exception("duplicate key secret")),
        OperationalError("UPDATE secret", {}, psycopg.errors.DeadlockDetected("row secret")),
    ],
    ids=["taken", "deadlocked"],
)
def test_the_second_of_two_who_save_the_same_is_asked_to_look(answer_to, error):
    answer = answer_to(error)
    assert answer.status_code == 409
    assert "Somebody else saved the same" in answer.text
    assert "secret" not in answer.text


def test_what_is_in_a_message_is_never_html(answer_to):
    answer = answer_to(NotFound("customer", "<script>alert(1)</script>"))
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/invitation/", "/static/nothing.css", "/%00"])
def test_what_is_not_there_is_not_found(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.text


def test_a_path_never_leaves_the_static_folder(browser):
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"):
        answer = browser.get(path, follow_redirects=True)
        assert answer.status_code == 404, path
        assert "create_app" not in answer.text
        assert "root:" not in answer.text


def test_pages_that_need_the_database_say_so_when_it_is_away(make_app, config, browse, backend):
    away = {
        "postgresql": "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/nothing",
        "sqlite": f"sqlite:///{config.home}/missing/nothing.db",
    }[backend]
    app = make_app(replace(config, database_url=away))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = browse(application=app)
    browser.client.set_cookie("billhook_login", "some token")
    answer = browser.get("/sessions")
    assert answer.status_code == 503
    assert "hunter2" not in answer.text
