"""The clients' portal as the company runs it: settings, the usage log, a look as a client."""

from billhook.web.portal import looking, overview, settings, usage_log
from billhook.web.portal.rooms import blueprint, visits_blueprint

__all__ = ["blueprint", "looking", "overview", "settings", "usage_log", "visits_blueprint"]
