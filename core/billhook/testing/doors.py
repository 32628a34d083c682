"""Every route and method of an application, for tests that knock at all of them.

They come from the application, so that a page which somebody adds is knocked at from
its first day.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import BaseConverter, Rule

from billhook.ids import new_id
from billhook.portal import access as portal_access
from billhook.web.access import Access, declared

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
AUTOMATIC = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A route and one of its methods."""

    endpoint: str
    method: str
    rule: Rule
    access: Access | portal_access.Access

    @property
    def name(self) -> str:
        return f"{self.method} {self.endpoint}"

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE

    def path(self, choose: Callable[[str, BaseConverter], Any]) -> str:
        """Return an address, with a value that is chosen for each place by its name and kind."""
        kinds = self.rule._converters
        return _built(self.rule, {name: choose(name, kinds[name]) for name in kinds})


def _built(rule: Rule, values: Mapping[str, Any]) -> str:
    built = rule.build(values, append_unknown=False)
    assert built is not None, (rule, values)
    return built[1]


def pages(app: Flask) -> list[Rule]:
    """Return the routes of people; programs and clients have doors of their own (tests/api, tests/portal)."""
    elsewhere = ("/api/", "/portal/")
    return [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(elsewhere)]


def doors(app: Flask) -> list[Door]:
    """Return all routes and methods of people, those of one endpoint together."""
    return [
        Door(
            endpoint=rule.endpoint,
            method=method,
            rule=rule,
            access=declared(app, rule.endpoint),
        )
        for rule in sorted(pages(app), key=lambda one: (one.endpoint, one.rule))
        for method in sorted((rule.methods or set()) - AUTOMATIC)
    ]


def portal_doors(app: Flask) -> list[Door]:
    """Return all routes and methods of clients, those of one endpoint together."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/portal/")]
    return [
        Door(
            endpoint=rule.endpoint,
            method=method,
            rule=rule,
            access=portal_access.declared(app, rule.endpoint),
        )
        for rule in sorted(rules, key=lambda one: (one.endpoint, one.rule))
        for method in sorted((rule.methods or set()) - AUTOMATIC)
    ]


def placeholder(_name: str, kind: BaseConverter) -> Any:
    """Choose what nobody has."""
    match type(kind).__name__:
        case "UUIDConverter":
            return new_id()
        case "IntegerConverter":
            return 999
        case _:
            return "x"


def form_token(client: FlaskClient, at: str = "/") -> str:
    """Return a token that the browser's forms carry below a path, without loading a page for it."""
    with client.session_transaction(at) as page:
        secret = page.setdefault("csrf_token", hashlib.sha256(new_id().bytes).hexdigest())
    signer = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")
    return signer.dumps(secret)  # type: ignore[no-any-return]
