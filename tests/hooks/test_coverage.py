"""Every hook has a test that is named after it."""

import ast
from pathlib import Path

from billhook.plugins.contract import contracts


def test_every_hook_has_a_test_named_after_it():
    tests = {
        node.name
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    missing = [name for name in contracts() if f"test_{name}" not in tests]
    assert not missing, "A hook ships with a test of its name in tests/hooks."


def test_every_hook_says_what_a_plugin_needs_to_know():
    for contract in contracts().values():
        assert contract.specification.__doc__, contract.name
        assert contract.since, contract.name
        assert not contract.one_per or contract.one_per in contract.arguments
