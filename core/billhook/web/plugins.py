"""Plugins: which there are, how they do, setting them up, trying them, switching them."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.problems import Problem, Severity, errors
from billhook.sdk.context import Context
from billhook.services import plugin_health, plugin_settings
from billhook.services import plugins as service
from billhook.services.plugin_catalogue import PluginEntry
from billhook.services.plugin_settings import SettingEntry
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.plugin_forms import SettingField, fields_of, sent

blueprint = Blueprint("plugins", __name__)

Page = str | Response | tuple[str, int]


@blueprint.get("/plugins")
@requires("plugins.view")
def listing() -> str:
    """List every plugin that is installed, refused or gone."""
    found = service.catalogue(context())
    return render_template(
        "plugins/listing.html",
        on=[one for one in found if one.state == "enabled"],
        off=[one for one in found if one.state == "available"],
        broken=[one for one in found if one.state in ("refused", "missing")],
    )


@blueprint.get("/plugins/<name>")
@requires("plugins.view")
def plugin(name: str) -> str:
    """Show one plugin: what it is and does, how it is set up, what went wrong with it."""
    return _page(_found(name), ButtonForm())


@blueprint.post("/plugins/<name>/settings")
@requires("plugins.manage")
def save(name: str) -> Page:
    """Change the settings; a secret that is left empty stays."""
    ctx, found, form = context(), _found(name), ButtonForm()
    entries = service.read_settings(ctx, name)
    version = request.form.get("version", 0, type=int)
    try:
        warnings = service.change_settings(ctx, name, sent(entries, request.form), version=version)
    except ValidationFailed as error:
        return _page(found, form, error.problems), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as error:
        form.form_errors.append(error.message)
        return _page(found, form, shows_typed=True), HTTPStatus.CONFLICT
    flash(" ".join([_("The settings were saved."), *(one.message for one in warnings)]))
    return redirect(url_for(".plugin", name=name), HTTPStatus.SEE_OTHER)


@blueprint.post("/plugins/<name>/check")
@requires("plugins.manage")
def check(name: str) -> str:
    """Let the plugin try its connections, and show each step."""
    health = plugin_health.check(context(), _found(name).name)
    return render_template("plugins/checked.html", plugin=_found(name), health=health)


@blueprint.get("/plugins/<name>/enable")
@requires("plugins.manage")
def ask_to_enable(name: str) -> str:
    """Ask before a plugin is switched on: say what leaves to whom."""
    found = _found(name)
    details = [_("It needs the plugin %(name)s.", name=one) for one in found.depends]
    if found.sends_data_to:
        details.append(_("Data leaves the house: %(whom)s", whom=found.sends_data_to))
    else:
        details.append(_("No data leaves the house by it."))
    return ask(
        Question(
            title=_("Enable %(title)s?", title=found.title),
            text=found.summary,
            details=details,
            label=_("Enable"),
            act=url_for(".enable", name=name),
            back=url_for(".plugin", name=name),
        )
    )


@blueprint.post("/plugins/<name>/enable")
@requires("plugins.manage")
def enable(name: str) -> Page:
    """Switch a plugin on; what stands against it is shown with where to see to it."""
    found = _found(name)
    try:
        warnings = service.enable(context(), name)
    except ValidationFailed as error:
        flash(_("It could not be enabled. See what is missing below."), "problem")
        return _page(found, ButtonForm(), error.problems), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(" ".join([_("%(title)s is on.", title=found.title), *(w.message for w in warnings)]))
    return redirect(url_for(".plugin", name=name), HTTPStatus.SEE_OTHER)


@blueprint.get("/plugins/<name>/disable")
@requires("plugins.manage")
def ask_to_disable(name: str) -> str:
    """Ask before a plugin is switched off: name what stops."""
    found = _found(name)
    problems = service.consequences(context(), name)
    return ask(
        Question(
            title=_("Disable %(title)s?", title=found.title),
            text=_(
                "Its pages, jobs and choices are gone until it is enabled again; its data stays, "
                "and documents of before can still be seen and printed."
            ),
            warnings=[problem.message for problem in problems],
            label=_("Disable"),
            tone="danger",
            act=url_for(".disable", name=name),
            back=url_for(".plugin", name=name),
        )
    )


@blueprint.post("/plugins/<name>/disable")
@requires("plugins.manage")
def disable(name: str) -> Page:
    """Switch a plugin off, unless another one needs it."""
    found = _found(name)
    try:
        service.disable(context(), name)
    except ValidationFailed as error:
        flash(_("It could not be disabled. See why below."), "problem")
        return _page(found, ButtonForm(), error.problems), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("%(title)s is off.", title=found.title))
    return redirect(url_for(".plugin", name=name), HTTPStatus.SEE_OTHER)


def _found(name: str) -> PluginEntry:
    """Raises NotFound."""
    known = {one.name: one for one in service.catalogue(context())}
    if name not in known:
        raise NotFound(_("plugin"), name)
    return known[name]


def _page(
    found: PluginEntry,
    form: ButtonForm,
    problems: tuple[Problem, ...] | list[Problem] = (),
    *,
    shows_typed: bool = False,
) -> str:
    ctx = context()
    typed = request.form if problems or shows_typed else None
    fields = _fields(ctx, found, problems, typed)
    named = {field.name for field in fields}
    return render_template(
        "plugins/plugin.html",
        plugin=found,
        form=form,
        fields=fields,
        problems=[one for one in errors(problems) if one.path not in named],
        faults=[one for one in found.health if one.severity is Severity.ERROR],
        warnings=[one for one in found.health if one.severity is not Severity.ERROR],
        condition=plugin_health.condition(ctx, found.name),
        version=plugin_settings.settings_version(ctx, found.name) if fields else 0,
    )


def _fields(
    ctx: Context, found: PluginEntry, problems: object, typed: object
) -> list[SettingField]:
    may_see = ctx.permissions is None or "plugins.manage" in ctx.permissions
    if not may_see or not plugin_settings.has_settings(found.name):
        return []
    entries: list[SettingEntry] = service.read_settings(ctx, found.name)
    return fields_of(entries, problems, typed)  # type: ignore[arg-type]
