"""First steps: a card on the home page, and a page that shows one task at a time."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from billhook.errors import BillhookError, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.services import guide as service
from billhook.services import sample_sending
from billhook.services.guide import Guide, Step
from billhook.web.access import context, here, requires

blueprint = Blueprint("guide", __name__, url_prefix="/guide")

GUIDING = "guiding"
"""The key under which a browser's session remembers that its person follows the guide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step as people read it."""

    step: Step
    title: str
    text: str
    label: str
    """What the button says."""
    address: str
    permission: str
    """What its page asks for."""


def tasks() -> dict[Step, Task]:
    """Return all tasks in their order."""
    told = [
        (
            Step.COMPANY,
            _("Say who you are"),
            _("Name, address and e-mail address stand on every document. It takes a minute."),
            _("Fill in the company"),
            "settings.company",
            "tenant.manage",
        ),
        (
            Step.TAX,
            _("Enter your tax number"),
            _(
                "Tax is charged where you are registered, and nowhere else. If you are registered "
                "nowhere, leave this step out: your documents then say why there is no tax."
            ),
            _("Add a registration"),
            "settings.registrations",
            "tenant.manage",
        ),
        (
            Step.LOGO,
            _("Make documents look like yours"),
            _("A logo and a colour are enough. You see an invoice change while you choose."),
            _("Open the brand"),
            "brands.listing",
            "brands.manage",
        ),
        (
            Step.CHANNEL,
            _("Choose how documents go out"),
            _(
                "Switch a plugin on that sends, such as E-mail, tell it your mail server, and "
                "test the connection on its page."
            ),
            _("Open the plugins"),
            "plugins.listing",
            "plugins.manage",
        ),
        (
            Step.CUSTOMER,
            _("Add a customer"),
            _("Type one in, or import your list from a spreadsheet."),
            _("Open the customers"),
            "customers.listing",
            "customers.edit",
        ),
        (
            Step.PRODUCT,
            _("Add a product"),
            _("With a price it fills lines by itself. You can bill without products, too."),
            _("Open the products"),
            "products.listing",
            "products.edit",
        ),
    ]
    found = [
        Task(
            step=step, title=title, text=text, label=label, address=_address(page), permission=may
        )
        for step, title, text, label, page, may in told
    ]
    return {task.step: task for task in [*found, _test()]}


def _test() -> Task:
    is_sandbox = context().tenant.is_sandbox
    return Task(
        step=Step.TEST,
        title=_("Send a test invoice"),
        text=_(
            "One click makes a customer with your own address, an invoice, and sends it. This is "
            "a sandbox: nothing leaves it, and you see the mail in the outbox."
        )
        if is_sandbox
        else _(
            "One click mails a sample invoice to %(address)s, marked as a draft. It takes no "
            "number and is in no books.",
            address=here().email,
        ),
        label=_("Send the test invoice"),
        address=url_for("guide.send_test"),
        permission="deliveries.send",
    )


def _address(endpoint: str) -> str:
    """Return where a task is done; the settings where its page is not there."""
    known = endpoint in current_app.view_functions
    return url_for(endpoint if known else "settings.index")


@blueprint.get("")
@requires("tenant.view")
def guide() -> str:
    """Show what is done, and one task: the first that is open, or the one that was chosen."""
    session.pop(GUIDING, None)
    return _page(service.state(context()))


@blueprint.get("/card")
@requires("tenant.view")
def card() -> str:
    """Return the card of the home page; nothing once all is done or it was put away."""
    return render_template("guide/card.html", guide=service.state(context()), tasks=tasks())


@blueprint.get("/go/<step>")
@requires("tenant.view")
def go(step: str) -> Response:
    """Lead to the page of a task; each page leads back from there."""
    task = tasks().get(Step(step)) if step in set(Step) else None
    if task is None or task.step is Step.TEST:
        return redirect(url_for(".guide"))
    session[GUIDING] = True
    return redirect(task.address)


@blueprint.post("/test")
@requires("deliveries.send")
def send_test() -> Response | tuple[str, int]:
    """Send a test invoice: a real one in a sandbox, else a sample that takes no number."""
    ctx, form = context(), ButtonForm()
    try:
        if ctx.tenant.is_sandbox:
            document_id = service.send_test_invoice(ctx)
            flash(
                _("The test invoice is issued and on its way. This page shows what becomes of it.")
            )
            address = url_for("documents.document", document_id=document_id)
            return redirect(address, HTTPStatus.SEE_OTHER)
        sent = sample_sending.send_to_self(ctx)
        flash(_("The sample is on its way to %(address)s.", address=sent.recipient))
        return redirect(url_for(".guide"), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        form.form_errors.extend(problem.message for problem in error.problems)
    except BillhookError as error:
        form.form_errors.append(error.message)
    return _page(service.state(ctx), form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.post("/dismiss")
@requires("tenant.manage")
def dismiss() -> Response:
    """Put the guide away."""
    service.dismiss(context())
    session.pop(GUIDING, None)
    flash(_("The first steps are put away. You find them again under Settings."))
    return redirect(url_for("home.home"), HTTPStatus.SEE_OTHER)


@blueprint.post("/resume")
@requires("tenant.manage")
def resume() -> Response:
    """Show the guide on the home page again."""
    service.resume(context())
    return redirect(url_for(".guide"), HTTPStatus.SEE_OTHER)


def _page(found: Guide, form: ButtonForm | None = None) -> str:
    wanted = request.args.get("step", "")
    step = Step(wanted) if wanted in set(Step) else found.next
    if form is not None:
        step = Step.TEST
    return render_template(
        "guide/guide.html",
        guide=found,
        tasks=tasks(),
        steps=Step,
        current=step,
        form=form or ButtonForm(),
    )
