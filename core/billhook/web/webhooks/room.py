"""The blueprints that the pages of webhooks share: the endpoints, and what was sent to them."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
deliveries_blueprint = Blueprint("webhook_deliveries", __name__, url_prefix="/webhook-deliveries")

Page = str | Response | tuple[str, int]
