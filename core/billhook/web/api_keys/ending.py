"""New secrets for a key, and its end."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.services import api_keys
from billhook.services.api_keys import KeyFilter, KeyState
from billhook.services.sessions import require_fresh
from billhook.web.access import context, here, requires
from billhook.web.api_keys.forms import RotateForm
from billhook.web.api_keys.pages import secret_page
from billhook.web.api_keys.room import Page, blueprint
from billhook.web.confirming import Question, ask


@blueprint.get("/<uuid:key_id>/rotate")
@requires("api_keys.manage")
def ask_to_rotate(key_id: UUID) -> str:
    """Ask how long the secret before goes on."""
    require_fresh(here())
    return _rotate_page(key_id, RotateForm.offer())


@blueprint.post("/<uuid:key_id>/rotate")
@requires("api_keys.manage")
def rotate(key_id: UUID) -> Page:
    """Give a key a new secret, and show it this once."""
    require_fresh(here())
    form = RotateForm.offer()
    if form.validate():
        try:
            made = api_keys.rotate(context(), key_id, overlap=form.length())
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return secret_page(made, title=_("The key has a new secret"))
    return _rotate_page(key_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _rotate_page(key_id: UUID, form: RotateForm) -> str:
    return render_template("api_keys/rotate.html", key=api_keys.get(context(), key_id), form=form)


@blueprint.get("/<uuid:key_id>/revoke")
@requires("api_keys.manage")
def ask_to_revoke(key_id: UUID) -> str:
    """Ask before a key ends."""
    ctx = context()
    found = api_keys.get(ctx, key_id)
    wanted = KeyFilter(made_by=key_id, state=KeyState.ACTIVE)
    made = len(api_keys.search(ctx, wanted).rows)
    left = ngettext(
        "%(count)s key that it made stays. Its page names it.",
        "%(count)s keys that it made stay. Its page names them.",
        made,
    )
    return ask(
        Question(
            title=_("Revoke “%(name)s”?", name=found.name),
            text=_(
                "All its secrets open nothing any more, from the next request on and for good. "
                "Programs that use it stop working."
            ),
            warnings=[left] if made else [],
            label=_("Revoke"),
            tone="danger",
            act=url_for(".revoke", key_id=key_id),
            back=url_for(".key", key_id=key_id),
        )
    )


@blueprint.post("/<uuid:key_id>/revoke")
@requires("api_keys.manage")
def revoke(key_id: UUID) -> Response:
    """End a key with all its secrets."""
    api_keys.revoke(context(), key_id)
    flash(_("The key opens nothing any more."))
    return redirect(url_for(".key", key_id=key_id), HTTPStatus.SEE_OTHER)
