"""The API's description, made from the values that it serves."""

from importlib.metadata import version
from typing import Any, Final

import msgspec

from dcc_analytics.live.state import Now, NowChange, Problem, UserDetail, Users
from dcc_analytics.live.trust import Ready

_REF: Final = "#/components/schemas/{name}"
_MEMBER: Final = [
    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("party", "role")
]


def _json(name: str, words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}}


def _get(summary: str, answers: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": answers, **more}}


def _refusals(*statuses: int) -> dict[str, Any]:
    words = {401: "no token that is known", 403: "not this token's to see", 404: "nobody knows it", 421: "unknown name"}
    return {str(status): _json("Problem", words[status]) for status in statuses}


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    _, schemas = msgspec.json.schema_components([Now, NowChange, Users, UserDetail, Problem, Ready], ref_template=_REF)
    stream = {
        "description": (
            "Server-sent events. An operator gets `now` (a whole state, `Now`) and `change` (`NowChange`); a user, or "
            "whoever names a Member, gets `user` (`UserDetail`). Comments are heartbeats."
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    named = [{**each, "in": "query", "required": False} for each in _MEMBER]
    had = {"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}}
    plain = {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "dcca live", "version": version("dcc-analytics"), "description": "What is seen now."},
        "security": [{"token": []}],
        "paths": {
            "/api/v1/now": _get("All that an operator sees", {"200": _json("Now", "now"), **_refusals(401, 403, 421)}),
            "/api/v1/users": _get("Whom the token may see", {"200": _json("Users", "sorted"), **_refusals(401, 421)}),
            "/api/v1/users/{party}/{role}": _get(
                "One Member", {"200": _json("UserDetail", "its part"), **_refusals(401, 403, 404, 421)},
                parameters=_MEMBER,
            ),
            "/api/v1/stream": _get(
                "What changes, as it does", {"200": stream, **_refusals(401, 403, 404, 421)}, parameters=[*named, had]
            ),
            "/api/v1/session": {
                "post": {
                    "summary": "Keep the token in a cookie, for a page",
                    "responses": {"204": {"description": "kept"}, **_refusals(401, 403, 421)},
                },
                "delete": {"summary": "Forget the cookie", "responses": {"204": {"description": "forgotten"}}},
            },
            "/metrics": _get("For Prometheus", {"200": plain, **_refusals(401, 403, 421)}),
            "/healthz": _get("Whether the process runs", {"204": {"description": "it does"}}, security=[]),
            "/readyz": _get(
                "Whether what is served is what the ledger says",
                {"200": _json("Ready", "it is"), "503": _json("Ready", "why not")}, security=[],
            ),
            "/openapi.json": _get("This document", {"200": {"description": "OpenAPI 3.1"}, **_refusals(401, 421)}),
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip
