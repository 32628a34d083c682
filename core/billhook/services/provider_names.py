"""How people call what plugins bring: by the plugin's title, and its own name where it has several."""

from collections.abc import Sequence

from billhook.errors import PluginUnavailable
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context


def provider_name(ctx: Context, key: str, among: Sequence[str] = ()) -> str:
    """Return a provider's name for people; the key itself once its plugin is off."""
    plugin, _dot, own = key.partition(".")
    try:
        title = relay(ctx).plugin(plugin).info.title
    except PluginUnavailable:
        return key
    has_several = sum(other.partition(".")[0] == plugin for other in among) > 1
    return f"{title} ({own})" if has_several else title


def provider_choices(ctx: Context, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Return keys with their names, for a field that offers them."""
    return [(key, provider_name(ctx, key, keys)) for key in keys]
