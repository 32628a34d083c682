"""Templates: what a brand's documents of one type show, edited with the sample beside it."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.domain.brands import Brand
from billhook.domain.placeholders import PLACEHOLDERS
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.language_names import language_choices
from billhook.problems import Problem
from billhook.services import brands, design_previews, templates
from billhook.services.design_previews import Design
from billhook.web.access import context, requires
from billhook.web.brands.rooms import blueprint, framed, with_frames
from billhook.web.brands.samples import Shown, page, passing
from billhook.web.brands.template_forms import TEXTS, Layout, TemplateForm, is_moving
from billhook.web.versions import Meanwhile, keep_typed

LAYOUT = ("blocks", "columns")


def meanings() -> dict[str, str]:
    """Return what each placeholder stands for."""
    told = {
        "number": _("the document's number"),
        "issue_on": _("its date"),
        "due_on": _("the day until which it is to be paid"),
        "customer": _("the client's name"),
        "reference": _("the client's number with you"),
        "seller": _("your name"),
        "total": _("what is to be paid, with its currency"),
        "purchase_order": _("the client's order number"),
        "credited": _("the number of what a credit note credits"),
    }
    return {name: told[name] for name in PLACEHOLDERS}


@blueprint.get("/<code>/templates/<kind>")
@requires("brands.view")
def template(code: str, kind: str) -> Response:
    """Show a template to change it, in one language."""
    known, type_ = brands.get(context(), code), _type(kind)
    present = templates.template(context(), known.id, type_)
    return _page(TemplateForm.of(present, _language()), Layout.of(present), known, type_)


@blueprint.post("/<code>/templates/<kind>")
@requires("brands.manage")
def save_template(code: str, kind: str) -> Response:
    """Change a template, or move a part of it on the page without saving."""
    ctx, type_ = context(), _type(kind)
    known, form, layout = brands.get(ctx, code), TemplateForm(), Layout.sent()
    if is_moving():
        return _page(form, layout, known, type_)
    meanwhile: list[Meanwhile] = []
    problems: tuple[Problem, ...] = ()
    try:
        if form.validate():
            given = layout.change(form, brand=code, kind=type_, language=_language())
            templates.save(ctx, given)
            flash(
                _("The template was saved. Documents issued from now on follow it; others stay.")
            )
            address = url_for(".template", code=code, kind=kind, language=_language())
            return redirect(address, HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        problems = error.problems
        show(form, [one for one in problems if one.path not in LAYOUT])
    except Conflict:
        present = templates.template(ctx, known.id, type_)
        texts = present.texts_in(_language())
        saved = {name: getattr(texts, name) for name in TEXTS}
        meanwhile = keep_typed(form, saved, present.version)
    return _page(
        form,
        layout,
        known,
        type_,
        meanwhile=meanwhile,
        problems=problems,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
    )


@blueprint.get("/<code>/templates/<kind>/preview")
@requires("brands.view")
def preview_template(code: str, kind: str) -> Response:
    """Show a sample as the template stands."""
    ctx, type_ = context(), _type(kind)
    present = templates.template(ctx, brands.get(ctx, code).id, type_)
    form = TemplateForm.of(present, _language())
    given = Layout.of(present).change(form, brand=code, kind=type_, language=_language())
    return framed(design_previews.document_page(ctx, design_previews.of_template(ctx, given)))


@blueprint.post("/<code>/templates/<kind>/preview")
@requires("brands.view")
def preview_typed_template(code: str, kind: str) -> Response:
    """Show a sample with what was typed, of which nothing is saved."""
    return framed(page(_typed(code, kind), _shown()))


@blueprint.post("/<code>/templates/<kind>/file")
@requires("brands.view")
def template_file(code: str, kind: str) -> Response:
    """Open the real file of a sample with what was typed."""
    return passing(design_previews.file(context(), _typed(code, kind)))


def _typed(code: str, kind: str) -> Design:
    given = Layout.sent().change(
        TemplateForm(), brand=code, kind=_type(kind), language=_language()
    )
    return design_previews.of_template(context(), given)


def _shown() -> Shown:
    return Shown.MAIL if request.form.get("shown") == Shown.MAIL else Shown.INVOICE


def _type(kind: str) -> DocumentType:
    if kind not in set(DocumentType):
        raise NotFound(_("template"), kind)
    return DocumentType(kind)


def _language() -> str:
    """Return the language whose texts are edited; the company's own where none is named."""
    wanted = request.values.get("language", "").strip()
    known = {code for code, _name in language_choices(context().tenant.language)}
    return wanted if wanted in known else context().tenant.language


def _page(
    form: TemplateForm,
    layout: Layout,
    known: Brand,
    kind: DocumentType,
    *,
    meanwhile: list[Meanwhile] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    page = render_template(
        "brands/template.html",
        form=form,
        layout=layout,
        brand=known,
        kind=kind,
        kinds=DocumentType,
        languages=language_choices(context().tenant.language),
        words=_language(),
        meanings=meanings(),
        meanwhile=meanwhile or [],
        wrong={name: [one.message for one in problems if one.path == name] for name in LAYOUT},
    )
    return with_frames(page, status)
