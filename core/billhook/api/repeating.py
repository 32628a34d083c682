"""A write that is sent again has no second effect, and the same answer (Idempotency-Key).

A view without `key` runs in one transaction with the memory of the key, its answer
included. One with `key` hands it to its service, which holds the effect to one; the
answer is kept right after. Between the two a crash costs nothing: the repeat gets the
service's first outcome, and that answer is kept.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from billhook.api.answering import Reply
from billhook.sdk.api import Operation, Upload
from billhook.sdk.context import Context
from billhook.services import idempotency

Act = Callable[[dict[str, str | None]], Reply]
"""Called with the arguments that carry the key, if the view takes one."""


def perform(ctx: Context, operation: Operation, *, key: str | None, asked: Any, act: Act) -> Reply:
    """Do a write, or return what the first of its key was answered.

    Raises IdempotencyMismatch where the key came with another request.
    """
    route = f"{operation.method} {operation.path}"
    if "key" not in operation.takes:
        done = idempotency.once(
            ctx, route=route, key=key, request=asked, effect=lambda: act({}).as_json()
        )
        return Reply.from_json(done.answer)
    earlier = idempotency.remembered(ctx, route=route, key=key, request=asked)
    if earlier is not None:
        return Reply.from_json(earlier)
    reply = act({"key": key})
    if key is None:
        return reply
    kept = idempotency.once(ctx, route=route, key=key, request=asked, effect=reply.as_json)
    return Reply.from_json(kept.answer)


def fingerprint(upload: Upload) -> list[str]:
    """Return what tells one file from another."""
    return [upload.name, upload.content_type, sha256(upload.content).hexdigest()]
