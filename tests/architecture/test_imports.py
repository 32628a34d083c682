"""Who may know whom, where import-linter cannot look: plugins that are not among its packages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core" / "billhook"
FOR_PLUGINS = {"sdk", "domain", "testing"}
FOUNDATION = {path.stem for path in CORE.glob("*.py")} - {"app"}


def imports(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    parts = [
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    ]
    return whole + parts


def modules(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "scaffold" not in path.parts]


def plugin_packages() -> list[Path]:
    return sorted(path for path in ROOT.glob("plugins/*/billhook_*") if path.is_dir())


def test_the_core_imports_no_plugin():
    guilty = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(CORE)
        for name in imports(path)
        if name.startswith("billhook_")
    ]
    assert not guilty, "The core finds plugins through entry points; it never names one."


@pytest.mark.parametrize("package", plugin_packages(), ids=lambda package: package.name)
def test_a_plugin_imports_only_what_is_meant_for_it(package):
    guilty = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(package)
        for name in imports(path)
        if name.split(".")[0] == "billhook"
        and name.split(".")[1:2]
        and name.split(".")[1] not in FOR_PLUGINS | FOUNDATION
    ]
    assert not guilty, "A plugin builds on billhook.sdk, billhook.domain and the foundation."


def test_the_domain_knows_neither_flask_nor_the_database():
    guilty = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(CORE / "domain")
        for name in imports(path)
        if name.split(".")[0] in {"flask", "flask_sqlalchemy", "sqlalchemy", "wtforms"}
        or name.startswith(("billhook.db", "billhook.columns", "billhook.models"))
    ]
    assert not guilty, "The domain takes values and returns values."
