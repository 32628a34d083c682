"""The application factory: wiring, and nothing else."""

from collections.abc import Sequence
from types import ModuleType

import orjson
from flask import Flask
from sqlalchemy import inspect

from billhook import api, backlog, logs, models, portal, web
from billhook.config import Config
from billhook.db import db, install_guards
from billhook.jobs.embedded import EmbeddedDrainer
from billhook.jobs.webhook_sender import WebhookSender
from billhook.plugins.host import PluginHost
from billhook.plugins.migrating import upgrade_all
from billhook.plugins.runtime import EXTENSION, Runtime
from billhook.plugins.settings import StoredSettings
from billhook.plugins.themes import Themes
from billhook.portal import own_domains
from billhook.sdk.http import Guard, Http
from billhook.sdk.ports import Ports
from billhook.services import permissions
from billhook.services.delivering import DeliveryReports
from billhook.services.plugin_jobs import PluginJobs
from billhook.services.plugin_prices import PluginPrices

__all__ = ["DRAINER", "SENDER", "create_app", "models"]  # models: importing them maps the tables

DRAINER = "billhook.drainer"
"""The extension that drains the outbox in this process, once it is started; embedded only."""
SENDER = "billhook.webhook_sender"
"""The extension that sends webhooks in this process, once it is started; embedded only."""

QUIET = {"hide_parameters": True}
"""What an error of the database shows in logs and dead letters: no customer's data."""

POOL = {
    "pool_size": 12,  # a thread that answers needs one; what is made beyond is closed after its use
    "max_overflow": 8,
    "pool_use_lifo": True,  # those that are warm know the statements
    "pool_timeout": 30,
    "pool_pre_ping": True,
    "pool_recycle": 1800,
    "json_deserializer": orjson.loads,
    "connect_args": {"application_name": "billhook", "connect_timeout": 10},
}


def create_app(config: Config, plugins: Sequence[ModuleType] | None = None) -> Flask:
    """Make an application, with the plugins that are installed or with exactly those given.

    It starts nothing: whoever serves or works starts the drainer.
    """
    logs.set_up()
    app = Flask("billhook")
    app.config.from_mapping(
        TESTING=config.is_testing,
        SECRET_KEY=config.session_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=QUIET if config.is_sqlite else QUIET | POOL,
    )
    db.init_app(app)
    with app.app_context():
        install_guards(db.engine)
        if config.is_default_database:
            _make_missing_tables(config, plugins)
    app.extensions[DRAINER] = drainer = EmbeddedDrainer(app)
    app.extensions[SENDER] = sender = WebhookSender(app)
    app.extensions[EXTENSION] = Runtime(
        config=config,
        host=PluginHost.discovered(config, plugins, core_permissions=permissions.NAMES),
        themes=Themes(),
        ports=Ports(
            settings=StoredSettings(config.secret_keys),
            prices=PluginPrices(),
            jobs=PluginJobs(),
            deliveries=DeliveryReports(),
            http=Http(Guard(networks=config.outbound_networks)),
        ),
        wake=drainer.wake if config.is_embedded else _nobody_waits,
        wake_sender=sender.wake if config.is_embedded else _nobody_waits,
    )
    backlog.init_app(app)
    own_domains.init_app(app)
    web.init_app(app)
    portal.init_app(app)
    web.trust_keys(api.init_app(app))
    return app


def _make_missing_tables(config: Config, plugins: Sequence[ModuleType] | None) -> None:
    """Let an embedded installation begin without a command; an older one is upgraded by one."""
    if not inspect(db.engine).has_table("tenant"):
        upgrade_all(config, plugins)


def _nobody_waits() -> None:
    """In production dispatchers look by themselves."""
