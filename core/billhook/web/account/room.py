"""The blueprint that the pages of the account share."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("account", __name__)

Page = str | Response | tuple[str, int]
