"""The pages of keys: what each may do, and making and changing one."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.sdk.context import Context
from billhook.services import api_keys, api_requests, api_versions
from billhook.services.api_keys import KeyEntry, KeyFilter, KeyState, MadeKey
from billhook.services.api_requests import RequestFilter
from billhook.services.sessions import require_fresh
from billhook.web.access import context, here, requires
from billhook.web.api_keys import key_list, scopes
from billhook.web.api_keys.forms import KeyForm, show_problems
from billhook.web.api_keys.request_log import status_of
from billhook.web.api_keys.room import Page, blueprint
from billhook.web.list_routes import add_list

LATEST = 10

add_list(blueprint, key_list.PAGE)


@blueprint.get("/<uuid:key_id>")
@requires("api_keys.view")
def key(key_id: UUID) -> str:
    """Show a key: what it may do, its secrets by their beginnings, and its last requests."""
    ctx = context()
    found = api_keys.get(ctx, key_id)
    return render_template(
        "api_keys/key.html",
        key=found,
        state=key_list.state_of(found),
        maker=key_list.maker_of(found),
        is_active=found.state is KeyState.ACTIVE,
        groups=scopes.grouped(ctx, found.scopes),
        sleeping=scopes.sleeping(ctx, found.scopes),
        requests=api_requests.search(ctx, RequestFilter(key_id=key_id), limit=LATEST).rows,
        status_of=status_of,
        made=api_keys.search(ctx, KeyFilter(made_by=key_id), limit=LATEST).rows,
    )


@blueprint.get("/new")
@requires("api_keys.manage")
def new() -> str:
    """Ask what a new key is called and may do; a usual choice can be ticked already."""
    require_fresh(here())
    ctx = context()
    wanted = request.args.get("preset", "")
    ticked = next((one.scopes for one in scopes.presets(ctx) if one.code == wanted), frozenset())
    return _form_page(ctx, KeyForm(), ticked)


@blueprint.post("/new")
@requires("api_keys.manage")
def make() -> Page:
    """Make a key, and show its secret this once."""
    require_fresh(here())
    ctx = context()
    form = KeyForm()
    if form.validate():
        try:
            made = api_keys.make(ctx, form.read(ctx), api_version=api_versions.LATEST)
        except ValidationFailed as error:
            show_problems(form, error.problems)
        else:
            return secret_page(made, title=_("The key was made"))
    return _form_page(ctx, form, _ticked()), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/<uuid:key_id>/change")
@requires("api_keys.manage")
def edit(key_id: UUID) -> str:
    """Ask what a key is called and may do from now on."""
    require_fresh(here())
    ctx = context()
    found = api_keys.get(ctx, key_id)
    return _form_page(ctx, KeyForm.of(ctx, found), frozenset(found.scopes), found)


@blueprint.post("/<uuid:key_id>/change")
@requires("api_keys.manage")
def change(key_id: UUID) -> Page:
    """Let a key do what is ticked from its next request on."""
    require_fresh(here())
    ctx = context()
    found = api_keys.get(ctx, key_id)
    form = KeyForm()
    if form.validate():
        try:
            wanted = form.read(ctx, found.expires_at)
            api_keys.change(ctx, key_id, wanted, version=form.read_version())
        except Conflict as error:
            form.form_errors.append(error.message)
            return _form_page(ctx, form, _ticked(), found), HTTPStatus.CONFLICT
        except ValidationFailed as error:
            show_problems(form, error.problems)
        else:
            flash(_("Saved. It holds from the key's next request on."))
            return redirect(url_for(".key", key_id=key_id), HTTPStatus.SEE_OTHER)
    return _form_page(ctx, form, _ticked(), found), HTTPStatus.UNPROCESSABLE_ENTITY


def _ticked() -> frozenset[str]:
    return frozenset(request.form.getlist("scopes"))


def _form_page(
    ctx: Context, form: KeyForm, ticked: frozenset[str], found: KeyEntry | None = None
) -> str:
    return render_template(
        "api_keys/form.html",
        form=form,
        key=found,
        ticked=ticked,
        groups=scopes.choices(ctx),
        presets=scopes.presets(ctx),
        beyond=sorted(set(found.scopes) - api_keys.scopes_here(ctx)) if found else [],
    )


def secret_page(made: MadeKey, *, title: str) -> Response:
    """Return the page that shows a secret, which no browser keeps."""
    page = render_template(
        "api_keys/secret.html",
        title=title,
        key=made.entry,
        secret=made.secret,
        address=f"{request.url_root}api/v1",
        example=_example(made.entry),
    )
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _example(key: KeyEntry) -> str:
    """Return the path of something that the key may read, to try it with."""
    lists = ("customers", "documents", "products", "charges", "drafts")
    found = (name for name in lists if f"{name}.view" in key.scopes)
    return f"/{next(found, 'openapi.json')}"
