"""``billhook theme``: how documents and mails can look."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from billhook.cli.command import plain_command, tenant_command
from billhook.cli.output import Answer, Table
from billhook.i18n import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billhook.sdk.context import Context


@click.group()
def theme() -> None:
    """See the installed themes, and choose one for a brand.

    \b
    billhook theme list
    billhook theme use atelier --tenant shop
    """


@plain_command(theme, "list")
def list_themes() -> Answer:
    """List all installed themes, with the reason where one cannot be used.

    \b
    billhook theme list

    Next: billhook theme use NAME
    """
    from billhook.plugins.runtime import runtime

    themes = runtime().themes
    entries: list[dict[str, Any]] = [
        {
            "name": name,
            "title": one.info.title,
            "summary": one.info.summary,
            "version": one.version,
            "distribution": one.distribution,
            "colours": dict(one.info.colours),
            "state": "installed",
            "reason": "",
        }
        for name, one in themes.installed.items()
    ]
    entries += [
        {
            "name": one.name,
            "title": "",
            "summary": "",
            "version": "",
            "distribution": one.distribution,
            "colours": {},
            "state": "refused",
            "reason": one.reason,
        }
        for one in themes.refused.values()
    ]
    titles = (_("theme"), _("version"), _("state"), _("colours"), _("about"))
    rows = [
        (
            one["name"],
            one["version"],
            one["state"],
            " ".join(f"{name}={colour}" for name, colour in one["colours"].items()),
            one["summary"] or one["title"] or one["reason"],
        )
        for one in entries
    ]
    return Answer({"themes": entries}, [Table(titles, rows)])


@tenant_command(theme, "use")
@click.argument("name")
@click.option("--brand", default="", help="Code of the brand; else the default one.")
def use(ctx: "Context", name: str, brand: str) -> Answer:
    """Choose the theme of a brand. Documents that were rendered before stay as they are.

    \b
    billhook theme use atelier --tenant shop
    billhook theme use default --brand north-shop --tenant shop
    """
    from billhook.services import brands
    from billhook.services.brand_changes import BrandInput

    code = brands.get(ctx, brand).code
    changed = brands.save(ctx, BrandInput(code=code, theme=name))
    text = _("The brand %(brand)s has the theme %(theme)s.", brand=code, theme=changed.theme)
    return Answer({"brand": code, "theme": changed.theme, "version": changed.version}, [text])


@tenant_command(theme, "preview")
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the pages.",
)
@click.option("--sample", multiple=True, help="Only these of the samples; can be given again.")
def preview(ctx: "Context", name: str, out: Path, sample: tuple[str, ...]) -> Answer:
    """Render made-up documents and mails by a theme, to look at them.

    \b
    billhook theme preview default --out preview --tenant shop
    billhook theme preview default --sample one-line --out preview --tenant shop

    Writes each document as HTML, as PDF where the tenant has a renderer, and as mail.
    """
    from billhook.services.samples import SAMPLES

    if missing := [one for one in sample if one not in SAMPLES]:
        raise click.BadParameter(
            _(
                "There is no sample %(name)s. There are %(known)s.",
                name=missing[0],
                known=", ".join(SAMPLES),
            )
        )
    out.mkdir(parents=True, exist_ok=True)
    written = [path for one in sample or SAMPLES for path in _write(ctx, name, one, out)]
    return Answer({"files": [str(path) for path in written]}, [str(path) for path in written])


def _write(ctx: "Context", theme_name: str, sample: str, out: Path) -> "Iterator[Path]":
    from billhook.services.previews import sample_files

    for name, content in sample_files(ctx, theme_name, sample):
        path = out / name
        path.write_bytes(content)
        yield path
