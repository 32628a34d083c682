"""The reference of all commands, written from the commands themselves.

python -m billhook.cli.reference > docs/reference/cli.md
"""

from collections.abc import Iterator
from inspect import cleandoc

import click

from billhook.cli.main import billhook

_HEAD = """\
# Commands

Written from the commands by `python -m billhook.cli.reference > docs/reference/cli.md`; a test keeps it current.

Every command takes `--json`: amounts, prices and dates are strings, and names do not change. Those of a tenant take
`--tenant SLUG`, which may stand before the command, too, or in `BILLHOOK_TENANT`. Errors go to stderr with what to do
about them. Exit status: 0 done, 1 failed, 2 wrong use; `bill-run` and `parked retry` end with 3 where some customers
are parked.

Plugins bring commands of their own, `billhook PLUGIN …`, for tenants that have them enabled: `billhook plugin list`.
"""
_COMMON = {"--json", "--tenant"}


def reference() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *_group(billhook, ())]).rstrip() + "\n"


def _group(group: click.Group, words: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(group, info_name="billhook")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from _section(command, (*words, name))


def _section(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
    yield f"{'#' * (len(words) + 1)} {' '.join(words)}"
    yield ""
    if not isinstance(command, click.Group):
        yield from _usage(command, words)
    yield from _prose(command.help or "")
    if isinstance(command, click.Group):
        yield from _group(command, words)
        return
    yield from _options(command)
    if words[0] == "import":
        yield from _columns(words[1])


def _usage(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(("billhook", *words)))
    pieces = command.collect_usage_pieces(context)
    yield f"`{context.command_path} {' '.join(pieces)}`"
    yield ""


def _prose(text: str) -> Iterator[str]:
    """Write paragraphs as they are, and those that are kept as typed as examples."""
    for paragraph in cleandoc(text).split("\n\n"):
        lines = paragraph.splitlines()
        if lines and lines[0] == "\b":
            yield from ("```sh", *lines[1:], "```")
        else:
            yield " ".join(lines)
        yield ""


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option)
        and not _COMMON & set(parameter.opts)
        and (record := parameter.get_help_record(context))
    ]
    if not records:
        return
    yield from ("| option | meaning |", "|---|---|")
    for name, meaning in records:
        yield f"| `{_cell(name)}` | {_cell(meaning)} |"
    yield ""


def _columns(kind: str) -> Iterator[str]:
    from billhook.services.importing import columns

    yield from ("| column | also | meaning |", "|---|---|---|")
    for column in columns(kind):  # type: ignore[arg-type]
        name = f"`{column.field}`" + (" (needed)" if column.is_required else "")
        also = ", ".join(f"`{word}`" for word in column.synonyms)
        yield f"| {name} | {also} | {_cell(str(column.hint))} |"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    click.echo(reference(), nl=False)
