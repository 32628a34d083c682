"""Addresses of the portal: below `/portal/<tenant>/`, or at the root of a tenant's own domain.

Inside, every request has the long path; on an own domain the addresses that pages
show leave its beginning out.
"""

from typing import Any

from flask import g, request, url_for

from billhook.edges import OWN_DOMAIN

PREFIX = "/portal/"


def is_portal() -> bool:
    """Tell whether the request is for a portal."""
    return request.path.startswith(PREFIX)


def slug() -> str:
    """Return the slug that the request's address names, whether there is such a tenant or not."""
    return request.path.removeprefix(PREFIX).partition("/")[0]


def root() -> str:
    """Return the path at which the portal begins for the browser, with a slash at its end."""
    return "/" if OWN_DOMAIN in request.environ else f"{PREFIX}{slug()}/"


def at(endpoint: str, **values: Any) -> str:
    """Return the address of a page of this portal, by its endpoint without “portal.”."""
    return shown(url_for(f"portal.{endpoint}", tenant=g.portal_slug, **values))


def shown(path: str) -> str:
    """Return a path of this portal as the browser knows it."""
    if OWN_DOMAIN not in request.environ:
        return path
    return "/" + path.removeprefix(f"{PREFIX}{g.portal_slug}/")
