"""The plugin as the core finds it: its hooks fit the contract."""

from importlib.metadata import entry_points

import pluggy

from billhook.domain.tax import TaxQuery
from billhook.sdk.hookspecs import HOOK_API, MODULES, PROJECT
from billhook_tax_rules import plugin
from billhook_tax_rules.settings import TaxRulesSettings


def test_the_entry_point_is_named_like_the_plugin():
    (found,) = entry_points(group="billhook.plugins", name="tax_rules")
    assert found.load().info.name == "tax_rules"
    assert plugin.info.hook_api == HOOK_API


def test_every_hook_is_one_of_the_contract():
    manager = pluggy.PluginManager(PROJECT)
    for module in MODULES:
        manager.add_hookspecs(module)
    manager.register(plugin)
    manager.check_pending()


def test_the_engine_is_made_for_a_tenant_and_answers(ctx, situation, line):
    (factory,) = plugin.register_tax_engines()
    engine = factory(ctx(TaxRulesSettings(exemption_reason="§ 4 Nr. 21 UStG")))
    query = TaxQuery(
        situation=situation("DE", "DE"),
        lines=(line("service", "2024-01-01", "exempt"), line("service", "2024-01-01")),
    )
    (answer,) = engine.assess([query])
    assert [each.note for each in answer.treatments] == ["§ 4 Nr. 21 UStG", ""]
    assert (factory.key, engine.is_remote) == ("tax_rules.rules", False)


def test_documents_are_checked_by_the_tenant_s_settings(ctx, document):
    bad = [document("AE", "FR", "hello")]
    for strict in (False, True):
        context = ctx(TaxRulesSettings(refuses_wrong_numbers=strict))
        ((problem,),) = plugin.document_problems(context, bad, "issue")
        assert (problem.severity == "error") is strict


def test_settings_and_commands_are_offered():
    assert plugin.register_settings() is TaxRulesSettings
    assert [command.name for command in plugin.register_commands()] == ["rates"]
    (routes,) = plugin.register_api_routes()
    assert {operation.path for operation in routes.operations} == {"/rates", "/assessments"}
