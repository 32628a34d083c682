"""Who may use a route. Each declares it; one that declares nothing answers nobody.

```python
@blueprint.get("/customers")
@requires("customers.view")
def customers() -> str: ...
```
The declaration is held before the view runs. A view that `requires` something
runs inside the tenant that the person picked, and finds it by `context()`.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, flash, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from billhook.db import tenant_scope
from billhook.edges import during, edge_asked
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.i18n import spoken
from billhook.sdk.context import Context
from billhook.services.contexts import member_context
from billhook.services.sessions import Visit, has_factor
from billhook.web import visits

V = TypeVar("V", bound=Callable[..., Any])


class Audience(Enum):
    PUBLIC = "public"  # anybody
    HALF = "half"  # whoever gave the password, and may still owe the second factor
    PERSON = "person"  # whoever has logged in, for what is their own
    SEAT = "seat"  # a person in a tenant, whatever their role


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares."""

    audience: Audience
    permission: str = ""


class AccessUndeclared(RuntimeError):
    """A route says not who may use it: a bug."""


def public(view: V) -> V:
    """Let anybody use a route."""
    return _declare(view, Access(Audience.PUBLIC))


def half(view: V) -> V:
    """Let people use a route before they gave their second factor: to give it, or to leave."""
    return _declare(view, Access(Audience.HALF))


def personal(view: V) -> V:
    """Let every person who has logged in use a route, for what is their own."""
    return _declare(view, Access(Audience.PERSON))


def seated(view: V) -> V:
    """Let every member of the tenant use a route, whatever their role."""
    return _declare(view, Access(Audience.SEAT))


def requires(permission: str) -> Callable[[V], V]:
    """Let members use a route whose role has the permission."""

    def declare(view: V) -> V:
        return _declare(view, Access(Audience.SEAT, permission))

    return declare


def _declare(view: V, access: Access) -> V:
    view.access = access  # type: ignore[attr-defined]
    return view


def declared(app: Flask, endpoint: str) -> Access:
    """Return what a route declares. Raises AccessUndeclared."""
    access = getattr(app.view_functions[endpoint], "access", None)
    if not isinstance(access, Access):
        raise AccessUndeclared(f"{endpoint} needs @requires(…), @seated, @personal or @public")
    return access


def init_app(app: Flask) -> None:
    """Hold every route's declaration."""
    public(app.view_functions["static"])
    app.before_request(lambda: _hold(app))


def context() -> Context:
    """Return the context of the member whose request this is."""
    return g.ctx  # type: ignore[no-any-return]


def here() -> Visit:
    """Return the visit of a route that only people who have logged in reach."""
    found = visits.visit()
    if found is None:
        raise Unauthorized
    return found


def _hold(app: Flask) -> Response | None:
    if request.endpoint is None or edge_asked() is not None:
        return None  # no route: the answer is 404 or 405; an edge keeps its own door
    access = declared(app, request.endpoint)
    if access.audience is Audience.PUBLIC:
        return None
    found = visits.visit()
    if found is None:
        return _ask_elsewhere("logging_in.log_in")
    during(spoken(found.language))
    if access.audience is Audience.HALF:
        return None
    if found.owes_factor:
        return _ask_elsewhere("proving.second_factor")
    if access.audience is Audience.PERSON:
        return None
    ctx = _enter(found)
    if ctx is None:
        return redirect(url_for("home.pick"))
    if ctx.tenant.requires_second_factor and not has_factor(found.person_id):
        flash(_("This company asks for a second factor. Set one up to go on."), "problem")
        return redirect(url_for("account.security"))
    if access.permission:
        ctx.require(access.permission)
    g.ctx = ctx
    during(ctx.acting())
    during(spoken(found.language))
    return None


def _ask_elsewhere(endpoint: str) -> Response:
    """Lead to where people prove who they are, and from there back; refuse all but pages."""
    is_part = "HX-Request" in request.headers  # a page to log in at is no part of another
    if is_part or request.method not in ("GET", "HEAD"):
        raise Unauthorized
    wanted = request.full_path.rstrip("?")
    return redirect(url_for(endpoint, next=None if wanted == "/" else wanted))


def _enter(found: Visit) -> Context | None:
    """Let the request see the tenant that the person picked; return their context, as their seat is now."""
    if found.tenant_id is None:
        return None
    with ExitStack() as entered:
        entered.enter_context(tenant_scope(found.tenant_id))
        try:
            ctx = member_context(
                found.person_id,
                found.tenant_id,
                address=request.remote_addr or "",
                request_id=g.request_id,
            )
        except NotFound:
            return None
        during(entered.pop_all())
        return ctx
