"""Operations become routes: what a request brings is read, the view called, its answer written."""

from typing import Any

from flask import Blueprint, Response, g, request

from billhook import limits
from billhook.api import access, reading, repeating
from billhook.api.answering import download_of, reply_of, response_of
from billhook.errors import PluginUnavailable
from billhook.i18n import gettext as _
from billhook.sdk.api import Download, Operation, Page

LARGEST_UPLOAD = limits.IMPORT_BYTES + 64 * 1024
"""Bytes of a multipart request with a file."""


def mount(
    blueprint: Blueprint, operation: Operation, *, below: str = "", plugin: str = ""
) -> None:
    """Add an operation to the API, below the prefix of its plugin where it is one's."""

    def view(**places: Any) -> Response:
        return _answer(operation, places, below=f"{blueprint.url_prefix}{below}", plugin=plugin)

    endpoint = f"{plugin}-{operation.name}" if plugin else operation.name
    blueprint.add_url_rule(
        below + operation.path,
        endpoint=endpoint,
        view_func=view,
        methods=[operation.method],
        provide_automatic_options=False,
    )


def _answer(operation: Operation, places: dict[str, Any], *, below: str, plugin: str) -> Response:
    ctx = access.context()
    if plugin and plugin not in ctx.tenant.plugins:
        raise PluginUnavailable(_("The plugin “%(name)s” is not switched on here.", name=plugin))
    if operation.permission:
        ctx.require(operation.permission)
    key = reading.key() if operation.changes else None
    brought, plain = _brought(operation, places)
    if not operation.changes:
        answer = operation.view(**brought)
        if isinstance(answer, Download):
            return download_of(answer)
        if isinstance(answer, Page):
            g.next_page = answer.next
        return response_of(reply_of(operation, answer, below=below))
    reply = repeating.perform(
        ctx,
        operation,
        key=key,
        asked=[request.path, request.args.to_dict(flat=False), plain],
        act=lambda given: reply_of(operation, operation.view(**brought, **given), below=below),
    )
    return response_of(reply)


def _brought(operation: Operation, places: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the view's arguments, and what of the body tells one request from another."""
    takes = operation.takes
    request.max_content_length = LARGEST_UPLOAD if "upload" in takes else operation.largest_body
    brought: dict[str, Any] = {**places, "ctx": access.context()}
    plain: Any = None
    if operation.query is not None:
        brought["query"] = reading.query_of(operation.query)
    else:
        reading.refuse_query()
    if operation.body is not None:
        brought["body"], plain = reading.body_of(operation.body, operation.name)
    elif "upload" in takes:
        request.max_form_memory_size = LARGEST_UPLOAD
        brought["upload"] = found = reading.upload()
        plain = repeating.fingerprint(found)
    elif operation.method != "GET":
        reading.refuse_body()
    if "match" in takes:
        brought["match"] = reading.match()
    return brought, plain
