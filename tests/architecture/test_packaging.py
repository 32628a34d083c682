"""What a wheel would lose: files that no pattern of package_data names, and packages that none finds."""

import configparser
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/setup.cfg"))
THEMES = sorted(path.parent for path in ROOT.glob("themes/*/setup.cfg"))


def settings(folder: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(folder / "setup.cfg")
    return parser


def patterns(folder: Path) -> list[str]:
    return settings(folder)["options.package_data"]["*"].split()


def data_files(package: Path) -> list[Path]:
    files = (path for path in package.rglob("*") if path.is_file())
    return [path for path in files if path.suffix not in {".py", ".pyc"}]


def is_packed(path: Path, sources: Path, packages: set[str], wanted: list[str]) -> bool:
    """Tell whether a package above the file has a pattern for it."""
    for parent in path.relative_to(sources).parents:
        inside = str(path.relative_to(sources / parent))
        if ".".join(parent.parts) in packages and any(_fits(inside, one) for one in wanted):
            return True
    return False


def _fits(path: str, pattern: str) -> bool:
    if "**" not in pattern:
        return "/" not in path and fnmatch(path, pattern)
    return fnmatch(path, pattern.replace("/**/", "/*")) or fnmatch(path, pattern)


@pytest.mark.parametrize(
    ("folder", "sources"),
    [(ROOT, ROOT / "core"), *((folder, folder) for folder in (*PLUGINS, *THEMES))],
    ids=["core", *(folder.name for folder in (*PLUGINS, *THEMES))],
)
def test_every_data_file_is_packed(folder, sources):
    packages = set(find_packages(str(sources)))
    roots = {sources / name.split(".")[0] for name in packages if name.startswith("billhook")}
    lost = [
        str(path.relative_to(ROOT))
        for root in roots
        for path in data_files(root)
        if not is_packed(path, sources, packages, patterns(folder))
    ]
    assert not lost, "Name them under [options.package_data] in setup.cfg."


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugin_has_one_name_everywhere(folder):
    found = settings(folder)
    name = folder.name
    assert found["metadata"]["name"] == f"billhook-{name.replace('_', '-')}"
    assert (folder / f"billhook_{name}" / "__init__.py").is_file()
    assert (
        found["options.entry_points"]["billhook.plugins"].strip()
        == f"{name} = billhook_{name}.plugin"
    )


@pytest.mark.parametrize("folder", THEMES, ids=lambda folder: folder.name)
def test_a_theme_has_one_name_everywhere(folder):
    found = settings(folder)
    name = folder.name
    assert found["metadata"]["name"] == f"billhook-theme-{name}"
    points = found["options.entry_points"]["billhook.themes"].strip()
    assert points == f"{name} = billhook_theme_{name}"
    told = tomllib.loads((folder / f"billhook_theme_{name}" / "theme.toml").read_text())
    assert (told["name"], told["version"]) == (name, found["metadata"]["version"])


def test_every_plugin_and_theme_is_installed_by_the_requirements():
    named = {
        line[3:].partition("[")[0]  # its extras
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line[:3] == "-e "
    }
    plugins = (f"plugins/{folder.name}" for folder in PLUGINS)
    themes = (f"themes/{folder.name}" for folder in THEMES)
    assert named == {".", *plugins, *themes}
