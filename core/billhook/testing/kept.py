"""What the applications of one process need not work out again: routes, templates, SQL, who was admitted.

A test has an application of its own, yet all of them are made of the same code. Each thing is kept
under all that it was worked out from, so that a test which changes that has it worked out anew.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jinja2
import pytest
from flask import Flask
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map

from billhook.plugins import admission, discovery
from billhook.plugins.admission import Candidate, InstalledPlugin

STATEMENTS = 3_000
"""How many compiled statements of each dialect are kept; SQLAlchemy keeps 500 for an engine."""


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Let an application be made from what others of this process worked out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(discovery, "admit", _admit)
        patched.setattr(discovery, "_of_group", _of_group)
        with _routes_at_once():
            yield


def share(app: Flask, engine: Engine) -> None:
    """Let an application's templates and SQL be compiled once for all of this process."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    _share_statements(engine)


# Routes

_add_anew = Flask.add_url_rule
_maps: dict[tuple[object, ...], Map] = {}
"""The maps of routes, by what was asked for, in its order."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call of `add_url_rule`, made once all are known."""

    rule: str
    endpoint: str
    view: Callable[..., Any]
    options: dict[str, Any]

    @property
    def key(self) -> tuple[object, ...]:
        methods = self.options.get("methods") or getattr(self.view, "methods", None)
        others = {name: it for name, it in self.options.items() if name != "methods"}
        return (self.rule, self.endpoint, methods and frozenset(methods), repr(others))

    def answer(self, app: Flask) -> None:
        _add_anew(app, self.rule, self.endpoint, self.view, **self.options)


@contextlib.contextmanager
def _routes_at_once() -> Iterator[None]:
    """Let the applications that are made within have the map of one that asked for the same routes."""
    asked: dict[Flask, list[_Asked]] = {}

    def note(
        app: Flask, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        name = endpoint or view_func.__name__
        if app.view_functions.setdefault(name, view_func) is not view_func:
            _add_anew(app, rule, endpoint, view_func, **options)  # which refuses it
        asked.setdefault(app, []).append(_Asked(rule, name, view_func, options))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Flask, "add_url_rule", note)
        yield
    for app, calls in asked.items():
        _take_map(app, calls)


def _take_map(app: Flask, calls: list[_Asked]) -> None:
    key = tuple(call.key for call in calls)
    if key not in _maps:
        for call in calls:
            call.answer(app)
        _maps[key] = app.url_map

    def add_to_own(*given: Any, **options: Any) -> None:
        """Let a route that comes later be this application's alone."""
        del app.__dict__["add_url_rule"]
        app.url_map = Map(host_matching=app.url_map.host_matching)
        for call in calls:
            call.answer(app)
        app.add_url_rule(*given, **options)

    app.__dict__["add_url_rule"] = add_to_own
    app.url_map = _maps[key]


# Plugins

_admit_anew = admission.admit
_find = discovery._of_group
_candidates: dict[tuple[str, ...], list[Candidate]] = {}
_admitted: dict[tuple[object, ...], InstalledPlugin] = {}


def _of_group(group: str) -> list[Candidate]:
    key = (group, *sys.path)
    if key not in _candidates:
        _candidates[key] = _find(group)
    return _candidates[key]


def _admit(
    candidate: Candidate, deadline: timedelta, core_permissions: Collection[str] | None = None
) -> InstalledPlugin:
    module = sys.modules.get(candidate.module_name or candidate.load().__name__)
    if module is None:  # made by a test, or not yet imported, which may fail
        return _admit_anew(candidate, deadline, core_permissions)
    key = (
        (candidate.name, candidate.module_name, candidate.distribution, candidate.version),
        (deadline, core_permissions and frozenset(core_permissions), module),
        (tuple((name, id(value)) for name, value in vars(module).items()),),
    )
    if key not in _admitted:
        _admitted[key] = _admit_anew(candidate, deadline, core_permissions)
    return _admitted[key]


# Templates


class _Templates(jinja2.BytecodeCache):
    """Keeps a template's code under its name, file and source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES = _Templates()


# SQL

_speaking: dict[str, tuple[Any, Any]] = {}
"""Per database, a dialect that has seen a connection, and the statements compiled for it."""


def _share_statements(engine: Engine) -> None:
    name = engine.dialect.name
    if name not in _speaking:
        event.listen(engine, "engine_connect", _keep_statements, once=True)
        return
    engine.dialect, engine._compiled_cache = _speaking[name]
    engine.pool._dialect = engine.dialect  # type: ignore[attr-defined]


def _keep_statements(connection: Any) -> None:
    engine = connection.engine
    _speaking.setdefault(engine.dialect.name, (engine.dialect, LRUCache(STATEMENTS)))
