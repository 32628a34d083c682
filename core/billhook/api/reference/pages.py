"""The reference's pages: one with all operations, and one for each group of them."""

from collections.abc import Callable, Sequence
from functools import cached_property

from flask import render_template, request
from werkzeug.exceptions import NotFound

from billhook.api import versions
from billhook.api.reference.sheets import GroupSheet, html, inline, sheets
from billhook.api.shapes import Json


class ReferencePages:
    """Shows the reference of one description, which never changes while the server runs."""

    def __init__(self, description: Callable[[], Json]) -> None:
        self._description = description

    def show(self) -> str:
        """Show all operations, those that a search found, or those of one group."""
        slug = request.args.get("group", "")
        if not slug:
            return self._index(request.args.get("q", "").strip()[:100])
        group = next((one for one in self.groups if one.slug == slug), None)
        if group is None:
            raise NotFound
        return render_template(
            "api_reference/group.html", group=group, groups=self.groups, inline=inline
        )

    @cached_property
    def groups(self) -> Sequence[GroupSheet]:
        return sheets(self._description())

    def _index(self, wanted: str) -> str:
        words = wanted.lower().split()
        found = {
            operation.id
            for group in self.groups
            for operation in group.operations
            if all(word in operation.words for word in words)
        }
        return render_template(
            "api_reference/index.html",
            groups=self.groups,
            wanted=wanted,
            found=found,
            introduction=html(self._description()["info"]["description"]),
            version=versions.LATEST,
        )
