"""How often a key and a tenant may ask: counted over a sliding minute, in Redis where several servers run.

The headers `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (in seconds)
tell a key's own limit. While Redis is away, each server counts for itself.
"""

import math
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, g
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from billhook.api.problems import problem
from billhook.clock import SystemClock
from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime
from billhook.services.key_contexts import KeyVisit

TENANT_PER_MINUTE = 12_000
"""What all keys of a tenant may ask together."""

_EXTENSION = "billhook.api.limiters"

log = structlog.get_logger("billhook.api")


def init_app(app: Flask) -> None:
    """Choose where the counts live."""
    with app.app_context():
        redis_url = runtime().config.redis_url
    own = SlidingWindowCounterRateLimiter(MemoryStorage())
    shared = storage_from_string(redis_url, wrap_exceptions=True) if redis_url else None
    limiters = [SlidingWindowCounterRateLimiter(shared), own] if shared else [own]
    app.extensions[_EXTENSION] = limiters
    app.after_request(_tell)


def refused(visit: KeyVisit) -> Response | None:
    """Count a request; return what answers one too many."""
    for limiter in current_app.extensions[_EXTENSION]:
        try:
            return _refused(limiter, visit)
        except StorageError as error:
            log.warning("rate.storage_away", reason=type(error).__name__)
    return None


def _refused(limiter: SlidingWindowCounterRateLimiter, visit: KeyVisit) -> Response | None:
    own = RateLimitItemPerMinute(visit.requests_per_minute)
    bounds = (
        (own, ("key", visit.key_id.hex)),
        (RateLimitItemPerMinute(TENANT_PER_MINUTE), ("tenant", visit.ctx.tenant.id.hex)),
    )
    hits = [limiter.hit(bound, *name) for bound, name in bounds]  # each counts
    _remember(limiter, own, visit)
    if all(hits):
        return None
    answer = problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "rate.exceeded",
        _("That was too many requests. Wait as long as Retry-After says."),
    )
    answer.headers["Retry-After"] = g.rate["RateLimit-Reset"]
    return answer


def _remember(
    limiter: SlidingWindowCounterRateLimiter, bound: RateLimitItem, visit: KeyVisit
) -> None:
    window = limiter.get_window_stats(bound, "key", visit.key_id.hex)
    g.rate = {
        "RateLimit-Limit": str(bound.amount),
        "RateLimit-Remaining": str(max(0, window.remaining)),
        "RateLimit-Reset": str(
            max(1, math.ceil(window.reset_time - SystemClock().now().timestamp()))
        ),
    }


def _tell(response: Response) -> Response:
    response.headers.update(g.get("rate", {}))
    return response
