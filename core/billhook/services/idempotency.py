"""One effect for each idempotency key, whatever number of times it is asked for.

The key is written first, in the transaction of the effect: a duplicate waits
for that transaction, and a crash before its commit leaves the key free.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.exc import OperationalError

from billhook import limits
from billhook.db import db, insert
from billhook.errors import BillhookError, Conflict, IdempotencyMismatch, ValidationFailed
from billhook.i18n import gettext as _
from billhook.kernel.refusals import waited_too_long
from billhook.models.work import Idempotency
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.payloads import plain_json

T = TypeVar("T")

WAIT_SECONDS = 30
"""How long a duplicate waits for the first; SQLite waits as long for its write lock."""

KEPT = timedelta(days=7)
"""How long a key is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The first answer to a key, as plain JSON."""

    answer: dict[str, Any]
    is_replayed: bool


def once(
    ctx: Context,
    *,
    route: str,
    key: str | None,
    request: Any,
    effect: Callable[[], Mapping[str, Any]],
) -> Outcome:
    """Run the effect in a transaction, unless the key has had its effect; return its first answer.

    The key belongs to the actor and the route. Without one the effect just runs.

    Raises ValidationFailed for a key that is none, IdempotencyMismatch when the key
    came with another request, and Conflict when the first is still at work after
    `WAIT_SECONDS`.
    """
    if key is None:
        with ctx.transaction():
            return Outcome(
                answer=plain_json("answer", effect(), most=limits.ANSWER_BYTES), is_replayed=False
            )
    _refuse_bad(key)
    asked = _digest(request)
    try:
        with ctx.transaction():
            if not _take(ctx, route, key, asked):
                return Outcome(answer=_first_answer(ctx, route, key, asked), is_replayed=True)
            answer = plain_json("answer", effect(), most=limits.ANSWER_BYTES)
            db.session.execute(
                update(Idempotency).where(*_named(ctx, route, key)).values(answer=answer)
            )
            return Outcome(answer=answer, is_replayed=False)
    except OperationalError as error:
        if waited_too_long(error):
            raise Conflict(
                _("The same request is still being worked on. Ask again with the same key.")
            ) from error
        raise


def computed_once(
    ctx: Context,
    *,
    route: str,
    key: str | None,
    request: Any,
    compute: Callable[[], T],
    effect: Callable[[T], Mapping[str, Any]],
) -> Outcome:
    """Do `once` what is computed before its transaction, with nothing locked.

    A repeat is answered even where what it would be computed from is gone, also
    when the first commits while the repeat computes. Raises what `once` raises,
    and what `compute` raises.
    """
    if answer := remembered(ctx, route=route, key=key, request=request):
        return Outcome(answer=answer, is_replayed=True)
    try:
        computed = compute()
    except BillhookError:
        db.session.rollback()  # look anew
        if answer := remembered(ctx, route=route, key=key, request=request):
            return Outcome(answer=answer, is_replayed=True)
        raise
    return once(ctx, route=route, key=key, request=request, effect=lambda: effect(computed))


def remembered(
    ctx: Context, *, route: str, key: str | None, request: Any
) -> dict[str, Any] | None:
    """Return the answer that a key has had already, or None. Raises IdempotencyMismatch."""
    if key is None:
        return None
    known = db.session.scalar(select(Idempotency.key).where(*_named(ctx, route, key)))
    return _first_answer(ctx, route, key, _digest(request)) if known else None


def sealed(text: str) -> str:
    """Seal an answer that shows a secret, as a key remembers it."""
    return _fernet().encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """Return a sealed answer. Raises Conflict where the installation's keys have changed since."""
    try:
        return _fernet().decrypt(text.encode()).decode()
    except InvalidToken:
        raise Conflict(
            _("This was done already, but its secret cannot be shown any more. Make a new one.")
        ) from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in runtime().config.secret_keys])


def _digest(request: Any) -> bytes:
    return sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS, default=str)).digest()


def tidy(ctx: Context) -> None:
    """Forget the keys that are older than `KEPT`."""
    with ctx.transaction() as session:
        session.execute(delete(Idempotency).where(Idempotency.created_at < ctx.now() - KEPT))


def _refuse_bad(key: str) -> None:
    if not 0 < len(key) <= limits.NAME or not key.isprintable():
        problem = Problem(
            code="idempotency.key_invalid",
            path="key",
            message=_(
                "An idempotency key has 1 to %(limit)s printable characters, such as a UUID.",
                limit=limits.NAME,
            ),
        )
        raise ValidationFailed([problem])


def _take(ctx: Context, route: str, key: str, asked: bytes) -> bool:
    """Write the key unless it is known, after whoever is writing it. Tell whether it was free."""
    _wait_at_most(f"{WAIT_SECONDS}s")
    taken = db.session.execute(
        insert(Idempotency)
        .values(
            tenant_id=ctx.tenant.id,
            principal=_principal(ctx),
            route=route,
            key=key,
            request_hash=asked,
            created_at=ctx.now(),
        )
        .on_conflict_do_nothing()
        .returning(Idempotency.key)
    ).one_or_none()
    _wait_at_most("0")
    return taken is not None


def _first_answer(ctx: Context, route: str, key: str, asked: bytes) -> dict[str, Any]:
    row = db.session.scalars(
        select(Idempotency)
        .where(*_named(ctx, route, key))
        .execution_options(populate_existing=True)
    ).one()
    if row.request_hash != asked:
        raise IdempotencyMismatch(
            _(
                "The key “%(key)s” was used for another request. Send this one with a key of "
                "its own.",
                key=key,
            )
        )
    if row.answer is None:
        raise RuntimeError("An idempotency key was asked for inside its own effect.")
    return row.answer


def _named(ctx: Context, route: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Idempotency.principal == _principal(ctx),
        Idempotency.route == route,
        Idempotency.key == key,
    )


def _principal(ctx: Context) -> str:
    return f"{ctx.actor.kind.value}:{ctx.actor.id or ''}"


def _wait_at_most(duration: str) -> None:
    """Bound the wait for a lock on PostgreSQL; SQLite's is a setting of the connection."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            text("SELECT set_config('lock_timeout', :duration, true)"), {"duration": duration}
        )
