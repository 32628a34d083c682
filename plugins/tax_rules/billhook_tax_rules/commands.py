"""Commands for ``billhook tax_rules …``."""

import json
from collections.abc import Sequence
from datetime import date, datetime

import click

from billhook.domain.tax import ComponentKind
from billhook.money import plain
from billhook.sdk.context import Context
from billhook_tax_rules.listing import PlaceUnknown, all_rates, rates_of
from billhook_tax_rules.rates import Rate
from billhook_tax_rules.tables import sources
from billhook_tax_rules.texts import gettext as _

_COLUMNS = ("country", "tax", "category", "rate", "from", "until")


@click.command()
@click.argument("country", required=False)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day; today where it is left out.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with the source of each rate.")
@click.pass_obj
def rates(ctx: Context, country: str | None, on: datetime | None, *, as_json: bool) -> None:
    """List the tax rates in force, of all places or of one.

    \b
    billhook tax_rules rates
    billhook tax_rules rates DE --on 2020-08-01
    billhook tax_rules rates CA-QC --on 2012-12-31

    COUNTRY is a code of ISO 3166, alone or with a state or province. The
    country's own rates are listed with those of its part.
    """
    day = on.date() if on else ctx.today()
    found = _rates(country.upper(), day) if country else all_rates(day)
    click.echo(_as_json(found, day) if as_json else _as_table(found))


def _rates(place: str, day: date) -> list[Rate]:
    try:
        return rates_of(place, day)
    except PlaceUnknown as error:
        raise click.BadParameter(error.message, param_hint="COUNTRY") from None


def _as_json(found: Sequence[Rate], day: date) -> str:
    content = {
        "on": day.isoformat(),
        "rates": [
            {
                "country": rate.country,
                "subdivision": rate.subdivision,
                "tax": rate.tax,
                "kind": rate.kind.value,
                "category": rate.category,
                "rate": plain(rate.percent),
                "from": rate.validity.start.isoformat(),
                "until": _until(rate),
                "source": sources()[rate.source],
            }
            for rate in found
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _as_table(found: Sequence[Rate]) -> str:
    lines = [_COLUMNS, *(_row(rate) for rate in found)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _row(rate: Rate) -> tuple[str, ...]:
    place = f"{rate.country}-{rate.subdivision}" if rate.subdivision else rate.country
    start = rate.validity.start.isoformat()
    tax = _("%(tax)s, compound", tax=rate.tax) if rate.kind is ComponentKind.COMPOUND else rate.tax
    return (place, tax, rate.category, plain(rate.percent), start, _until(rate) or "")


def _until(rate: Rate) -> str | None:
    """Return the last day, as people read it."""
    last = rate.validity.last_day
    return last.isoformat() if last else None
