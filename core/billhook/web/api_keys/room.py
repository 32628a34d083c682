"""The blueprints that the pages of API keys share: the keys, and what was asked with them."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("api_keys", __name__, url_prefix="/api-keys")
requests_blueprint = Blueprint("api_requests", __name__, url_prefix="/api-requests")

Page = str | Response | tuple[str, int]
