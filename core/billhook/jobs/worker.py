"""`billhook worker`: does what is due until it is told to stop.

Embedded, it drains in this process. In production it keeps two children alive:
an RQ worker, which forks a process for each batch, and a dispatcher, which
brings due work to Redis. Any number of workers may run, on any number of
machines; each has a dispatcher, so that none is missed.
"""

import ctypes
import gc
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType

import structlog
from flask import Flask
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from billhook.db import db
from billhook.ids import new_id
from billhook.jobs.dispatch import dispatch, queue_in
from billhook.jobs.embedded import EmbeddedDrainer
from billhook.jobs.leases import take
from billhook.plugins.runtime import runtime
from billhook.services.schedules import begin_missing

IDLE_SECONDS = 1
"""How often the dispatcher looks while nothing is due, and the children are looked after."""

BUSY_SECONDS = 0.05

SWEEP_SECONDS = 60
"""How often the dispatcher looks for tenants whose schedule does not run."""

_STOPS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


def work(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; what is in hand is finished first."""
    with app.app_context():
        redis_url = runtime().config.redis_url
        _warm_up()
    if redis_url is None:
        drainer = EmbeddedDrainer(app)
        _on_stop(drainer.request_stop)
        drainer.work()
    else:
        _keep_alive(
            {
                "dispatcher": partial(_dispatch, app, redis_url),
                "rq": partial(_serve, app, redis_url),
            }
        )


def _warm_up() -> None:
    """Do once what every process for a job would do anew: it is forked with all of this in place."""
    configure_mappers()
    take(new_id())  # there is no such tenant: learns how the database speaks
    db.session.remove()
    db.engine.dispose()  # no process shares a connection with another
    gc.collect()
    gc.freeze()  # else the collector of each forked process copies all memory: ten times the time


def _keep_alive(children: Mapping[str, Callable[[], None]]) -> None:
    """Run each in a process of its own, and again when it ends, until told to stop.

    A child that loses Redis or the database just ends; a new one tries anew.
    """
    is_stopping: list[bool] = []
    _on_stop(lambda: is_stopping.append(True))
    running: dict[int, str] = {}
    while not is_stopping:
        for name in children.keys() - set(running.values()):
            running[_forked(children[name])] = name
        time.sleep(IDLE_SECONDS)
        for pid in _ended(running):
            log.error("worker.child_ended", child=running.pop(pid))
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def _ended(running: Mapping[int, str]) -> list[int]:
    return [pid for pid in running if os.waitpid(pid, os.WNOHANG) != (0, 0)]


def _forked(act: Callable[[], None]) -> int:
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # none is swallowed by a child half made
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        return child
    code = 1
    try:
        os.setpgid(0, 0)  # Ctrl-C is for the parent: RQ takes a second signal as an order to kill
        for stop in _STOPS:
            signal.signal(stop, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        _end_with(parent)
        act()
        code = 0
    except Exception:  # told by the log and the status; the parent starts another
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Let a worker that is killed leave no children behind, where the system can."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _dispatch(app: Flask, redis_url: str) -> None:
    is_stopping: list[bool] = []
    _on_stop(lambda: is_stopping.append(True))
    connection = Redis.from_url(redis_url, socket_timeout=10)
    swept = -math.inf
    while not is_stopping:
        with app.app_context():
            if time.monotonic() - swept >= SWEEP_SECONDS:
                begin_missing()
                swept = time.monotonic()
            found = dispatch(connection)
        time.sleep(BUSY_SECONDS if found else IDLE_SECONDS)


class _RQWorker(Worker):
    max_connection_wait_time = 5.0


def _serve(app: Flask, redis_url: str) -> None:
    connection = Redis.from_url(redis_url)
    with app.app_context():  # the horses find the application in it
        worker = _RQWorker(
            [queue_in(connection)],
            connection=connection,
            serializer=JSONSerializer,
            maintenance_interval=60,
            worker_ttl=60,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING")


def _on_stop(act: Callable[[], None]) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in _STOPS:
        signal.signal(number, stop)
