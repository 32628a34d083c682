"""An operation's answer, as HTTP has it and as an idempotency key remembers it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, g, request
from pydantic import BaseModel, TypeAdapter
from werkzeug.datastructures import Headers

from billhook.api import versions
from billhook.api.address import BASE
from billhook.downloads import attachment
from billhook.sdk.api import Download, Made, Operation, Page
from billhook.services.idempotency import opened, sealed

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is sent: a text that can be kept, and the headers that belong to it."""

    status: int
    body: str = ""
    location: str = ""
    etag: str = ""
    is_secret: bool = False
    """Whether it shows a secret, this once and to whoever repeats the request."""

    def as_json(self) -> dict[str, Any]:
        """Return the form in which an idempotency key remembers it."""
        return {
            "status": self.status,
            "body": sealed(self.body) if self.is_secret else self.body,
            "location": self.location,
            "etag": self.etag,
            "is_secret": self.is_secret,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reply":
        """Return what `as_json` stored."""
        if stored.get("is_secret"):
            stored = {**stored, "body": opened(stored["body"])}
        return cls(**stored)


def reply_of(operation: Operation, answer: Any, *, below: str) -> Reply:
    """Return what an operation answers; `below` is the address that its own paths start from."""
    location = ""
    if isinstance(answer, Made):
        location, answer = below + answer.at, answer.answer
    if answer is None:
        return Reply(status=HTTPStatus.NO_CONTENT)
    version = getattr(answer, "version", None)
    return Reply(
        status=operation.status,
        body=_as_asked(operation, _json(answer)),
        location=location,
        etag="" if version is None else str(version),
        is_secret=getattr(answer, "shows_secret", False),
    )


def response_of(reply: Reply) -> Response:
    """Return the response; one that the program has already is not sent again."""
    response = Response(reply.body, reply.status, content_type=JSON if reply.body else None)
    if reply.location:
        response.headers["Location"] = reply.location
    if reply.etag:
        response.set_etag(reply.etag)
    if request.method == "GET":
        _tell_next(response, reply)
        if "expand" not in request.args:  # its version says nothing of what stands beside it
            response.make_conditional(request)
    return response


def download_of(answer: Download) -> Response:
    """Return the response that brings a file, as an attachment and nothing else."""
    headers = Headers()
    headers["Content-Disposition"] = attachment(answer.name)
    headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response = Response(answer.content, content_type=answer.content_type, headers=headers)
    if answer.digest:
        response.set_etag(answer.digest)
        response.headers["Digest"] = f"sha-256={answer.digest}"
        response.make_conditional(request)
    return response


def _json(answer: Any) -> str:
    if isinstance(answer, BaseModel):
        return answer.model_dump_json()
    return TypeAdapter(type(answer)).dump_json(answer).decode()


def _as_asked(operation: Operation, body: str) -> str:
    """Return the answer in the request's version."""
    version = g.get("api_version", versions.LATEST)
    if not versions.newer_than(version, operation.name, versions.CHANGES):
        return body
    plain = versions.from_latest(orjson.loads(body), version, operation.name, versions.CHANGES)
    return orjson.dumps(plain).decode()


def _tell_next(response: Response, reply: Reply) -> None:
    """Link the page after this one (RFC 8288)."""
    following = g.get("next_page")
    if following:
        arguments = {**request.args, "after": following}
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in arguments.items())
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'


__all__ = ["BASE", "Page", "Reply", "download_of", "reply_of", "response_of"]
