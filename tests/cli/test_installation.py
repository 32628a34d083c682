"""Commands of the whole installation, and what all commands have in common."""

import json
import os
import subprocess
import sys

import click
import pytest

from billhook.__main__ import PROGRAM
from billhook.cli.main import COMMANDS
from billhook.cli.main import billhook as group


def commands():
    """Return every command with the words that name it."""

    def walk(command, words):
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                yield from walk(command.get_command(context, name), (*words, name))
        else:
            yield words, command

    return list(walk(group, ()))


EVERY = [pytest.param(words, command, id=" ".join(words)) for words, command in commands()]
WITHOUT_ANSWER = {("serve",), ("worker",), ("demo",)}


@pytest.mark.parametrize(("words", "command"), EVERY)
def test_every_command_teaches_by_an_example(billhook, words, command):
    told = billhook(*words, "--help").out.split("Options:")[0].split("\n", 1)[1]
    assert f"billhook {' '.join(words)}" in told or f"./bin/{words[0]}" in told


@pytest.mark.parametrize(("words", "command"), EVERY)
def test_every_command_that_answers_takes_json(words, command):
    options = {name for parameter in command.params for name in parameter.opts}
    assert "--json" in options or words in WITHOUT_ANSWER


@pytest.mark.parametrize(("words", "command"), EVERY)
def test_every_option_says_what_it_is(words, command):
    unsaid = [
        option.opts
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert unsaid == []


def test_help_names_all_commands(billhook):
    text = billhook("--help").out
    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert "..." not in text.split("Commands:")[1]


@pytest.mark.parametrize(
    "start", [["-m", "billhook"], ["-c", "from billhook.__main__ import main; main()"]]
)
def test_the_module_is_the_program(start, tmp_path):
    ran = subprocess.run(
        [sys.executable, *start, "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("billhook, version ")


def test_help_comes_without_the_application(tmp_path):
    """Quick, because neither the database nor the pages are imported for it."""
    code = (
        "import sys; from billhook.cli.main import billhook\n"
        "try: billhook(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'flask', 'alembic', 'openpyxl', 'rich', 'redis'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_an_installation_without_settings_makes_its_database(tmp_path):
    """Everything lives in the folder that --home names."""
    home = tmp_path / "new"
    environ = {name: value for name, value in os.environ.items() if "BILLHOOK" not in name}
    ran = subprocess.run(
        [sys.executable, "-m", "billhook", "--home", str(home), "tenant", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    assert json.loads(ran.stdout) == {"tenants": []}
    assert (home / "billhook.db").exists()


def test_an_older_database_is_named_with_the_command_that_helps(tmp_path, monkeypatch):
    from click.testing import CliRunner

    for name in [name for name in os.environ if name.startswith("BILLHOOK_")]:
        if name not in ("BILLHOOK_TEST_BACKEND", "BILLHOOK_TEST_RUN", "BILLHOOK_TEST_RUN_FOLDER"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BILLHOOK_HOME", str(tmp_path))
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    result = CliRunner().invoke(group, ["tenant", "list"], obj=PROGRAM)
    assert result.exit_code == 1
    assert "billhook db upgrade" in result.stderr


def test_a_database_out_of_reach_is_said_in_a_line(tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("BILLHOOK_HOME", str(tmp_path))
    monkeypatch.setenv("BILLHOOK_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.delenv("BILLHOOK_OWNER_DATABASE_URL", raising=False)
    result = CliRunner().invoke(group, ["tenant", "list", "--json"], obj=PROGRAM)
    assert result.exit_code == 1
    assert json.loads(result.stderr)["error"]["code"] == "database.unreachable"
    assert "Traceback" not in result.stderr


class TestDb:
    def test_upgrade_says_what_moved(self, billhook):
        assert billhook("db", "upgrade", "--json").json == {"upgraded": []}
        assert "up to date" in billhook("db", "upgrade").out

    def test_status_names_each_part(self, billhook):
        parts = billhook("db", "status", "--json").json["parts"]
        assert parts[0]["name"] == "core"
        assert all(part["is_current"] for part in parts)
        assert "core" in billhook("db", "status").out


class TestSecrets:
    def test_rotate_seals_those_of_every_tenant(self, shop):
        found = shop("secrets", "rotate", "--json").json
        assert (found["tenants"], found["secrets"], found["unreadable"]) == (1, 0, [])


class TestTenantChoice:
    def test_without_a_tenant_it_is_said_how_to_name_one(self, billhook):
        ran = billhook("series", "list", status=2)
        assert "--tenant SLUG" in ran.err
        assert "BILLHOOK_TENANT" in ran.err

    @pytest.mark.parametrize("place", ["after", "before", "environment"])
    def test_it_stands_anywhere(self, shop, billhook, monkeypatch, place):
        if place == "environment":
            monkeypatch.setenv("BILLHOOK_TENANT", "shop")
        words = {
            "after": ["series", "list", "--tenant", "shop"],
            "before": ["--tenant", "shop", "series", "list"],
            "environment": ["series", "list"],
        }
        assert "INV" in billhook(*words[place]).out

    def test_the_commands_own_comes_first(self, shop, billhook):
        assert billhook("--tenant", "shop", "series", "list", "--tenant", "no", status=1).err

    def test_an_unknown_tenant_is_an_error(self, billhook):
        assert "nobody" in billhook("series", "list", "--tenant", "nobody", status=1).err


class TestErrors:
    def test_are_told_on_stderr_each_with_its_field(self, billhook):
        ran = billhook(
            *("tenant", "create", "Shop!", "--name", "S", "--country", "XX", "--currency", "E"),
            status=1,
        )
        assert ran.out == ""
        assert [line.split(":")[1].strip() for line in ran.err.splitlines()] == [
            *("country", "currency", "slug"),
        ]

    def test_are_json_on_stderr_where_json_is_asked_for(self, billhook):
        ran = billhook("series", "list", "--tenant", "nobody", "--json", status=1)
        assert ran.out == ""
        assert json.loads(ran.err)["error"]["code"] == "resource.not_found"

    def test_a_wrong_use_is_status_2(self, shop):
        for words in (
            ["bill-run"],
            ["bill-run", "--until", "tomorrow"],
            ["bill-run", "--until", "2026-02-30"],
            ["charges", "list", "--state", "lost"],
            ["charges", "list", "--limit", "0"],
            ["nothing"],
            ["series", "nothing"],
        ):
            assert "Usage" in shop(*words, status=2).err


def test_a_terminal_gets_a_table_in_which_nothing_is_cut(monkeypatch, capsys):
    from billhook.cli import output

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    number = "INV-2026-" + "0" * 40
    table = output.Table(("number", "name", ">sum"), [(number, "[red]Ann Lee", "1234.50")])
    output.show(output.Answer({}, [table]), as_json=False)
    text = capsys.readouterr().out
    assert "─" in text
    assert all(whole in text for whole in (number, "[red]Ann", "Lee", "1234.50"))


def test_json_keeps_exact_numbers_as_texts():
    from datetime import date
    from decimal import Decimal

    from billhook.cli.output import as_text

    text = as_text({"price": Decimal("1.50"), "on": date(2026, 1, 1), "names": {"b", "a"}})
    assert json.loads(text) == {"price": "1.5", "on": "2026-01-01", "names": ["a", "b"]}
