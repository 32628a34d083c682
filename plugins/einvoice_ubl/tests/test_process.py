"""The process with Saxon in it: started once, by each process for itself, and ended when it must."""

import os
import signal
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from billhook_einvoice_ubl import process
from billhook_einvoice_ubl.process import RulesFailed, process_id, transform

COUNT = """<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/"><n><xsl:value-of select="count(//x)"/></n></xsl:template>
</xsl:stylesheet>"""
ENDLESS = """<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/" name="t"><xsl:call-template name="t"/></xsl:template>
</xsl:stylesheet>"""


@pytest.fixture
def count(tmp_path) -> Path:
    """A stylesheet that counts elements named x."""
    path = tmp_path / "count.xslt"
    path.write_text(COUNT)
    return path


@pytest.fixture(autouse=True)
def _own_process():
    process._stop()
    yield
    process._stop()


def test_one_process_serves_all_documents(count):
    assert transform(count, b"<a><x/><x/></a>").endswith(b"<n>2</n>")
    first = process_id()
    assert transform(count, b"<x/>").endswith(b"<n>1</n>")
    assert process_id() == first


def test_threads_take_turns(count):
    results = {}

    def work(number):
        document = f"<a>{'<x/>' * number}</a>".encode()
        results[number] = [transform(count, document)[-10:] for _ in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in (11, 22, 33)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {
        n: [f"<n>{n}</n>".encode().rjust(10, b">")[-10:]] * 20 for n in (11, 22, 33)
    }


def test_a_forked_process_starts_its_own_and_leaves_its_parents_alone(count):
    transform(count, b"<x/>")
    parents = process_id()
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        answer = transform(count, b"<a><x/><x/><x/></a>")
        os.write(target, b"%d %s" % (process_id() or 0, answer[-8:]))
        process._stop()
        os._exit(0)
    os.close(target)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with os.fdopen(source) as answers:
        own, _space, answer = answers.read().partition(" ")
    assert answer == "<n>3</n>"
    assert int(own) != parents
    assert transform(count, b"<x/>").endswith(b"<n>1</n>")
    assert process_id() == parents


def test_a_fork_in_the_middle_of_anothers_turn_does_not_hang(count):
    transform(count, b"<x/>")
    with process._turn:  # as another thread would hold it
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            transform(count, b"<x/>")
            process._stop()
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_process_that_was_killed_is_started_again(count):
    transform(count, b"<x/>")
    killed = process_id()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert transform(count, b"<x/>").endswith(b"<n>1</n>")
    assert process_id() != killed


def test_rules_that_do_not_end_are_stopped(tmp_path, count):
    endless = tmp_path / "endless.xslt"
    endless.write_text(ENDLESS)
    with pytest.raises(RulesFailed, match="longer than 1 seconds"):
        transform(endless, b"<x/>", deadline=timedelta(seconds=1))
    assert transform(count, b"<x/>").endswith(b"<n>1</n>")


def test_what_saxon_refuses_is_said(tmp_path, count):
    with pytest.raises(RulesFailed, match="DOCTYPE is disallowed"):
        transform(count, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    with pytest.raises(RulesFailed, match="FileNotFound"):
        transform(tmp_path / "none.xslt", b"<x/>")


def test_a_stylesheet_reaches_no_network(tmp_path):
    calling = tmp_path / "calling.xslt"
    calling.write_text(COUNT.replace("count(//x)", "doc('http://127.0.0.1:9/x')"))
    with pytest.raises(RulesFailed, match="prohibited"):
        transform(calling, b"<x/>")


def test_the_process_sees_nothing_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("BILLHOOK_SECRET_KEYS", "open sesame")
    curious = tmp_path / "curious.xslt"
    curious.write_text(COUNT.replace("count(//x)", "environment-variable('BILLHOOK_SECRET_KEYS')"))
    assert b"sesame" not in transform(curious, b"<x/>")
