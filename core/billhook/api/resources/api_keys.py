"""Keys of programs by the API: made, changed, rotated, revoked, and what was asked with them."""

from datetime import timedelta
from uuid import UUID

from billhook.api.schemas.api_keys import (
    KeyAnswer,
    KeyChanges,
    KeyRotation,
    KeysQuery,
    MadeKeyAnswer,
    NewKey,
    OwnKeyAnswer,
    RequestAnswer,
    RequestsQuery,
)
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import api_keys, api_requests, api_versions
from billhook.services.api_keys import KeyFilter, KeyInput
from billhook.services.api_requests import RequestFilter

routes = Routes("API keys", "What programs may do here, and what they asked for.")


@routes.get("/api-key", requires="")
def get_own_key(ctx: Context) -> OwnKeyAnswer:
    """Get the key that asks: what it may do, how often and until when, and in which company."""
    known = api_keys.own(ctx)
    return OwnKeyAnswer(
        id=known.id,
        name=known.name,
        scopes=sorted(ctx.permissions or ()),
        requests_per_minute=known.requests_per_minute,
        api_version=known.api_version,
        expires_at=known.expires_at,
        company_id=ctx.tenant.id,
        company=ctx.tenant.party.name,
        is_sandbox=ctx.tenant.is_sandbox,
    )


@routes.get("/api-keys", requires="api_keys.view")
def list_api_keys(ctx: Context, query: KeysQuery) -> Page[KeyAnswer]:
    """List keys, the newest first."""
    wanted = KeyFilter(text=query.text, state=query.state, made_by=query.made_by)
    found = api_keys.search(ctx, wanted, after=query.after, limit=query.limit)
    return Page(data=[KeyAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.post("/api-keys", requires="api_keys.manage")
def create_api_key(ctx: Context, body: NewKey) -> Made[MadeKeyAnswer]:
    """Make a key; its secret is in this answer and nowhere else.

    It gets no scope that the asking key lacks, no more requests in a minute and no
    longer life.
    """
    wanted = KeyInput(**body.model_dump())
    made = api_keys.make(ctx, wanted, api_version=api_versions.LATEST)
    return Made(MadeKeyAnswer.of(made), at=f"/api-keys/{made.entry.id}")


@routes.get("/api-keys/<uuid:key_id>", requires="api_keys.view")
def get_api_key(ctx: Context, key_id: UUID) -> KeyAnswer:
    """Get a key, without its secrets."""
    return KeyAnswer.of(api_keys.get(ctx, key_id))


@routes.patch("/api-keys/<uuid:key_id>", requires="api_keys.manage")
def change_api_key(ctx: Context, key_id: UUID, body: KeyChanges, match: Match) -> KeyAnswer:
    """Change a key, from its next request on; fields that are left out stay.

    Whatever it is given, the asking key must have itself. Needs `api_keys.view`, too.
    """
    known = api_keys.get(ctx, key_id)
    version = match.require(known.version)
    return KeyAnswer.of(api_keys.change(ctx, key_id, body.on(known), version=version))


@routes.post("/api-keys/<uuid:key_id>/rotate", requires="api_keys.manage")
def rotate_api_key(ctx: Context, key_id: UUID, body: KeyRotation) -> MadeKeyAnswer:
    """Give a key a new secret; those before stay good until the overlap is over.

    Nobody rotates a key that may do more than they may themselves: whoever rotates it
    gets its secret.
    """
    overlap = timedelta(hours=body.overlap_hours)
    return MadeKeyAnswer.of(api_keys.rotate(ctx, key_id, overlap=overlap))


@routes.post("/api-keys/<uuid:key_id>/revoke", requires="api_keys.manage")
def revoke_api_key(ctx: Context, key_id: UUID) -> None:
    """End a key with all its secrets, at once and for good; also the one that asks."""
    api_keys.revoke(ctx, key_id)


@routes.get("/api-requests", requires="api_keys.view")
def list_api_requests(ctx: Context, query: RequestsQuery) -> Page[RequestAnswer]:
    """List what was asked with keys, the newest first. Requests appear about a second later."""
    wanted = RequestFilter(
        key_id=query.key_id,
        status_class=query.status_class,
        method=query.method.upper(),
        text=query.text,
        since=query.since,
        until=query.until,
    )
    found = api_requests.search(ctx, wanted, after=query.after, limit=query.limit)
    names = api_keys.names(ctx, {one.key_id for one in found.rows})
    data = [RequestAnswer.of(one, names[one.key_id]) for one in found.rows]
    return Page(data=data, next=found.next or None)


@routes.get("/api-requests/<uuid:request_id>", requires="api_keys.view")
def get_api_request(ctx: Context, request_id: UUID) -> RequestAnswer:
    """Get a request that was made with a key, by the id that its answer had."""
    found = api_requests.get(ctx, request_id)
    return RequestAnswer.of(found, api_keys.names(ctx, [found.key_id])[found.key_id])
