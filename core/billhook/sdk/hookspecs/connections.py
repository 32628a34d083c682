"""What plugins need of the world outside."""

from billhook.sdk.context import Context
from billhook.sdk.health import Health
from billhook.sdk.hookspecs.markers import Failure, hookspec


@hookspec(failure=Failure.ISOLATED, since="0.1")
def check_connection(ctx: Context) -> Health:
    """Try what the plugin needs to work for the tenant, and tell each step.

    Called on the plugin itself, when somebody asks for it on its page, with the
    settings that are stored, and also before it is enabled. It sends nothing to
    anybody, and raises nothing where a step fails: that step says what to do.
    """
