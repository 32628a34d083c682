"""What a plugin says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """The `info` of a plugin's module. Name and entry point are the same."""

    name: str
    title: str
    summary: str
    version: str
    hook_api: int
    """The `HOOK_API` that it was written for."""
    depends: tuple[str, ...] = ()
    """Names of plugins that must be enabled beside it."""
    sends_data_to: str = ""
    """Who outside receives data, and which; empty where nothing leaves."""
