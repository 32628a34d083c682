"""A tenant's own domains: at one of them the portal, and nothing else of the product, is at the root.

A request that comes to a proved domain is given the portal's long path before anything
looks at it, so that no other page, and no other tenant's portal, has an address there.
It stands inside of what trusts proxies: the host is the one that they vouch for.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from billhook.edges import OWN_BRAND, OWN_DOMAIN, host_name
from billhook.plugins.runtime import runtime
from billhook.services.portal import own_domains
from billhook.services.portal.own_domains import Place

KEPT_SECONDS = 30
"""How long a process may know domains that were proved or removed meanwhile."""

_STATIC = "/static/"

log = structlog.get_logger("billhook.portal")


def init_app(app: Flask) -> None:
    """Listen at tenants' own domains. Before anything that trusts proxies wraps the application."""
    app.wsgi_app = OwnDomains(app, app.wsgi_app)  # type: ignore[assignment,method-assign]


class OwnDomains:
    """Gives requests to proved domains the long path of the portal that is there."""

    def __init__(
        self, app: Flask, inner: WSGIApplication, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._inner, self._clock = app, inner, clock
        self._known: Mapping[str, Place] = {}
        self._until = -1.0
        self._lock = Lock()
        with app.app_context():
            self._home = urlsplit(runtime().config.base_url).hostname

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        place = self._place(environ)
        if place is None:
            return self._inner(environ, start)
        environ[OWN_DOMAIN] = place.slug
        environ[OWN_BRAND] = place.brand_id
        path = environ.get("PATH_INFO") or "/"
        if not path.startswith(_STATIC):
            environ["PATH_INFO"] = f"/portal/{place.slug}{path}"
        return self._inner(environ, _staying(start, place.slug, environ["HTTP_HOST"]))

    def _place(self, environ: WSGIEnvironment) -> Place | None:
        host = host_name(environ.get("HTTP_HOST", ""))
        if host is None or host == self._home or "." not in host:
            return None
        return self._all().get(host)

    def _all(self) -> Mapping[str, Place]:
        """Return the proved domains, read again by one of those who ask once they are old."""
        if self._clock() >= self._until and self._lock.acquire(blocking=not self._known):
            try:
                if self._clock() >= self._until:
                    self._read()
            finally:
                self._lock.release()
        return self._known

    def _read(self) -> None:
        with self._app.app_context():
            try:
                self._known = own_domains.proved()
            except SQLAlchemyError as error:
                log.error("portal.domains_unread", exc_info=error)
        self._until = self._clock() + KEPT_SECONDS


def _staying(start: StartResponse, slug: str, host: str) -> StartResponse:
    """Let redirects, which the router writes by the long path, stay at the short one."""

    def begin(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        kept = [
            (name, _short(value, slug, host) if name.lower() == "location" else value)
            for name, value in headers
        ]
        return start(status, kept, exc_info)

    return begin


def _short(address: str, slug: str, host: str) -> str:
    """Return an address of the portal as the browser knows it; any other as it is."""
    parts = urlsplit(address)
    is_here = parts.netloc in ("", host)
    path, root = parts.path, f"/portal/{slug}"
    if not is_here or not (path == root or path.startswith(f"{root}/")):
        return address
    short = "/" + path.removeprefix(root).lstrip("/")
    return parts._replace(path=short).geturl()
