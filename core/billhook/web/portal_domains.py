"""Own domains of the portal: added, checked, given a face, removed."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from billhook.domain.host_names import LONGEST
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import brands, portal_domains
from billhook.services.dns import DnsSilent
from billhook.services.portal_domains import Checked
from billhook.throttling import limiter
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.navigation import may

blueprint = Blueprint("portal_domains", __name__, url_prefix="/settings/portal/domains")

PER_MEMBER = "10 per minute; 100 per hour"
"""How often somebody may have the DNS asked."""

Page = str | Response | tuple[str, int]


class DressForm(FlaskForm):  # type: ignore[misc]
    """Whose face strangers see at a domain."""

    brand = SelectField(_("Brand"), validate_choice=False)

    @classmethod
    def of(cls, ctx: Context, chosen: str = "") -> "DressForm":
        """Return the form with the tenant's brands."""
        form = cls(data={"brand": chosen})
        form.brand.choices = [("", gettext("The default brand"))]
        if may("brands.view"):
            form.brand.choices += [(one.code, one.name) for one in brands.listing(ctx)]
        return form


class DomainForm(DressForm):
    """A new domain."""

    domain = StringField(
        _("Domain"),
        validators=[InputRequired(_("Enter a domain of your own."))],
        render_kw={
            "placeholder": "billing.company.example",
            "autocapitalize": "none",
            "autocomplete": "off",
            "spellcheck": "false",
            "maxlength": LONGEST,
        },
    )


@blueprint.get("")
@requires("portal.manage")
def listing() -> str:
    """Show the domains, and how another is added."""
    return _listing(DomainForm.of(context()))


@blueprint.post("")
@requires("portal.manage")
def add() -> Page:
    """Add a domain; its page says what to do next."""
    ctx = context()
    form = DomainForm.of(ctx)
    try:
        if form.validate():
            made = portal_domains.add(ctx, form.domain.data or "", brand=form.brand.data or "")
            return _to(made.domain)
    except ValidationFailed as error:
        show(form, error.problems)
    return _listing(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _listing(form: DomainForm) -> str:
    return render_template(
        "client_portal/domains.html", domains=portal_domains.listing(context()), form=form
    )


@blueprint.get("/<domain>")
@requires("portal.manage")
def domain(domain: str) -> str:
    """Show which records the domain needs, and whether it is proved."""
    return _page(domain)


@blueprint.post("/<domain>/check")
@limiter.limit(PER_MEMBER)
@requires("portal.manage")
def check(domain: str) -> Page:
    """Ask the DNS."""
    try:
        checked = portal_domains.check(context(), domain)
    except (DnsSilent, Conflict) as error:
        flash(error.message)
        return _to(domain)
    return _page(domain, checked)


@blueprint.post("/<domain>/brand")
@requires("portal.manage")
def dress(domain: str) -> Page:
    """Choose whose face strangers see there."""
    ctx = context()
    form = DressForm.of(ctx)
    if form.validate():
        portal_domains.dress(ctx, domain, brand=form.brand.data or "")
        flash(gettext("The brand was saved. It may take half a minute to show."))
    return _to(domain)


@blueprint.route("/<domain>/remove", methods=["GET", "POST"])
@requires("portal.manage")
def remove(domain: str) -> Page:
    """Let the portal answer there no more."""
    form = ButtonForm()
    found = portal_domains.get(context(), domain)
    if request.method == "POST" and form.validate():
        portal_domains.remove(context(), domain)
        flash(gettext("The domain was removed. It may answer for half a minute more."))
        return redirect(url_for(".listing"), HTTPStatus.SEE_OTHER)
    question = Question(
        title=gettext("Remove %(domain)s?", domain=found.shown),
        text=gettext(
            "The portal answers there no more: links in mails that lead there are lost, and "
            "clients log in at the installation's own address."
        ),
        label=gettext("Remove the domain"),
        act=url_for(".remove", domain=found.domain),
        back=url_for(".domain", domain=found.domain),
        tone="danger",
    )
    return ask(question, form)


def _page(name: str, checked: Checked | None = None) -> str:
    ctx = context()
    found = checked.entry if checked else portal_domains.get(ctx, name)
    return render_template(
        "client_portal/domain.html",
        domain=found,
        checked=checked,
        form=DressForm.of(ctx, found.brand),
        button=ButtonForm(),
    )


def _to(domain: str) -> Response:
    return redirect(url_for(".domain", domain=domain), HTTPStatus.SEE_OTHER)
