"""What every answer tells the browser not to do, and whom the server answers at all."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from billhook.edges import OWN_DOMAIN, host_name
from billhook.errors import HostUnknown
from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SELF = "'self'"

POLICY = {
    "default-src": "'none'",
    "script-src": SELF,
    "style-src": SELF,
    "font-src": SELF,
    "img-src": f"{SELF} data:",  # Tabler draws the marks of its inputs so
    "connect-src": SELF,
    "form-action": SELF,
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(**changes: str) -> str:
    """Write the Content-Security-Policy of our pages, with some directives changed or added."""
    named = {name.replace("_", "-"): sources for name, sources in changes.items()}
    return "; ".join(
        f"{directive} {sources}".strip() for directive, sources in {**POLICY, **named}.items()
    )


CONTENT_SECURITY_POLICY = policy()
WITH_OWN_FRAMES = policy(frame_src=SELF)
FRAMED_MESSAGE = policy(
    script_src="'none'",
    connect_src="'none'",
    font_src="'none'",
    style_src="'unsafe-inline'",  # mails bring their style; in a sandbox it reaches nothing
    img_src="data:",
    form_action="'none'",
    frame_ancestors=SELF,
    sandbox="",
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
STRICT_TRANSPORT_OF_OTHERS = "max-age=31536000"
"""At a tenant's own domain: whether names below it have TLS, we do not know."""

BY_ADDRESS = ("health.live", "health.ready", "own_domains.ask")
"""What probes and proxies ask by the machine's address."""


def init_app(app: Flask) -> None:
    """Check the host of each request, and add the headers to each answer."""
    with app.app_context():
        url = urlsplit(runtime().config.base_url.rstrip("/"))
    hosts = LOOPBACK if url.hostname in LOOPBACK else frozenset({url.hostname})
    is_secure = url.scheme == "https"

    def refuse_other_hosts() -> None:
        """Answer under our own name alone, so that no link or cache is made for another."""
        if request.endpoint in BY_ADDRESS or OWN_DOMAIN in request.environ:
            return
        if host_name(request.environ.get("HTTP_HOST", "")) not in hosts:
            raise HostUnknown(
                _(
                    "This installation is at %(url)s and answers to no other name. Open it "
                    "there, or let its operator set BILLHOOK_BASE_URL.",
                    url=url.geturl(),
                )
            )

    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_secure:
            is_theirs = OWN_DOMAIN in request.environ
            strict = STRICT_TRANSPORT_OF_OTHERS if is_theirs else STRICT_TRANSPORT
            response.headers["Strict-Transport-Security"] = strict
        if request.endpoint != "static" and "private" not in response.headers.get(
            "Cache-Control", ""
        ):
            response.headers["Cache-Control"] = "no-store"  # files that are sent say “no-cache”
        return response

    app.before_request(refuse_other_hosts)
    app.after_request(add)
