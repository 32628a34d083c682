"""Tenants, people, plugins, series and rates, from the command line."""

from uuid import UUID

import pytest

from billhook.services.tenants import DEFAULT_PACK
from billhook.testing.members import join


class TestTenant:
    def test_create_prints_what_it_made(self, billhook):
        made = billhook(
            *("tenant", "create", "acme", "--name", "Acme AG", "--country", "CH"),
            *("--currency", "CHF", "--supplies", "service", "--language", "de"),
            *("--admin-email", "ann@example.org", "--sandbox", "--json"),
        ).json
        assert (made["slug"], made["time_zone"], made["is_sandbox"]) == (
            *("acme", "Europe/Zurich", True),
        )
        assert set(made["plugins"]) == set(DEFAULT_PACK)
        assert made["left_out"] == []
        assert made["invitation"]["link"].startswith("http")

    def test_create_in_words(self, billhook):
        text = billhook(
            *("tenant", "create", "acme", "--name", "Acme", "--country", "DE"),
            *("--currency", "EUR", "--pack", "", "--admin-email", "ann@example.org"),
        ).out
        assert "Opened Acme (acme)." in text
        assert "Plugins: none" in text
        assert "One-time link" in text

    @pytest.mark.parametrize(
        ("option", "value"),
        [("--country", "XX"), ("--currency", "EURO"), ("--vat-id", "DE1"), ("--language", "xx")],
    )
    def test_create_refuses_a_bad_value(self, billhook, option, value):
        told = {"--name": "A", "--country": "DE", "--currency": "EUR", option: value}
        words = [word for pair in told.items() for word in pair]
        assert billhook("tenant", "create", "acme", *words, status=1).err
        assert billhook("tenant", "list", "--json").json == {"tenants": []}

    def test_list_and_show(self, shop):
        assert shop("tenant", "list", "--json").json["tenants"][0]["slug"] == "shop"
        assert "Shop GmbH" in shop("tenant", "list").out
        shown = shop("tenant", "show", "--json").json
        assert shown["registrations"][0]["number"] == "DE136695976"
        assert shown["tax_engine"].startswith("tax_rules.")
        assert "DE136695976" in shop("tenant", "show").out

    def test_set_changes_what_is_named(self, shop):
        changed = shop(
            *("tenant", "set", "--city", "Bonn", "--payment-days", "14", "--json"),
            *("--prices-include-tax", "--cash-rounding", "5", "--tax-rounding", "line"),
        ).json
        assert (changed["city"], changed["payment_days"], changed["name"]) == (
            *("Bonn", 14, "Shop GmbH"),
        )
        assert (changed["prices_include_tax"], changed["cash_rounding"]) == (True, 5)
        assert shop("tenant", "set", status=2).err
        assert shop("tenant", "set", "--tax-engine", "nowhere.x", status=1).err

    def test_register_and_end(self, shop):
        words = ("--from", "2026-01-01", "--until", "2026-12-31", "--json")
        registered = shop("tenant", "register", "CA-QC", "--number", "1234567890TQ0001", *words)
        quebec = registered.json["registrations"][1]
        assert (quebec["country"], quebec["subdivision"], quebec["scheme"]) == ("CA", "QC", "qst")
        assert quebec["valid_to"] == "2027-01-01"
        text = shop("tenant", "show").out
        assert "CA-QC" in text
        assert "2026-12-31" in text  # people read the last day
        ended = shop(
            *("tenant", "end-registration", quebec["id"], "--until", "2026-06-30", "--json")
        )
        assert ended.json["registrations"][1]["valid_to"] == "2026-07-01"
        assert shop("tenant", "register", "XX", status=1).err
        assert shop("tenant", "register", "FR", "--scheme", "magic", status=2).err


class TestPeople:
    def test_invite_prints_a_one_time_link(self, shop):
        made = shop("people", "invite", "ann@example.org", "--name", "Ann", "--json").json
        assert made["link"].startswith("http")
        again = shop("people", "invite", "ann@example.org", "--name", "Ann", "--role", "admin").out
        assert made["link"] not in again
        [person] = shop("people", "list", "--json").json["people"]
        assert (person["email"], person["is_invited"]) == ("ann@example.org", True)
        assert "ann@example.org" in shop("people", "list").out

    def test_a_bad_address_or_role_is_refused(self, shop):
        assert shop("people", "invite", "ann", "--name", "Ann", status=1).err
        assert shop("people", "invite", "a@b.de", "--name", "A", "--role", "king", status=1).err
        assert shop("people", "list", "--json").json == {"people": []}

    def test_roles_change_and_access_ends(self, shop):
        join("shop", "boss@example.org")
        join("shop", "ann@example.org", role="clerk")
        changed = shop("people", "set", "Ann@example.org", "--role", "auditor", "--json").json
        assert changed["role"] == "auditor"
        link = shop("people", "reset-password", "ann@example.org", "--json").json["link"]
        assert link.startswith("http")
        assert "no access" in shop("people", "deactivate", "ann@example.org").out
        people = shop("people", "list", "--json").json["people"]
        assert {one["email"]: one["is_active"] for one in people} == {
            "boss@example.org": True,
            "ann@example.org": False,
        }
        assert shop("people", "deactivate", "boss@example.org", status=1).err
        assert shop("people", "set", "nobody@example.org", "--role", "admin", status=1).err


class TestPlugins:
    def test_list_tells_their_state_and_commands(self, shop):
        found = {one["name"]: one for one in shop("plugin", "list", "--json").json["plugins"]}
        assert found["tax_rules"]["state"] == "enabled"
        assert found["tax_rules"]["commands"] == ["rates"]
        assert "tax_rules" in shop("plugin", "list").out

    def test_disable_and_enable(self, shop):
        disabled = shop("plugin", "disable", "tax_rules", "--json")
        assert disabled.json["state"] == "disabled"
        assert disabled.json["warnings"][0]["code"] == "plugin.tax_engine_disabled"
        assert "tax engine" in disabled.err
        enabled = shop("plugin", "enable", "tax-rules", "--no-wait").out
        assert "tax_rules is enabled." in enabled

    def test_what_is_not_installed_cannot_be_enabled(self, shop):
        assert shop("plugin", "enable", "nothing", status=1).err

    def test_settings_are_shown_and_changed(self, shop):
        name = "refuses_wrong_numbers"
        changed = shop("plugin", "settings", "tax_rules", f"{name}=true", "--json").json
        found = {one["name"]: one for one in changed["settings"]}
        assert (found[name]["value"], found[name]["source"]) == ("true", "stored")
        back = shop("plugin", "settings", "tax_rules", "--unset", name, "--json").json
        assert {one["name"]: one["source"] for one in back["settings"]}[name] == "default"
        assert name in shop("plugin", "settings", "tax-rules").out

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            (["nothing=1"], 1),
            (["refuses_wrong_numbers=perhaps"], 1),
            (["refuses_wrong_numbers"], 2),
            (["=1"], 2),
        ],
    )
    def test_a_bad_setting_is_refused(self, shop, words, status):
        assert shop("plugin", "settings", "tax_rules", *words, status=status).err


class TestPluginCommands:
    @pytest.mark.parametrize("name", ["tax_rules", "tax-rules"])
    def test_a_plugin_brings_commands(self, shop, name):
        found = shop(name, "rates", "GB", "--on", "2010-12-01", "--json").json
        assert {rate["rate"] for rate in found["rates"]} >= {"17.5"}

    @pytest.mark.parametrize("tenant", [["--tenant", "shop"], ["--tenant=shop"]])
    def test_the_tenant_can_stand_at_the_end(self, shop, billhook, tenant):
        assert "VAT" in billhook("tax_rules", "rates", "DE", *tenant).out
        assert "VAT" in billhook("tax_rules", *tenant, "rates", "DE").out

    def test_help_lists_them(self, shop):
        assert "rates" in shop("tax_rules", "--help").out
        assert "--on" in shop("tax_rules", "rates", "--help").out

    def test_they_are_gone_where_the_plugin_is_off(self, shop):
        shop("plugin", "disable", "tax_rules")
        assert "billhook plugin enable tax_rules" in shop("tax_rules", "rates", status=1).err

    def test_they_need_a_tenant(self, billhook):
        assert "--tenant" in billhook("tax_rules", "rates", status=2).err

    def test_their_errors_are_told_as_all_are(self, shop):
        assert "UNKNOWN" in shop("pricing_standard", "quote", "UNKNOWN", status=1).err


class TestSeries:
    def test_list_and_set(self, shop):
        codes = [one["code"] for one in shop("series", "list", "--json").json["series"]]
        changed = shop(
            *("series", "set", codes[0], "--pattern", "R{number:6}", "--restart", "never"),
            *("--first-number", "100", "--json"),
        ).json
        assert changed["pattern"] == "R{number:6}"
        assert (changed["restarts_yearly"], changed["first_number"]) == (False, 100)
        assert "R{number:6}" in shop("series", "list").out

    def test_a_bad_series_is_refused(self, shop):
        code = shop("series", "list", "--json").json["series"][0]["code"]
        assert shop("series", "set", "nothing", "--pattern", "{number}", status=1).err
        assert shop("series", "set", code, "--pattern", "no number", status=1).err
        assert shop("series", "set", code, "--first-number", "0", status=1).err
        assert shop("series", "set", code, status=2).err


class TestFxRates:
    def test_set_and_list(self, shop):
        made = shop("fx-rates", "set", "usd", "0.9213", "--on", "2026-01-31", "--json").json
        assert UUID(made["id"])
        assert made == {
            "id": made["id"],
            "currency": "USD",
            "on": "2026-01-31",
            "rate": "0.9213",
            "source": "manual",
        }
        assert shop("fx-rates", "list", "--currency", "USD", "--json").json == {"rates": [made]}
        assert "0.9213" in shop("fx-rates", "list").out

    @pytest.mark.parametrize(
        "words",
        [
            ["USD", "NaN"],
            ["USD", "1e400"],
            ["USD", "0"],
            ["USD", "0,9"],
            ["XXX", "1"],
            ["EUR", "1.1"],
        ],
    )
    def test_a_bad_rate_is_refused(self, shop, words):
        assert shop("fx-rates", "set", *words, status=1).err
        assert shop("fx-rates", "list", "--json").json == {"rates": []}
