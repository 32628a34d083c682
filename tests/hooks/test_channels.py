"""Channels that plugins register: ways out for tenants that enabled them, each behind its fence."""

import pytest

from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    Addressee,
    Dispatch,
    Message,
    Receipt,
    Recipient,
    RefusedRecipient,
    Trial,
    TrialStep,
)
from billhook.domain.parties import Address, Party
from billhook.errors import OutcomeUnknown, PluginFailed, PluginUnavailable, Rejected, Retryable
from billhook.ids import new_id
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.services import plugins
from billhook.services.contexts import operator_context
from billhook.testing.plugins import plugin_module

ANN = Recipient(address="+44 20 7946 0000", name="Ann")
NOBODY = Addressee(party=Party(name="Ann", address=Address(country="GB")))
SHOP = Sender(name="Shop", email="shop@shop.example")


class Line:
    key = "fax.line"
    answer = Receipt(remote_id="7", answer="received")
    told = Trial(steps=(TrialStep(what="Dial"),))
    found = (ANN,)
    error = None

    def __init__(self, ctx):
        pass

    def recipients(self, addressee, chosen=()):
        return chosen or self.found

    def recipient_problems(self, recipients):
        return []

    def send(self, dispatch, committing):
        committing()
        if self.error is not None:
            raise self.error
        return self.answer

    def trial(self, sender, recipient):
        return self.told


def dispatch() -> Dispatch:
    return Dispatch(
        id=new_id(),
        sender=SHOP,
        recipients=(ANN,),
        message=Message(subject="s", text="t", html=""),
        language="en",
    )


@pytest.fixture
def line(tenant_with):
    """Return a function that makes the channel, with some of it done otherwise."""

    def make(**otherwise):
        kind = type("Line", (Line,), otherwise)

        def register_channels():
            return [kind]

        ctx = tenant_with(plugin_module("fax", register_channels))
        return relay(ctx).channel("fax.line", ctx)

    return make


def test_register_channels(tenant_with):
    def register_channels():
        return [Line]

    ctx = tenant_with(plugin_module("fax", register_channels))
    assert relay(ctx).keys(CHANNELS) == ["fax.line"]
    channel = relay(ctx).channel("fax.line", ctx)
    committed = []
    receipt = channel.send(dispatch(), lambda: committed.append("yes"))
    assert (receipt.remote_id, committed) == ("7", ["yes"])
    plugins.disable(ctx, "fax")
    after = operator_context("shop")
    assert relay(after).keys(CHANNELS) == []
    with pytest.raises(PluginUnavailable, match="billhook plugin enable fax"):
        relay(after).channel("fax.line", after)


def test_whom_a_person_chose_is_asked_about_too(line):
    other = Recipient(address="+44 20 7946 0001")
    channel = line()
    assert list(channel.recipients(NOBODY)) == [ANN]
    assert list(channel.recipients(NOBODY, [other])) == [other]


@pytest.mark.parametrize(
    "error", [Retryable("Engaged."), Rejected([]), OutcomeUnknown("The line went dead.")]
)
def test_what_a_channel_may_raise_passes_through(line, error):
    with pytest.raises(type(error)):
        line(error=error).send(dispatch(), lambda: None)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "not Receipt"),
        (Receipt(remote_id=7), "not str"),
        (Receipt(remote_id="7", refused=("ann",)), "refused"),
        (Receipt(remote_id="7", postponed=[ANN]), "postponed"),
    ],
)
def test_what_is_no_receipt_is_not_taken_for_one(line, answer, complaint):
    with pytest.raises(PluginFailed, match=complaint):
        line(answer=answer).send(dispatch(), lambda: None)


def test_refused_and_postponed_recipients_come_through(line):
    one = RefusedRecipient(address=ANN.address, reason="engaged")
    answer = Receipt(remote_id="7", refused=(one,), postponed=(one,))
    assert line(answer=answer).send(dispatch(), lambda: None) == answer


def test_recipients_are_checked_too(line):
    channel = line(found=["ann"])
    with pytest.raises(PluginFailed, match="not Recipient"):
        channel.recipients(NOBODY)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [("fine", "not Trial"), (Trial(steps=("fine",)), "not TrialStep")],
)
def test_a_trial_is_checked_too(line, told, complaint):
    channel = line(told=told)
    with pytest.raises(PluginFailed, match=complaint):
        channel.trial(SHOP, ANN)


def test_a_trial_comes_through(line):
    assert line().trial(SHOP, ANN).is_good


def test_a_channel_that_lacks_a_way_to_be_tried_out_is_named(line):
    with pytest.raises(PluginFailed, match="no channel"):
        line(trial=None)
