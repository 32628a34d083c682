"""Who is at the browser: a cookie with a random token, of which the database has the hash.

Nothing about the person is in the cookie. Flask's own cookie, which is signed,
carries a form's token and the messages for the next page; it begins anew with each
log-in, log-out and change of tenant, so that a form of the time before is refused.
"""

from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, Request, g, request
from flask import session as page
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from billhook.plugins.runtime import runtime
from billhook.services import sessions
from billhook.services.sessions import Visit

LOG_IN = "billhook_login"
PAGE = "billhook_page"

manager = LoginManager()
manager.session_protection = None  # of Flask-Login's own cookie, which we do not use
csrf = CSRFProtect()


class Visitor(UserMixin):  # type: ignore[misc]
    """What Flask-Login sees of a visit."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    def get_id(self) -> str:
        return str(self.visit.person_id)


def init_app(app: Flask) -> None:
    """Set up cookies, Flask-Login and the protection of forms."""
    with app.app_context():
        is_secure = _is_secure()
    app.config.from_mapping(
        SESSION_COOKIE_NAME=_named(PAGE, is_secure),
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie that it belongs to
    )
    manager.init_app(app, add_context_processor=False)
    csrf.init_app(app)


@manager.request_loader
def _load(incoming: Request) -> Visitor | None:
    token = incoming.cookies.get(_cookie())
    visit = sessions.resume(token) if token else None
    return Visitor(visit) if visit else None


def visit() -> Visit | None:
    """Return who is at the browser; None where nobody has logged in."""
    g.visit = current_user.visit if current_user.is_authenticated else None
    return g.visit  # type: ignore[no-any-return]


def begin(response: Response, token: str) -> Response:
    """Give the browser its session, a new one at each log-in, and end the one it had."""
    _end_known()
    page.clear()
    response.set_cookie(
        _cookie(),
        token,
        max_age=sessions.LONGEST,
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def end(response: Response) -> Response:
    """End the browser's session, in the database first."""
    _end_known()
    page.clear()
    response.delete_cookie(_cookie(), secure=_is_secure(), httponly=True, samesite="Lax", path="/")
    return response


def _end_known() -> None:
    if token := request.cookies.get(_cookie()):
        sessions.log_out(token)


def enter(found: Visit, tenant_id: UUID) -> None:
    """Let the visit go on in a tenant. Raises NotFound."""
    sessions.enter(found.session_id, found.person_id, tenant_id, address=request.remote_addr or "")
    page.clear()


def agent() -> str:
    """Return what the browser says it is."""
    return request.user_agent.string


def _cookie() -> str:
    return _named(LOG_IN, _is_secure())


def _named(name: str, is_secure: bool) -> str:
    """Take the prefix by which browsers keep other hosts and plain HTTP from setting it."""
    return f"__Host-{name}" if is_secure else name


def _is_secure() -> bool:
    return urlsplit(runtime().config.base_url).scheme == "https"
