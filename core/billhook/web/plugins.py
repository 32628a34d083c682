from flask import Blueprint

blueprint = Blueprint("plugins", __name__)
