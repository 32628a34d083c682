"""`billhook worker`: does what is due until it is told to stop.

Embedded, each of its processes drains. In production they are RQ's workers, each
of which forks a process for each call, and one dispatcher, which brings the calls
to Redis. Beside them one process sends webhooks. Any number of workers may run, on
any number of machines; each has a dispatcher and a sender, so that none is missed.
"""

import gc
import math
import time
from functools import partial

import structlog
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers

from billhook.db import db
from billhook.ids import new_id
from billhook.jobs.children import keep_alive, on_stop
from billhook.jobs.dispatch import dispatch, queue_in
from billhook.jobs.embedded import EmbeddedDrainer
from billhook.jobs.leases import take
from billhook.jobs.webhook_sender import WebhookSender
from billhook.plugins.runtime import runtime
from billhook.services.schedules import begin_missing

IDLE_SECONDS = 1
"""How often the dispatcher looks while nothing is due."""

BUSY_SECONDS = 0.05

LONGEST_WAIT_SECONDS = 4
"""How long the dispatcher waits at most before it asks again for a Redis or database that is away."""

SWEEP_SECONDS = 60
"""How often the dispatcher looks for tenants whose schedule does not run."""

log = structlog.get_logger(__name__)


def work(app: Flask, processes: int = 1) -> None:
    """Work in so many processes until SIGTERM or SIGINT; what is in hand is finished first."""
    with app.app_context():
        redis_url = runtime().config.redis_url
        _warm_up()
    numbers = range(1, processes + 1)
    if redis_url is not None:
        serving = {f"rq {number}": partial(_serve, app, redis_url) for number in numbers}
        keep_alive(
            {
                "dispatcher": partial(_dispatch, app, redis_url),
                **serving,
                "webhooks": partial(_send, app),
            }
        )
    else:
        draining = {f"drainer {number}": partial(_drain, app) for number in numbers}
        keep_alive({**draining, "webhooks": partial(_send, app)})


def _warm_up() -> None:
    """Do once what every process for a job would do anew: it is forked with all of this in place."""
    configure_mappers()
    take(new_id())  # there is no such tenant: learns how the database speaks
    db.session.remove()
    db.engine.dispose()  # no process shares a connection with another
    gc.collect()
    gc.freeze()  # else the collector of each forked process copies all memory: ten times the time


def _drain(app: Flask) -> None:
    drainer = EmbeddedDrainer(app)
    on_stop(drainer.request_stop)
    drainer.work()


def _send(app: Flask) -> None:
    sender = WebhookSender(app)
    on_stop(sender.request_stop)
    sender.work()


def _dispatch(app: Flask, redis_url: str) -> None:
    is_stopping: list[bool] = []
    on_stop(lambda: is_stopping.append(True))
    connection = Redis.from_url(redis_url, socket_timeout=10)
    swept = -math.inf
    wait: float = IDLE_SECONDS
    while not is_stopping:
        try:
            with app.app_context():
                if time.monotonic() - swept >= SWEEP_SECONDS:
                    begin_missing()
                    swept = time.monotonic()
                wait = BUSY_SECONDS if dispatch(connection) else IDLE_SECONDS
        except (RedisError, OperationalError) as error:  # away, or being restarted
            wait = min(max(2 * wait, IDLE_SECONDS), LONGEST_WAIT_SECONDS)
            log.warning("dispatcher.waits", reason=str(error), seconds=wait)
        time.sleep(wait)


class _RQWorker(Worker):
    max_connection_wait_time = 5.0


def _serve(app: Flask, redis_url: str) -> None:
    connection = Redis.from_url(redis_url)
    _await(connection)
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


def _await(connection: Redis) -> None:
    """Wait until Redis answers."""
    while True:
        try:
            connection.ping()
            return
        except RedisError:
            time.sleep(IDLE_SECONDS)
