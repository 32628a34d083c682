"""Values that options take, refused with exit status 2 where they are none."""

import re
from datetime import date

import click

from billhook.i18n import gettext as _

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Day(click.ParamType):
    """A date, ``2026-11-30``."""

    name = "date"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fail(
            _("“%(value)s” is not a date. Write year, month and day: 2026-11-30.", value=value),
            param,
            ctx,
        )


class Pair(click.ParamType):
    """A name and a value, ``name=value``."""

    name = "name=value"

    def convert(
        self,
        value: str | tuple[str, str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, rest = value.partition("=")
        if not equals or not name.strip():
            self.fail(_("“%(value)s” is not NAME=VALUE.", value=value), param, ctx)
        return name.strip(), rest


DAY = Day()
PAIR = Pair()
