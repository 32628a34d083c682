"""Who may use a page of the portal. Each declares it; one that declares nothing answers nobody.

```python
@blueprint.get("/documents")
@client(clients.SEE)
def documents() -> Response: ...
```
The declaration is held before the view runs; the view finds who is there by `here()`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, g, redirect, request
from werkzeug.exceptions import NotFound, Unauthorized
from werkzeug.wrappers import Response

from billhook import i18n
from billhook.edges import during
from billhook.errors import Forbidden
from billhook.i18n import in_country, spoken
from billhook.portal import addresses, visits
from billhook.services.portal import entrance, sessions
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.entrance import Portal

V = TypeVar("V", bound=Callable[..., Any])


class Audience(Enum):
    ANYBODY = "anybody"  # the way in, and what it is drawn with
    HALF = "half"  # whoever gave the password, and may still owe the second factor
    CLIENT = "client"  # whoever has logged in, or looks
    GUEST = "guest"  # whoever has the link; the view proves it


@dataclass(frozen=True, slots=True)
class Access:
    """What a page declares."""

    audience: Audience
    permission: str = ""


class AccessUndeclared(RuntimeError):
    """A page says not who may use it: a bug."""


def anybody(view: V) -> V:
    """Let everybody use a page: the way in."""
    return _declare(view, Access(Audience.ANYBODY))


def half(view: V) -> V:
    """Let clients use a page before they gave their second factor: to give it, or to leave."""
    return _declare(view, Access(Audience.HALF))


def guest(view: V) -> V:
    """Let whoever has a link use a page; the view proves the link before anything else."""
    return _declare(view, Access(Audience.GUEST))


def client(permission: str) -> Callable[[V], V]:
    """Let clients use a page who have the permission; one that writes needs `WRITE`, too."""

    def declare(view: V) -> V:
        return _declare(view, Access(Audience.CLIENT, permission))

    return declare


def _declare(view: V, access: Access) -> V:
    view.portal_access = access  # type: ignore[attr-defined]
    return view


def declared(app: Flask, endpoint: str) -> Access:
    """Return what a page declares. Raises AccessUndeclared."""
    access = getattr(app.view_functions[endpoint], "portal_access", None)
    if not isinstance(access, Access):
        raise AccessUndeclared(f"{endpoint} needs @client(…), @guest, @half or @anybody")
    return access


def init_app(app: Flask) -> None:
    """Hold every page's declaration."""
    app.before_request(lambda: _hold(app))


def portal() -> Portal:
    """Return the portal that the request is for."""
    return g.portal  # type: ignore[no-any-return]


def here() -> Client:
    """Return who is at the portal, on a page that only clients reach."""
    found = visitor()
    if found is None:
        raise Unauthorized
    return found


def visitor() -> Client | None:
    """Return who is at the portal; None where nobody has logged in."""
    return g.get("client")


def known() -> Client | None:
    """Return who has logged in already, on a page to get in at."""
    return g.get("known_client")


def act_for(found: Client) -> None:
    """Let the rest of the request see what the client sees, in their language as their country writes it."""
    g.client = found
    during(found.ctx.acting())
    during(spoken(in_country(g.get("portal_language") or found.language, found.country)))


def _hold(app: Flask) -> Response | None:
    if not addresses.is_portal():
        return None
    door = entrance.opened(
        addresses.slug(), address=request.remote_addr or "", request_id=g.request_id
    )
    found = during(door)
    if found is None:
        raise NotFound
    chosen = g.portal_language = visits.chosen_language()
    g.portal, g.portal_slug = found, addresses.slug()
    during(spoken(chosen or _asked_for()))
    if request.endpoint is None:
        return None  # no page: 404 or 405, in the portal's own face
    return _hold_declared(declared(app, request.endpoint), found)


def _asked_for() -> str:
    """Return the language of the browser, else that of who bills."""
    found = request.accept_languages.best_match(i18n.catalogues())
    return found or g.portal.ctx.tenant.language


def _hold_declared(access: Access, found: Portal) -> Response | None:
    if access.audience is Audience.GUEST:
        return None
    token = visits.token()
    known = sessions.resume(found.ctx, token) if token else None
    if access.audience is Audience.ANYBODY:
        if known is not None and not known.owes_factor:
            g.known_client = known
        return None
    if known is None:
        return _ask_elsewhere("entering.log_in")
    if access.audience is Audience.HALF:
        act_for(known)
        return None
    if known.owes_factor:
        return _ask_elsewhere("proving.second_factor")
    act_for(known)
    known.require(access.permission)
    if known.way is Way.LOOK and request.method not in ("GET", "HEAD"):
        raise Forbidden(access.permission)
    return None


def _ask_elsewhere(endpoint: str) -> Response:
    """Lead to where clients prove who they are, and from there back; refuse all but pages."""
    if request.method not in ("GET", "HEAD"):
        raise Unauthorized
    wanted = addresses.shown(request.full_path.rstrip("?"))
    is_first = wanted == addresses.root()
    return redirect(
        addresses.at(endpoint, next=None if is_first else wanted), HTTPStatus.SEE_OTHER
    )
