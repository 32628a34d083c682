"""The company's form: all that it says about itself on documents, and how it bills."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.services import company as service
from billhook.services.company import CompanySettings
from billhook.web.access import context, requires
from billhook.web.settings.company_form import CompanyForm
from billhook.web.settings.rooms import blueprint
from billhook.web.versions import Meanwhile, keep_typed


@blueprint.get("/company")
@requires("tenant.view")
def company() -> str:
    """Show the company's settings as they stand."""
    known = service.settings(context())
    return _page(CompanyForm.of(context(), known, service.choices(context())), known)


@blueprint.post("/company")
@requires("tenant.manage")
def save_company() -> Response | tuple[str, int]:
    """Change the company's settings; what is wrong is told at its field."""
    ctx = context()
    known = service.settings(ctx)
    form = CompanyForm.of(ctx, known, service.choices(ctx))
    meanwhile: list[Meanwhile] = []
    try:
        if form.validate():
            service.change(ctx, form.change(), version=form.read_version())
            flash(_("The company's settings were saved. Documents from now on follow them."))
            return redirect(url_for(".company"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    except Conflict:
        known = service.settings(ctx)
        meanwhile = keep_typed(form, _stored(form, known), known.version)
    return _page(form, known, meanwhile), HTTPStatus.UNPROCESSABLE_ENTITY


def _stored(form: CompanyForm, known: CompanySettings) -> dict[str, object]:
    return {
        name: getattr(known, name)
        for name in form._fields
        if name != "version" and name in CompanySettings.__dataclass_fields__
    }


def _page(
    form: CompanyForm, known: CompanySettings, meanwhile: list[Meanwhile] | None = None
) -> str:
    return render_template(
        "settings/company.html", form=form, settings=known, meanwhile=meanwhile or []
    )
