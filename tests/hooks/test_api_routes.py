"""Routes of plugins: there for tenants that have the plugin on, checked at start, behind a fence."""

import threading
from typing import Any
from uuid import UUID

import pytest
from flask import current_app
from sqlalchemy import func, select

from billhook.db import db
from billhook.errors import NotFound, Retryable, ValidationFailed
from billhook.models.customers import Customer
from billhook.plugins.discovery import discover
from billhook.problems import Problem
from billhook.sdk.api import Answer, Download, Input, Made, Page, Routes
from billhook.sdk.context import Context
from billhook.sdk.permissions import Permission
from billhook.services import plugins
from billhook.services.customer_batches import CustomerInput
from billhook.services.customer_profiles import ProfileInput, create
from billhook.services.permissions import NAMES
from billhook.testing.plugins import plugin_module
from billhook.testing.programs import Program, program


class Fax(Answer):
    number: str
    version: int = 3


class NewFax(Input):
    number: str


def fax(*groups: Routes):
    def register_api_routes():
        return list(groups)

    def register_permissions():
        return [Permission("fax.send", "Send faxes")]

    return plugin_module("fax", register_api_routes, register_permissions)


@pytest.fixture
def serve(tenant_with):
    """Return a way to serve views as routes that need fax.send, and to make a program with it.

    A view named `send_…` is a POST.
    """

    def make(*views: Any) -> tuple[Context, Program]:
        routes = Routes("faxes", "What goes out by phone.")
        for view in views:
            method = routes.post if view.__name__.startswith("send_") else routes.get
            method("/" + view.__name__.replace("_", "-"), requires="fax.send")(view)
        ctx = tenant_with(fax(routes))
        return ctx, program(current_app._get_current_object(), ctx, "fax.send")

    return make


def test_register_api_routes(tenant_with):
    routes = Routes("faxes", "What goes out by phone.")

    @routes.get("/faxes/<uuid:fax_id>", requires="fax.send")
    def get_fax(ctx: Context, fax_id: UUID) -> Fax:
        """Get a fax."""
        return Fax(number=str(fax_id.int))

    @routes.post("/faxes", requires="fax.send")
    def send_fax(ctx: Context, body: NewFax) -> Made[Fax]:
        """Send a fax."""
        return Made(Fax(number=body.number), at=f"/faxes/{UUID(int=7)}")

    ctx = tenant_with(fax(routes))
    app = current_app._get_current_object()
    ours = program(app, ctx, "fax.send")
    made = ours.post("/x/fax/faxes", {"number": "1"}, key="k")
    assert made.headers["Location"] == f"/api/v1/x/fax/faxes/{UUID(int=7)}"
    read = ours.get("/x/fax/faxes/" + str(UUID(int=7)))
    assert (read.json, read.headers["ETag"]) == ({"number": "7", "version": 3}, '"3"')
    assert ours.post("/x/fax/faxes", {"number": "2"}, key="k").json["code"] == (
        "idempotency.mismatch"
    )
    assert ours.post("/x/fax/faxes", {"speed": "1"}).json["problems"][0]["field"] == "number"
    assert program(app, ctx, "customers.view").get("/x/fax/faxes/" + "0" * 32).status_code == 404
    other = program(app, ctx, "customers.view").get(f"/x/fax/faxes/{UUID(int=7)}")
    assert (other.status_code, other.json["code"]) == (403, "access.forbidden")
    described = ours.get("/openapi.json").json
    assert described["paths"]["/api/v1/x/fax/faxes"]["post"]["operationId"] == "fax.send_fax"
    plugins.disable(ctx, "fax")
    gone = ours.get(f"/x/fax/faxes/{UUID(int=7)}")
    assert (gone.status_code, gone.json["code"]) == (404, "plugin.unavailable")


def crashing(ctx: Context) -> Fax:
    """Crash."""
    raise RuntimeError("line busy")


def answering_text(ctx: Context) -> Fax:
    """Answer what is none."""
    return "fax"  # type: ignore[return-value]


def answering_odd_fields(ctx: Context) -> Fax:
    """Answer a model that was filled by force."""
    return Fax.model_construct(number=object())


def answering_odd_entries(ctx: Context) -> Page[Fax]:
    """Answer a page of something else."""
    return Page(data=["fax"], next=None)


def answering_a_stream(ctx: Context) -> Download:
    """Answer a file that is read when the fence is gone."""
    return Download(name="a.txt", content_type="text/plain", content=iter([b"a"]))


def overruling(ctx: Context) -> Fax:
    """End the process."""
    raise SystemExit(1)


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (crashing, "RuntimeError: line busy"),
        (answering_text, "answering_text: the answer is str, not Fax"),
        (answering_odd_fields, "PydanticSerializationError"),
        (answering_odd_entries, "entry 0 is str, not Fax"),
        (answering_a_stream, "its content is list_iterator, not bytes"),
        (overruling, "SystemExit"),
    ],
)
def test_a_view_that_fails_is_answered_with_the_plugin_s_name(serve, view, reason):
    _ctx, ours = serve(view)
    answer = ours.get("/x/fax/" + view.__name__.replace("_", "-"))
    assert (answer.status_code, answer.json["code"]) == (502, "plugin.failed")
    assert answer.content_type == "application/problem+json"
    assert "The plugin “fax” failed" in answer.json["detail"]
    assert reason in answer.json["detail"]


def test_a_view_that_hangs_is_left_behind(serve):
    release = threading.Event()

    def waiting(ctx: Context) -> Fax:
        """Wait for the line."""
        release.wait(10)
        return Fax(number="1")

    _ctx, ours = serve(waiting)
    try:
        answer = ours.get("/x/fax/waiting")
        assert (answer.status_code, answer.json["code"]) == (502, "plugin.overran")
        assert "The plugin “fax” failed: it did not answer within" in answer.json["detail"]
    finally:
        release.set()
        for thread in threading.enumerate():
            if thread.name == "plugin fax":
                thread.join(10)


def test_a_write_that_fails_leaves_nothing_behind_and_its_key_free(serve):
    def send_names(ctx: Context, body: NewFax) -> Fax:
        """Write down whom it is for, and send it."""
        create(
            ctx,
            ProfileInput(customer=CustomerInput(reference=body.number, name="Ann", country="DE")),
        )
        if body.number == "busy":
            raise RuntimeError("line busy")
        return Fax(number=body.number)

    ctx, _ours = serve(send_names)
    app = current_app._get_current_object()
    ours = program(app, ctx, "fax.send", "customers.view", "customers.edit")
    assert ours.post("/x/fax/send-names", {"number": "busy"}, key="k").status_code == 502
    assert customers_kept() == 0
    first = ours.post("/x/fax/send-names", {"number": "free"}, key="k")
    assert (first.status_code, first.json) == (200, {"number": "free", "version": 3})
    again = ours.post("/x/fax/send-names", {"number": "free"}, key="k")
    assert (again.status_code, again.json) == (200, first.json)
    assert customers_kept() == 1


def customers_kept() -> int:
    db.session.rollback()  # look anew
    return db.session.scalar(select(func.count()).select_from(Customer))


def test_a_view_says_what_the_core_s_services_say(serve):
    def missing(ctx: Context) -> Fax:
        """Look for it."""
        raise NotFound("fax", "7")

    def wrong(ctx: Context) -> Fax:
        """Refuse it."""
        raise ValidationFailed([Problem(code="fax.line_odd", path="line", message="Odd line.")])

    def later(ctx: Context) -> Fax:
        """Put it off."""
        raise Retryable("The line is busy.")

    def forbidden(ctx: Context) -> Fax:
        """Ask for more than the key has."""
        ctx.require("customers.view")
        return Fax(number="1")

    _ctx, ours = serve(missing, wrong, later, forbidden)
    told = {
        name: ours.get(f"/x/fax/{name}") for name in ("missing", "wrong", "later", "forbidden")
    }
    assert {name: (answer.status_code, answer.json["code"]) for name, answer in told.items()} == {
        "missing": (404, "resource.not_found"),
        "wrong": (422, "input.invalid"),
        "later": (503, "provider.retryable"),
        "forbidden": (403, "access.forbidden"),
    }
    assert told["wrong"].json["problems"] == [
        {"code": "fax.line_odd", "field": "line", "message": "Odd line."}
    ]


# Malformed ones


def look(ctx: Context) -> Fax:
    """Look."""
    return Fax(number="1")


def seek(ctx: Context, fax_id: UUID) -> Fax:
    """Seek."""
    return Fax(number="1")


def find(ctx: Context, body: NewFax) -> Fax:
    """Find."""
    return Fax(number="1")


def give(ctx: Context) -> dict[str, str]:
    """Give."""
    return {}


def take(ctx: Context, body: dict[str, str]) -> Fax:
    """Take."""
    return Fax(number="1")


def pick(ctx: Context, query: NewFax) -> Fax:
    """Pick."""
    return Fax(number="1")


class Odd(Answer):
    model_config = {"arbitrary_types_allowed": True}
    lock: threading.Event


def hold(ctx: Context) -> Odd:
    """Hold."""
    return Odd(lock=threading.Event())


def mute(ctx: Context) -> Fax:
    """
    Say it on the second line."""
    return Fax(number="1")


MALFORMED = [
    (look, "GET", "faxes", "fax.send", "plugin.route_malformed", "has the path “faxes”"),
    (look, "GET", "/faxes/", "fax.send", "plugin.route_malformed", "has the path “/faxes/”"),
    (look, "GET", "/../faxes", "fax.send", "plugin.route_malformed", "without a slash"),
    (look, "GET", "/<path:rest>", "fax.send", "plugin.route_malformed", "has the path"),
    (look, "GET", "/faxes/<uuid:fax_id>", "fax.send", "plugin.route_malformed", "arguments"),
    (seek, "GET", "/faxes", "fax.send", "plugin.route_malformed", "takes other arguments"),
    (find, "GET", "/faxes", "fax.send", "plugin.route_malformed", "takes a body where"),
    (give, "GET", "/faxes", "fax.send", "plugin.route_malformed", "Make a model of Answer"),
    (take, "POST", "/faxes", "fax.send", "plugin.route_malformed", "billhook.sdk.api.Input"),
    (pick, "GET", "/faxes", "fax.send", "plugin.route_malformed", "billhook.sdk.api.Query"),
    (hold, "GET", "/faxes", "fax.send", "plugin.route_malformed", "JSON cannot show"),
    (look, "GET", "/faxes", "fax.receive", "plugin.permission_unknown", "needs “fax.receive”"),
    (look, "GET", "/faxes", "customers.fly", "plugin.permission_unknown", "“customers.fly”"),
    (look, "GET", "/faxes", "telex.send", "plugin.permission_unknown", "“telex.send”"),
]


def refusal_of(routes: Routes):
    """Return why a plugin with the routes is refused."""
    return discover(None, [fax(routes)], core_permissions=NAMES).refused["fax"]


@pytest.mark.parametrize(("view", "method", "path", "permission", "code", "reason"), MALFORMED)
def test_a_plugin_with_a_malformed_route_is_refused(view, method, path, permission, code, reason):
    routes = Routes("faxes", "What goes out by phone.")
    getattr(routes, method.lower())(path, requires=permission)(view)
    refusal = refusal_of(routes)
    assert refusal.code == code
    assert f"its route “{view.__name__}”" in refusal.reason
    assert reason in refusal.reason


def test_a_plugin_whose_routes_clash_is_refused():
    names, paths = Routes("faxes", "Faxes."), Routes("faxes", "Faxes.")
    names.get("/a", requires="")(look)
    names.get("/b", requires="")(look)
    paths.get("/faxes/<uuid:fax_id>", requires="")(seek)

    def seek_too(ctx: Context, other_id: UUID) -> Fax:
        """Seek it, too."""
        return Fax(number="1")

    paths.get("/faxes/<uuid:other_id>", requires="")(seek_too)
    for routes, clash in ((names, "“look” twice"), (paths, "“GET /faxes/<>” twice")):
        refusal = refusal_of(routes)
        assert (refusal.code, clash in refusal.reason) == ("plugin.key_clash", True)
