"""A program that uses the API, for tests."""

from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from billhook.sdk.context import Context
from billhook.services import api_keys
from billhook.services.api_keys import KeyInput
from billhook.services.api_versions import LATEST
from billhook.services.permissions import NAMES
from billhook.testing.applications import fresh_client

BASE = "/api/v1"


class Program:
    """Sends requests with a key, each on its own."""

    def __init__(self, app: Flask, secret: str) -> None:
        self.secret = secret
        self._client = fresh_client(app)

    def get(self, path: str, **query: str) -> TestResponse:
        return self.send("GET", path, query=query or None)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.send("PATCH", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.send("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.send("DELETE", path, **options)

    def upload(self, path: str, name: str, content: bytes, **options: Any) -> TestResponse:
        """Send a file as the part “file”."""
        data = {"file": (BytesIO(content), name)}
        return self.send("POST", path, data=data, **options)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Send a request; `body` goes as JSON, `key` is the idempotency key."""
        sent = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        if key:
            sent["Idempotency-Key"] = key
        if body is not None:
            more["json"] = body
        return self._client.open(
            BASE + path, method=method, headers=sent, query_string=query, buffered=True, **more
        )


def program(app: Flask, ctx: Context, *scopes: str, limit: int = 6_000) -> Program:
    """Make a key with the scopes, all of the core's without any, and return a program that has it."""
    wanted = KeyInput(
        name="Test", scopes=tuple(scopes or sorted(NAMES)), requests_per_minute=limit
    )
    return Program(app, api_keys.make(ctx, wanted, api_version=LATEST).secret)
