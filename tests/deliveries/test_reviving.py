"""Dead work that sends is tried again as the delivery that it is, not as a job that finds nothing to do."""

from dataclasses import replace

import pytest

from billhook import limits
from billhook.errors import Conflict, Forbidden, NotFound, Retryable
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.services import delivering, outbox, reviving

from .conftest import let_all_be_due
from .test_attempting import only


@pytest.fixture
def dead(shop, invoice, paper):
    """Return the dead job of a delivery whose channel was closed for long."""
    delivering.plan(shop, invoice())
    paper.errors += [Retryable("The loft is closed.")] * limits.JOB_ATTEMPTS
    while drain().count:
        let_all_be_due(shop)
    (job,) = outbox.listing(shop, state="dead")
    assert only(shop).state == "failed"
    return job.id


def test_a_given_up_delivery_goes_out_when_its_job_is_tried_again(shop, dead, paper):
    reviving.retry(shop, dead)
    assert outbox.listing(shop, state="dead") == []
    drain()
    assert only(shop).state == "sent"
    assert len(paper.sent) == 1


def test_all_that_is_dead_goes_out_at_once(shop, dead, paper):
    assert reviving.retry_all(shop).tried == 1
    drain()
    assert (only(shop).state, outbox.listing(shop, state="dead")) == ("sent", [])
    assert reviving.retry_all(shop).tried == 0


def test_what_was_sent_meanwhile_is_said_and_listed_no_more(shop, dead, paper):
    delivering.retry(shop, only(shop).id)
    drain()
    with pytest.raises(Conflict):
        reviving.retry(shop, dead)
    assert outbox.listing(shop, state="dead") == []
    assert len(paper.sent) == 1


def test_sending_again_needs_the_permission_to_send(shop, dead, paper):
    developer = replace(shop, permissions=frozenset({"outbox.retry", "outbox.view"}))
    with pytest.raises(Forbidden):
        reviving.retry(developer, dead)
    assert reviving.retry_all(developer).tried == 0
    drain()
    assert paper.sent == []
    with pytest.raises(NotFound):
        reviving.retry(shop, new_id())
