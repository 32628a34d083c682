"""The channel `delivery_email.smtp`."""

from collections.abc import Callable, Sequence

from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    Addressee,
    Dispatch,
    Memo,
    Message,
    Receipt,
    Recipient,
    RecipientKind,
    Trial,
    TrialStep,
)
from billhook.errors import OutcomeUnknown, Rejected, Retryable
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook_delivery_email.addresses import address_problem, travelling
from billhook_delivery_email.settings import DeliveryEmailSettings
from billhook_delivery_email.talking import Envelope, Talk
from billhook_delivery_email.texts import gettext as _
from billhook_delivery_email.writing import mail, message_id

MEGABYTE = 1_000_000


class SmtpChannel:
    """Sends documents by SMTP."""

    key = "delivery_email.smtp"

    def __init__(self, ctx: Context) -> None:
        self._settings = ctx.ports.settings.read(ctx, DeliveryEmailSettings)
        self._clock = ctx.clock
        self._language = ctx.tenant.language

    def recipients(
        self, addressee: Addressee, chosen: Sequence[Recipient] = ()
    ) -> Sequence[Recipient]:
        found = list(chosen) or _usual(addressee)
        if all(one.kind is RecipientKind.BCC for one in found):
            return []
        archive = self._settings.archive
        if archive and archive.casefold() not in {one.address.casefold() for one in found}:
            found.append(Recipient(address=archive, kind=RecipientKind.BCC))
        return found

    def recipient_problems(self, recipients: Sequence[Recipient]) -> Sequence[Problem]:
        found = (
            address_problem(one.address, path=f"recipients.{number}")
            for number, one in enumerate(recipients)
        )
        return [problem for problem in found if problem]

    def send(self, dispatch: Dispatch, committing: Callable[[], None]) -> Receipt:
        return self._sent(dispatch, committing, [])

    def carry(self, memo: Memo) -> Receipt:
        dispatch = Dispatch(
            id=new_id(),
            sender=memo.sender,
            recipients=(Recipient(address=memo.to, name=memo.name),),
            message=memo.message,
            language=memo.language,
        )
        return self._sent(dispatch, _nobody_counts, [])

    def trial(self, sender: Sender, recipient: Recipient) -> Trial:
        steps: list[TrialStep] = []
        dispatch = Dispatch(
            id=new_id(),
            sender=sender,
            recipients=(recipient,),
            message=Message(
                subject=_("Test mail from Billhook"),
                text=_("This mail shows that documents can be sent by this server."),
                html="",
            ),
            language=self._language,
        )
        try:
            self._sent(dispatch, _nobody_counts, steps)
        except (Retryable, Rejected, OutcomeUnknown) as error:
            if all(step.is_good for step in steps):
                steps.append(TrialStep(what=_("Settings"), is_good=False, advice=error.message))
        return Trial(steps=tuple(steps))

    def _sent(
        self, dispatch: Dispatch, committing: Callable[[], None], steps: list[TrialStep]
    ) -> Receipt:
        sender = self._sender(dispatch.sender)
        content = mail(dispatch, sender, at=self._clock.now())
        self._refuse_large(len(content))
        envelope = Envelope(
            delivery_id=dispatch.id,
            sender=self._settings.return_address or sender.email,
            recipients=tuple(
                one.address for one in dispatch.recipients if one.address not in dispatch.settled
            ),
            size=len(content),
        )
        with Talk(self._settings, steps) as talk:
            found = talk.address(envelope)
            answer = talk.hand_over(content, committing)
        return Receipt(
            remote_id=message_id(dispatch, sender).strip("<>"),
            answer=str(answer),
            refused=found.refused,
            postponed=found.postponed,
        )

    def _sender(self, wanted: Sender) -> Sender:
        """Return the brand's sender, else the settings'. Raises Rejected."""
        email = wanted.email or self._settings.from_email
        if not email:
            message = _(
                "There is no sender. Give the brand an address, or set from_email: billhook plugin "
                "settings delivery_email from_email=…"
            )
            raise Rejected([Problem(code="delivery_email.sender_missing", message=message)])
        for path, address in (("sender", email), ("reply_to", wanted.reply_to)):
            if address and (problem := address_problem(address, path=path)):
                raise Rejected([problem])
        return Sender(
            name=wanted.name or self._settings.from_name, email=email, reply_to=wanted.reply_to
        )

    def _refuse_large(self, size: int) -> None:
        """Raises Rejected."""
        limit = self._settings.largest_mail
        if size <= limit * MEGABYTE:
            return
        message = _(
            "The mail has %(size)s MB with all attachments, more than the %(limit)s MB that "
            "largest_mail allows. Attach less, or raise it where the recipients' servers take more.",
            size=-(-size // MEGABYTE),
            limit=limit,
        )
        raise Rejected([Problem(code="delivery_email.mail_too_large", message=message)])


def _usual(addressee: Addressee) -> list[Recipient]:
    """Write to the customer, and to whom of its people wants it."""
    party = addressee.party
    found = [
        Recipient(address=one.email, kind=one.receives, name=one.name)
        for one in addressee.contacts
        if one.receives is not None
    ]
    if party.email:
        found.insert(0, Recipient(address=party.email, name=party.contact_name or party.name))
    return [one for one in found if travelling(one.address)]


def _nobody_counts() -> None:
    """A test mail or a memo that is sent twice harms nobody."""
