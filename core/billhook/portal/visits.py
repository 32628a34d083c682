"""The portal's own cookies: nothing that opens the company's pages opens these, nor the reverse.

One cookie holds a random token, of which the database has the hash. Another, which is
signed, carries the tokens of forms and the messages for the next page. Both are kept to
the paths of one portal, or to the tenant's own domain.
"""

from urllib.parse import urlsplit

from flask import Flask, request
from flask import Response as FlaskResponse
from flask import session as page
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from billhook import i18n
from billhook.plugins.runtime import runtime
from billhook.portal import addresses
from billhook.sdk.context import Context
from billhook.services.portal import sessions

LOG_IN = "billhook_client"
PAGE = "billhook_client_page"
_LANGUAGE = "language"


class PageCookies(SecureCookieSessionInterface):
    """Keeps what a page remembers apart: the company's pages in one cookie, each portal's in its own."""

    def get_cookie_name(self, app: Flask) -> str:
        return _named(PAGE) if addresses.is_portal() else super().get_cookie_name(app)

    def get_cookie_path(self, app: Flask) -> str:
        return addresses.root() if addresses.is_portal() else super().get_cookie_path(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Sign for one portal, so that a cookie of another says nothing here."""
        if not addresses.is_portal() or not app.secret_key:
            return super().get_signing_serializer(app)
        return URLSafeTimedSerializer(
            app.secret_key,
            salt=f"client-page {addresses.slug()}",
            serializer=self.serializer,
            signer_kwargs={
                "key_derivation": self.key_derivation,
                "digest_method": self.digest_method,
            },
        )

    def save_session(self, app: Flask, session: SessionMixin, response: FlaskResponse) -> None:
        """Let browsers keep styles and pictures though cookies change: they are the same for all."""
        super().save_session(app, session, response)
        if not session.modified and _is_same_for_all():
            response.vary.discard("Cookie")


def _is_same_for_all() -> bool:
    return request.endpoint == "static" or "portal.faces" in request.blueprints


def token() -> str:
    """Return the token that the browser shows; empty for none."""
    return request.cookies.get(_named(LOG_IN), "")


def begin(response: Response, ctx: Context, new: str) -> Response:
    """Give the browser its session, a new one at each log-in, and end the one it had."""
    _end_known(ctx)
    chosen = chosen_language()
    page.clear()
    if chosen:
        page[_LANGUAGE] = chosen
    response.set_cookie(
        _named(LOG_IN),
        new,
        max_age=sessions.LONGEST,
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
        path=addresses.root(),
    )
    return response


def end(response: Response, ctx: Context) -> Response:
    """End the browser's session, in the database first."""
    _end_known(ctx)
    page.clear()
    response.delete_cookie(
        _named(LOG_IN), path=addresses.root(), secure=_is_secure(), httponly=True, samesite="Lax"
    )
    return response


def _end_known(ctx: Context) -> None:
    if known := token():
        sessions.log_out(ctx, known)


def chosen_language() -> str:
    """Return the language that the address asks for, and keep it for the pages that follow; empty for none."""
    asked = request.args.get("language", "")
    if asked in i18n.catalogues() and page.get(_LANGUAGE) != asked:
        page[_LANGUAGE] = asked
    return str(page.get(_LANGUAGE, ""))


def forget_language() -> None:
    """Let what the client says of itself decide again."""
    page.pop(_LANGUAGE, None)


def agent() -> str:
    """Return what the browser says it is."""
    return request.user_agent.string


def _named(name: str) -> str:
    """Take the prefix by which browsers keep plain HTTP, and at a domain's root other hosts, from setting it."""
    if not _is_secure():
        return name
    return f"__Host-{name}" if addresses.root() == "/" else f"__Secure-{name}"


def _is_secure() -> bool:
    return urlsplit(runtime().config.base_url).scheme == "https"
