"""Rules about the source that no linter holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core" / "billhook"

MONEY_PATHS = [
    *(CORE / "money.py", CORE / "columns.py"),
    *(
        CORE / name
        for name in ("domain", "sdk", "models", "kernel", "services", "api", "web", "portal")
    ),
    *ROOT.glob("plugins/*/billhook_*"),
]
EXACT_PATHS = [CORE / "money.py", CORE / "domain", CORE / "kernel"]
CLOCK = CORE / "clock.py"


def trees(*places: Path) -> Iterator[tuple[Path, ast.AST]]:
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            if "scaffold" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def test_no_float_is_made_where_money_goes():
    guilty = [
        f"{path}:{line}"
        for path, tree in trees(*MONEY_PATHS)
        for name, line in calls(tree)
        if name == "float"
    ]
    assert not guilty, "Amounts are whole minor units; prices, quantities and rates are Decimal."


def test_no_float_stands_in_a_rule_about_money():
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in trees(*EXACT_PATHS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert not guilty, 'Write Decimal("0.2"), not 0.2.'


def test_only_the_clock_reads_the_clock():
    readings = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    guilty = [
        f"{path}:{line}"
        for path, tree in trees(CORE, *ROOT.glob("plugins/*/billhook_*"))
        if ROOT / path != CLOCK
        for name, line in calls(tree)
        if name.endswith(readings)
    ]
    assert not guilty, "Ask billhook.clock: a sandbox tenant moves its own time."


def test_nothing_swallows_every_error():
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in trees(CORE, *ROOT.glob("plugins/*/billhook_*"))
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert not guilty, "An error that nobody sees is worse than a crash."
