"""The blueprint that the pages of the company's settings share."""

from flask import Blueprint

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
