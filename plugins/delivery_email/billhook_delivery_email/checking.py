"""Trying the servers of the settings, without sending anything."""

from billhook.domain.deliveries import TrialStep
from billhook.errors import BillhookError
from billhook.sdk.health import Health
from billhook_delivery_email.mailbox import mailbox
from billhook_delivery_email.settings import DeliveryEmailSettings
from billhook_delivery_email.talking import Talk
from billhook_delivery_email.texts import gettext as _


def checked(settings: DeliveryEmailSettings) -> Health:
    """Greet the mail server and log in; open the mailbox for bounces, where one is set."""
    steps: list[TrialStep] = []
    try:
        with Talk(settings, steps):
            pass  # greeting, encrypting and logging in is all that is tried
    except BillhookError as error:
        _tell(steps, error)
        return Health(steps=tuple(steps))
    if settings.bounce_host:
        _check_mailbox(settings, steps)
    return Health(steps=tuple(steps))


def _check_mailbox(settings: DeliveryEmailSettings, steps: list[TrialStep]) -> None:
    what = _("Open the mailbox for bounces on %(host)s", host=settings.bounce_host)
    try:
        with mailbox(settings) as box:
            waiting = len(box.unseen())
    except BillhookError as error:
        steps.append(TrialStep(what=what, is_good=False, advice=error.message))
        return
    steps.append(TrialStep(what=what, answer=_("%(count)s mails wait to be read", count=waiting)))


def _tell(steps: list[TrialStep], error: BillhookError) -> None:
    """Name the step that failed, where the conversation did not do so itself."""
    if all(step.is_good for step in steps):
        steps.append(TrialStep(what=_("Settings"), is_good=False, advice=error.message))
