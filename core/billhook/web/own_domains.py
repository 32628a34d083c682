"""What a proxy asks before it gets a certificate for a host: whether a portal answers there."""

from http import HTTPStatus

from flask import Blueprint, request

from billhook.domain import host_names
from billhook.domain.host_names import NotAHostName
from billhook.services.portal import own_domains
from billhook.web.access import public

blueprint = Blueprint("own_domains", __name__)

Answer = tuple[dict[str, str], int]


@blueprint.get("/own-domain")
@public
def ask() -> Answer:
    """Answer 200 for a domain that a tenant has proved, 404 for any other: `?domain=…`."""
    try:
        domain = host_names.normalised(request.args.get("domain", ""))
    except NotAHostName:
        return {"status": "unknown"}, HTTPStatus.NOT_FOUND
    if not own_domains.is_proved(domain):
        return {"status": "unknown"}, HTTPStatus.NOT_FOUND
    return {"status": "proved"}, HTTPStatus.OK
