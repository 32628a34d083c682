"""``python -m billhook`` is ``billhook``."""

from billhook.cli.main import main

main()
