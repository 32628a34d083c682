"""Whether the process lives, and whether it can serve: for probes, without any secret."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from billhook.db import db
from billhook.plugins.migrating import status
from billhook.plugins.runtime import runtime
from billhook.web.access import public

blueprint = Blueprint("health", __name__)

CURRENT = "BILLHOOK_SCHEMA_IS_CURRENT"

Answer = tuple[dict[str, str], int]


@blueprint.get("/health")
@public
def live() -> Answer:
    """Tell that the process answers."""
    return {"status": "live"}, HTTPStatus.OK


@blueprint.get("/ready")
@public
def ready() -> Answer:
    """Tell whether the database can be reached and has the tables that this code needs."""
    try:
        behind = _is_behind()
    except SQLAlchemyError:
        return {"status": "database unreachable"}, HTTPStatus.SERVICE_UNAVAILABLE
    if behind:
        return {"status": "database needs: billhook db upgrade"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready"}, HTTPStatus.OK


def _is_behind() -> bool:
    """Ask the database; once it is current it stays so for this code."""
    db.session.execute(db.text("SELECT 1"))
    if current_app.config.get(CURRENT):
        return False
    wiring = runtime()
    config = replace(wiring.config, owner_database_url=wiring.config.database_url)
    modules = [plugin.module for plugin in wiring.host.installed.values()]
    current_app.config[CURRENT] = all(each.is_current for each in status(config, modules))
    return not current_app.config[CURRENT]
