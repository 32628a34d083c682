"""Writes the page of the documentation: python -m billhook.api.reference > docs/reference/api.md"""

import click

from billhook.api.reference.markdown import reference

click.echo(reference(), nl=False)
