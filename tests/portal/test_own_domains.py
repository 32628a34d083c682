"""At a tenant's own domain its portal stands at the root, and nothing else of the product is there."""

from dataclasses import replace

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from billhook.edges import OWN_DOMAIN
from billhook.portal.own_domains import KEPT_SECONDS, OwnDomains
from billhook.services import brands, delivering, portal_domains
from billhook.services.brand_changes import BrandInput
from billhook.services.contexts import operator_context
from billhook.services.portal import addresses
from billhook.testing import applications
from billhook.testing.browser import Browser
from billhook.testing.members import PASSWORD, open_tenant

HOME = "https://home.example"
OWN = "billing.office.example"


@pytest.fixture
def config(config):
    return replace(config, base_url=HOME)


class Visitor(Browser):
    """A browser at a host, by TLS."""

    def __init__(self, app, host=OWN, **environ):
        super().__init__(applications.fresh_client(app))
        self.base, self.environ = f"https://{host}", environ

    @property
    def _environment(self):
        return {"REMOTE_ADDR": "127.0.0.1", **self.environ}

    def get(self, path, **options):
        return super().get(path, base_url=self.base, **options)

    def post(self, path, data=None, **options):
        return super().post(
            path, data, base_url=self.base, headers={"Referer": f"{self.base}/"}, **options
        )


def asked(app, path="/log-in", **environ):
    """Ask with an environment that no browser would make."""
    made = EnvironBuilder("/", base_url=f"https://{OWN}").get_environ()
    parts = run_wsgi_app(app, made | {"PATH_INFO": path, **environ}, buffered=True)
    return Response(*parts)


def proved(slug="office", domain=OWN, **options):
    ctx = operator_context(slug)
    with ctx.acting():
        portal_domains.add(ctx, domain, **options)
        return portal_domains.confirm(ctx, domain)


def test_a_client_uses_the_portal_at_the_root_of_the_domain(office):
    proved()
    visitor = Visitor(office.app)
    page = visitor.get("/")
    assert (page.status_code, page.location) == (303, "/log-in")
    form = visitor.get("/log-in")
    assert form.status_code == 200
    assert 'href="/style/' in form.text
    assert "/portal/" not in form.text
    answer = visitor.send("/log-in", {"email": "eve@ann.example", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    home = visitor.get("/")
    assert home.status_code == 200
    assert "/portal/" not in home.text
    assert HOME not in home.text
    assert visitor.get("/documents/").status_code == 200


def test_its_cookies_are_of_this_host_alone_and_by_tls(office):
    proved()
    visitor = Visitor(office.app)
    answer = visitor.send("/log-in", {"email": "eve@ann.example", "password": PASSWORD})
    made = answer.headers.getlist("Set-Cookie")
    session = next(one for one in made if one.startswith("__Host-billhook_client="))
    for cookie in made:
        if cookie.startswith("__Host-"):
            assert "Path=/" in cookie.split("; ")
            assert "Secure" in cookie.split("; ")
            assert "Domain=" not in cookie
    assert {"HttpOnly", "SameSite=Lax"} <= set(session.split("; "))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    at_home = Visitor(office.app, "home.example")
    token = session.partition("=")[2].partition(";")[0]
    at_home.client.set_cookie("__Host-billhook_client", token, domain="home.example", secure=True)
    assert at_home.get("/portal/office/").status_code == 303


def test_no_other_page_of_the_product_is_there(office):
    proved()
    open_tenant("other", pack=())
    visitor = Visitor(office.app)
    elsewhere = (
        *("/portal/office/log-in", "/portal/other/log-in", "/portal/office/", "/api/v1/documents"),
        *("/settings", "/roles", "/health", "/ready", f"/own-domain?domain={OWN}", "/webhooks"),
        *("/invitation/x", "/search", "/outbox", "/static/nothing.css", "/static/../settings"),
    )
    assert {path: visitor.get(path).status_code for path in elsewhere} == dict.fromkeys(
        elsewhere, 404
    )


def test_staff_sessions_open_nothing_there(office):
    proved()
    visitor = Visitor(office.app)
    answer = visitor.send("/log-in", {"email": office.kept.admin.email, "password": PASSWORD})
    assert answer.status_code == 401


def test_only_the_proved_host_is_answered(office):
    proved()
    portal_domains.add(office.ctx, "unproved.office.example")
    hosts = (
        *("unproved.office.example", "other.example", f"x.{OWN}", f"{OWN}.evil.example"),
        *(f"{OWN}.", f"evil@{OWN}", f"{OWN}/..", "127.0.0.1", ""),
    )
    for host in hosts:
        assert asked(office.app, HTTP_HOST=host).status_code == 400, host
    assert asked(office.app, HTTP_HOST=f"{OWN.upper()}:8443").status_code == 200


def test_a_host_that_is_forwarded_counts_where_a_proxy_of_ours_says_it_alone(office, make_app):
    proved()
    spoofed = {"HTTP_X_FORWARDED_HOST": OWN}
    direct = Visitor(office.app, "home.example", **spoofed)
    assert direct.get("/").location == "/log-in"  # the company's own pages
    behind = make_app(replace(office.app.extensions["billhook"].config, proxies=1))
    seen = Visitor(behind, "127.0.0.1", **spoofed).get("/log-in")
    assert seen.status_code == 200
    assert 'href="/style/' in seen.text
    assert 'href="/style/' not in direct.get("/log-in").text


def test_redirects_stay_on_the_host(office):
    proved()
    wanted = {
        "/documents": "/documents/",
        "//documents": "/documents/",
        "//evil.example/documents/": "",  # no page, and so no redirect
        "/": "/log-in",
    }
    found = {path: asked(office.app, path).location or "" for path in wanted}
    assert {path: place.removeprefix(f"https://{OWN}") for path, place in found.items()} == wanted


def test_each_tenants_domain_is_its_own_portal(office):
    other = open_tenant("other", pack=())
    proved()
    proved("other", "pay.other.example")
    assert other.tenant.party.name in Visitor(office.app, "pay.other.example").get("/log-in").text
    visitor = Visitor(office.app, "pay.other.example")
    answer = visitor.send("/log-in", {"email": "eve@ann.example", "password": PASSWORD})
    assert answer.status_code == 401


def test_links_lead_to_the_domain_of_the_brand_else_to_one_for_all(office):
    assert addresses.address(office.ctx, "/d/x") == f"{HOME}/portal/office/d/x"
    face = brands.save(office.ctx, BrandInput(code="face", name="The other face"))
    proved()
    proved(domain="face.example", brand="face")
    assert addresses.address(office.ctx, "/d/x") == f"https://{OWN}/d/x"
    assert addresses.address(office.ctx, "/", brand_id=face.id) == "https://face.example/"
    assert "The other face" in Visitor(office.app, "face.example").get("/log-in").text
    assert "The other face" not in Visitor(office.app).get("/log-in").text
    delivery = delivering.send(office.ctx, office.kept.invoices["ann"])
    delivering.attempt(office.ctx, delivery.id)
    (message,) = (one.message for one in office.paper.sent)
    path = message.text.partition(f"https://{OWN}")[2].split()[0]
    page = Visitor(office.app).get(path)
    assert page.status_code == 200
    assert f'href="{path}/pdf"' in page.text
    assert Visitor(office.app, "home.example").get(f"/portal/office{path}").status_code == 200


def test_a_domain_is_known_for_half_a_minute_and_a_removed_one_no_longer(office):
    now, seen = [0.0], []

    def inner(environ, start):
        seen.append(environ.get(OWN_DOMAIN, ""))
        start("200 OK", [])
        return []

    domains = OwnDomains(office.app, inner, clock=lambda: now[0])

    def visit():
        run_wsgi_app(domains, EnvironBuilder("/", base_url=f"https://{OWN}").get_environ())
        return seen[-1]

    assert visit() == ""
    proved()
    assert visit() == ""
    now[0] += KEPT_SECONDS
    assert visit() == "office"
    with office.ctx.acting():
        portal_domains.remove(office.ctx, OWN)
    assert visit() == "office"
    now[0] += KEPT_SECONDS
    assert visit() == ""


def test_a_proxy_is_told_which_hosts_get_a_certificate(office):
    proved()
    portal_domains.add(office.ctx, "unproved.office.example")
    at_home = Visitor(office.app, "127.0.0.1:8000")
    answers = {
        domain: at_home.get(f"/own-domain?domain={domain}").status_code
        for domain in (OWN, OWN.upper(), "unproved.office.example", "home.example", "", "1.2.3.4")
    }
    assert answers == {
        OWN: 200,
        OWN.upper(): 200,
        "unproved.office.example": 404,
        "home.example": 404,
        "": 404,
        "1.2.3.4": 404,
    }
