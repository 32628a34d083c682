"""The access log: each request of a key is noted, and written late.

What a request changed stands in the audit log, which is written with it.
"""

import time

from flask import Flask, Response, g, request

from billhook.backlog import add_late
from billhook.clock import SystemClock
from billhook.services import api_requests
from billhook.services.api_requests import ApiRequestRecord


def init_app(app: Flask) -> None:
    """Note each request of a key."""
    app.after_request(_note)


def _note(response: Response) -> Response:
    visit = g.get("key_visit")
    if visit is not None:
        record = ApiRequestRecord(
            id=g.request_id,
            key_id=visit.key_id,
            requested_at=SystemClock().now(),
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "",
            path=request.path,
            status=response.status_code,
            problem=g.get("problem", ""),
            milliseconds=round((time.perf_counter() - g.began) * 1000),
            address=request.remote_addr or "",
            user_agent=request.user_agent.string,
            api_version=g.get("api_version", ""),
        )
        add_late(api_requests.write, visit.ctx.tenant.id, record)
    return response
