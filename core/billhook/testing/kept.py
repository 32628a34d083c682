"""What the applications of one process need not work out again: rules, templates, SQL, who was admitted.

A test has an application of its own, yet all of them are made of the same code. Each thing is kept
under all that it was worked out from, so that a test which changes that has it worked out anew.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import jinja2
import pytest
from flask import Flask
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from billhook.plugins import admission, discovery
from billhook.plugins.admission import Candidate, InstalledPlugin

STATEMENTS = 3_000
"""How many compiled statements of each dialect are kept; SQLAlchemy keeps 500 for an engine."""


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Let an application be made from what others of this process worked out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Rule, "compile", _compile)
        patched.setattr(discovery, "admit", _admit)
        patched.setattr(discovery, "_of_group", _of_group)
        yield


def share(app: Flask, engine: Engine) -> None:
    """Let an application's templates and SQL be compiled once for all of this process."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    _share_statements(engine)


# Rules of routes

_compile_anew = Rule.compile
_rules: dict[tuple[object, ...], Rule] = {}


def _compile(rule: Rule) -> None:
    assert rule.map is not None
    if rule.map.converters != rule.map.default_converters:
        _compile_anew(rule)
        return
    key = _key(rule)
    if key not in _rules:
        _compile_anew(rule)
        _rules[key] = rule
        return
    known = _rules[key]
    rule.arguments = set(known.arguments)
    for name in ("_parts", "_trace", "_converters"):
        setattr(rule, name, getattr(known, name))
    for name in ("_build", "_build_unknown"):
        setattr(rule, name, getattr(known, name).__func__.__get__(rule, None))


def _key(rule: Rule) -> tuple[object, ...]:
    return (
        *(
            rule.rule,
            rule.endpoint,
            rule.subdomain,
            rule.host,
            rule.map and rule.map.host_matching,
        ),
        *(rule.merge_slashes, rule.strict_slashes, rule.websocket, rule.build_only),
        *(frozenset(rule.methods or ()), frozenset((rule.defaults or {}).items())),
    )


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
