"""The application factory: wiring, and nothing else."""

from collections.abc import Sequence
from types import ModuleType

from flask import Flask

from billhook import logs, models, web
from billhook.config import Config
from billhook.db import db, install_guards
from billhook.plugins.host import PluginHost
from billhook.plugins.runtime import EXTENSION, Runtime
from billhook.sdk.ports import Ports
from billhook.services.plugin_settings import SettingsOfPlugins
from billhook.services.products import ProductPrices

__all__ = ["create_app", "models"]  # models: importing them maps the tables

POOL = {
    "pool_size": 5,
    "max_overflow": 15,
    "pool_timeout": 30,
    "pool_pre_ping": True,
    "pool_recycle": 1800,
    "connect_args": {"application_name": "billhook", "connect_timeout": 10},
}


def create_app(config: Config, plugins: Sequence[ModuleType] | None = None) -> Flask:
    """Make an application; without plugins it takes those that are installed."""
    logs.set_up()
    app = Flask("billhook")
    app.config.from_mapping(
        TESTING=config.is_testing,
        SECRET_KEY=config.session_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={} if config.is_sqlite else POOL,
    )
    db.init_app(app)
    with app.app_context():
        install_guards(db.engine)
    app.extensions[EXTENSION] = Runtime(
        config=config,
        host=PluginHost.discovered(config, plugins),
        ports=Ports(settings=SettingsOfPlugins(), prices=ProductPrices()),
        wake=lambda: None,
    )
    web.init_app(app)
    return app
