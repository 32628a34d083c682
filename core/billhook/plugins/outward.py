"""Providers of what leaves the house, behind a fence: renderers, e-invoice formats, channels.

They may take long: a document of a thousand lines, a mail server that makes its
clients wait. So each call has a deadline of its own, whatever the host's is.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    Addressee,
    Dispatch,
    Memo,
    Receipt,
    Recipient,
    RefusedRecipient,
    Trial,
    TrialStep,
)
from billhook.domain.publications import Publication
from billhook.errors import PluginFailed
from billhook.plugins.contract import mismatch
from billhook.plugins.fence import fenced
from billhook.plugins.providers import batch_complaint, problems_complaint, refuse
from billhook.problems import Problem
from billhook.sdk.providers import (
    Channel,
    DocumentFormat,
    Page,
    Rendered,
    Renderer,
    Verdict,
    Written,
)
from billhook.sdk.providers.channels import MemoCarrier

RENDERING = timedelta(minutes=3)
WRITING = timedelta(minutes=2)
SENDING = timedelta(minutes=4)


class FencedRenderer:
    """A plugin's renderer, as services use it."""

    def __init__(self, plugin: str, renderer: Renderer, deadline: timedelta) -> None:
        self.key = renderer.key
        self.content_type = renderer.content_type
        self.extension = renderer.extension
        self._plugin = plugin
        self._renderer = renderer

    def render(self, pages: Sequence[Page]) -> Sequence[Rendered]:
        """Raises PluginFailed, Retryable, Rejected."""
        answers = fenced(self._plugin, lambda: self._renderer.render(pages), deadline=RENDERING)
        refuse(self._plugin, batch_complaint(pages, answers, Rendered, _rendered_complaint))
        return answers


class FencedDocumentFormat:
    """A plugin's e-invoice format, as services use it."""

    def __init__(self, plugin: str, form: DocumentFormat, deadline: timedelta) -> None:
        self.key = form.key
        self.content_type = form.content_type
        self.extension = form.extension
        self._plugin = plugin
        self._form = form

    def write(self, publications: Sequence[Publication]) -> Sequence[Written]:
        """Raises PluginFailed, Retryable, Rejected."""
        answers = fenced(self._plugin, lambda: self._form.write(publications), deadline=WRITING)
        refuse(self._plugin, batch_complaint(publications, answers, Written, _written_complaint))
        return answers


class FencedChannel:
    """A plugin's channel, as services use it."""

    def __init__(self, plugin: str, channel: Channel, deadline: timedelta) -> None:
        self.key = channel.key
        self._plugin = plugin
        self._channel = channel
        self._deadline = deadline

    def recipients(
        self, addressee: Addressee, chosen: Sequence[Recipient] = ()
    ) -> Sequence[Recipient]:
        """Raises PluginFailed."""
        answers = fenced(
            self._plugin,
            lambda: self._channel.recipients(addressee, chosen),
            deadline=self._deadline,
        )
        refuse(self._plugin, mismatch(answers, Sequence[Recipient]))
        return answers

    def recipient_problems(self, recipients: Sequence[Recipient]) -> Sequence[Problem]:
        """Raises PluginFailed."""
        found = fenced(
            self._plugin,
            lambda: self._channel.recipient_problems(recipients),
            deadline=self._deadline,
        )
        refuse(self._plugin, mismatch(found, Sequence[Problem]))
        return found

    def send(self, dispatch: Dispatch, committing: Callable[[], None]) -> Receipt:
        """Raises PluginFailed, Retryable, Rejected, OutcomeUnknown."""
        receipt = fenced(
            self._plugin, lambda: self._channel.send(dispatch, committing), deadline=SENDING
        )
        refuse(self._plugin, _receipt_complaint(receipt))
        return receipt

    @property
    def carries_memos(self) -> bool:
        return isinstance(self._channel, MemoCarrier)

    def carry(self, memo: Memo) -> Receipt:
        """Raises PluginFailed, Retryable, Rejected, OutcomeUnknown."""
        channel = self._channel
        if not isinstance(channel, MemoCarrier):
            raise PluginFailed(self._plugin, f"{self.key} carries no memos")
        receipt = fenced(self._plugin, lambda: channel.carry(memo), deadline=SENDING)
        refuse(self._plugin, _receipt_complaint(receipt))
        return receipt

    def trial(self, sender: Sender, recipient: Recipient) -> Trial:
        """Raises PluginFailed."""
        told = fenced(
            self._plugin, lambda: self._channel.trial(sender, recipient), deadline=SENDING
        )
        refuse(self._plugin, mismatch(told, Trial) or mismatch(told.steps, tuple[TrialStep, ...]))
        return told


def _rendered_complaint(_page: Page, rendered: Rendered) -> str | None:
    return _content_complaint(rendered.content) or problems_complaint(rendered.problems)


def _written_complaint(_publication: Publication, written: Written) -> str | None:
    if not isinstance(written.verdict, Verdict):
        return f"verdict is {type(written.verdict).__name__}, not Verdict"
    return _content_complaint(written.content) or problems_complaint(written.verdict.findings)


def _content_complaint(content: object) -> str | None:
    if not isinstance(content, bytes):
        return f"content is {type(content).__name__}, not bytes"
    return None if content else "content is empty"


def _receipt_complaint(receipt: object) -> str | None:
    if not isinstance(receipt, Receipt):
        return f"answer is {type(receipt).__name__}, not Receipt"
    if not isinstance(receipt.remote_id, str) or not isinstance(receipt.answer, str):
        return "remote_id or answer is not str"
    return mismatch(receipt.refused, tuple[RefusedRecipient, ...], "refused") or mismatch(
        receipt.postponed, tuple[RefusedRecipient, ...], "postponed"
    )
