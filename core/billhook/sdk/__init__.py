"""All that a plugin may import, beside `billhook.domain` and the foundation."""
