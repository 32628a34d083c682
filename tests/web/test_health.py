"""What probes are told: enough to act on, and nothing that is secret."""

from dataclasses import replace

import pytest


def test_a_process_that_answers_is_live(browser):
    answer = browser.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "live"})


def test_a_migrated_database_is_ready(browser):
    for _ in range(2):  # asked, then remembered
        answer = browser.get("/ready")
        assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_an_empty_database_is_not_ready(make_app, config, browse, empty_database_urls):
    app = make_app(
        replace(
            config,
            database_url=empty_database_urls.runtime,
            owner_database_url=empty_database_urls.owner,
        )
    )
    browser = browse(application=app)
    answer = browser.get("/ready")
    assert answer.status_code == 503
    assert answer.json == {"status": "database needs: billhook db upgrade"}
    assert browser.get("/health").status_code == 200


def test_a_database_that_is_away_is_not_ready_and_not_told_about(
    make_app, config, browse, backend
):
    away = {
        "postgresql": "postgresql+psycopg://nobody:hunter2@127.0.0.1:1/nothing",
        "sqlite": f"sqlite:///{config.home}/missing/nothing.db",
    }[backend]
    browser = browse(application=make_app(replace(config, database_url=away)))
    answer = browser.get("/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "database unreachable"})
    assert browser.get("/health").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_ask_by_any_address(browser, path):
    assert browser.get(path, headers={"Host": "10.0.0.5:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_get_no_cookie(browser, path):
    assert "Set-Cookie" not in browser.get(path).headers


def test_an_embedded_installation_makes_its_database_itself(make_app, config, browse):
    from billhook.config import default_database_url

    url = default_database_url(config.home)
    app = make_app(replace(config, database_url=url, owner_database_url=url))
    assert browse(application=app).get("/ready").status_code == 200
    with app.app_context():
        from billhook.testing.members import join, open_tenant

        open_tenant("shop")
        join("shop", "ada@shop.example")
    again = make_app(replace(config, database_url=url, owner_database_url=url))
    assert browse(application=again).log_in("ada@shop.example").status_code == 303
