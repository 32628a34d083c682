"""The pages: who may see them, how they are kept safe, what they look like."""

from flask import Blueprint, Flask

from billhook import throttling
from billhook.plugins.runtime import runtime
from billhook.web import (
    access,
    account,
    api_keys,
    assets,
    audit,
    bill_runs,
    brands,
    charges,
    customers,
    documents,
    drafts,
    errors,
    exports,
    field_definitions,
    guide,
    headers,
    health,
    home,
    imports,
    languages,
    ledger,
    logging_in,
    notices,
    outbox,
    own_domains,
    password_reset,
    people,
    plugins,
    portal,
    portal_domains,
    products,
    profile_changes,
    proving,
    questions,
    requests,
    roles,
    search,
    series,
    settings,
    templates,
    visits,
    webhooks,
    work,
)
from billhook.web.papers import crediting, duplicating, family, links, merging, splitting


def init_app(app: Flask) -> None:
    """Add the pages to an application. What is checked first comes first."""
    with app.app_context():
        redis_url = runtime().config.redis_url
    templates.init_app(app)
    assets.init_app(app)
    requests.init_app(app)
    languages.init_app(app)
    headers.init_app(app)
    visits.init_app(app)
    throttling.init_app(app, redis_url)
    access.init_app(app)
    errors.init_app(app)
    for room in (
        health,
        own_domains,
        logging_in,
        proving,
        password_reset,
        account,
        people,
        roles,
        plugins,
        home,
        documents,
        drafts,
        outbox,
        work,
        audit,
        ledger,
        notices,
        search,
        customers,
        profile_changes,
        charges,
        bill_runs,
        products,
        imports,
        exports,
        settings,
        brands,
        series,
        field_definitions,
        guide,
        api_keys,
        webhooks,
        portal,
        portal_domains,
        questions,
    ):
        app.register_blueprint(room.blueprint)
    app.register_blueprint(api_keys.requests_blueprint)
    app.register_blueprint(webhooks.deliveries_blueprint)
    app.register_blueprint(portal.visits_blueprint)
    for act in (crediting, duplicating, family, links, merging, splitting):
        app.register_blueprint(act.blueprint)


def trust_keys(blueprint: Blueprint) -> None:
    """Ask no form's token of what is asked with a key: no browser sends one by itself."""
    visits.csrf.exempt(blueprint)
