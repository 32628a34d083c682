"""A plugin's life in a tenant."""

from collections.abc import Sequence

from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.hookspecs.markers import Failure, hookspec


@hookspec(failure=Failure.STRICT, since="0.1")
def plugin_enabling(ctx: Context) -> Sequence[Problem]:
    """Tell what stands against enabling this plugin for the tenant.

    Called on the plugin itself, inside the transaction that enables it. An error
    refuses, a warning is shown. Rows that the plugin needs may be written here.
    """


@hookspec(failure=Failure.ISOLATED, since="0.1")
def plugin_disabling(ctx: Context) -> Sequence[Problem]:
    """Tell what stands against disabling this plugin for the tenant.

    Called on the plugin itself, inside the transaction that disables it. An error
    refuses, a warning is shown; a plugin that fails here is disabled nevertheless.
    Its data stays; this is no place to delete.
    """
