"""Whether the process lives, and whether it can serve: for probes, without any secret."""

from http import HTTPStatus

from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from billhook.db import db
from billhook.web.access import public

blueprint = Blueprint("health", __name__)

Answer = tuple[dict[str, str], int]


@blueprint.get("/health")
@public
def live() -> Answer:
    """Tell that the process answers."""
    return {"status": "live"}, HTTPStatus.OK


@blueprint.get("/ready")
@public
def ready() -> Answer:
    """Tell whether the database can be reached and has the newest schema."""
    try:
        db.session.execute(db.text("SELECT 1"))
    except SQLAlchemyError:
        return {"status": "database unreachable"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready"}, HTTPStatus.OK
