"""The blueprints that the pages of the portal share: how it is run, and what was done there."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("client_portal", __name__, url_prefix="/settings/portal")
visits_blueprint = Blueprint("portal_visits", __name__, url_prefix="/portal-visits")

Page = str | Response | tuple[str, int]
