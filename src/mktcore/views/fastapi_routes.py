"""FastAPI routes that answer with views: each says what it answers, and refusals are problem details.

    app = FastAPI()
    describe_market(app)

    @app.get("/orders/{order}", **shows(Order))
    def show_order(order: str, scope: Caller) -> Response:
        return answer(market.orders.get(order, scope=scope), scope)

It needs FastAPI (`pip install "mktcore[fastapi]"`); the rest of the library knows nothing of it.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, ClassVar

import attrs
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import WithJsonSchema

from mktcore.errors import ErrorCategory, MktcoreError, Notice, Refused
from mktcore.persistence import Scope
from mktcore.problem_details import MEDIA_TYPE, PROBLEM_SCHEMA, describe_problem
from mktcore.processes.allowed_events import AllowedEvents
from mktcore.views.asked_cart import CART_SCHEMA
from mktcore.views.texts import ENGLISH, Texts
from mktcore.views.view import schema_of, schemas, view

__all__ = ["AskedCart", "RequestRefused", "answer", "describe_market", "shows"]

AskedCart = Annotated[dict[str, Any], WithJsonSchema(dict(CART_SCHEMA))]
"""The body of a request that brings a cart; give it to `mktcore.views.read_cart`."""


@attrs.define(eq=False, slots=False)
class RequestRefused(Refused):
    """A request without what a route asks for, as FastAPI found it; each problem's `where` is its place."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.INVALID
    code: ClassVar[str] = "views.request-refused"


def shows(cls: Any, *, status: int = 200) -> dict[str, Any]:
    """Return what a route says of itself: that it answers with views of this type, or with problem details.

    Args:
        cls: What it answers: `Order`, `Page[MerchantOrder]`, `Simulation`.
        status: Of an answer.

    Raises:
        UnknownView: It is no type that has a view.
    """
    shown = {"schema": {"$ref": f"#/components/schemas/{schema_of(cls)['title']}"}}
    refused = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    return {
        "response_model": None,
        "status_code": status,
        "responses": {
            status: {"description": "What the caller is shown.", "content": {"application/json": shown}},
            "default": {"description": "What is wrong, and what would mend it.", "content": {MEDIA_TYPE: refused}},
        },
    }


def answer(
    value: object,
    scope: Scope,
    *,
    allowed: Iterable[AllowedEvents] = (),
    texts: Texts = ENGLISH,
    status: int = 200,
) -> JSONResponse:
    """Answer with what a caller is shown of a value; arguments as those of `view`.

    Raises:
        NotFound, PermissionDenied, UnknownView: As `view` does.
    """
    return JSONResponse(view(value, scope, allowed=allowed, texts=texts), status)


def describe_market(app: FastAPI) -> None:
    """Let an application answer refusals as problem details, and describe its answers in OpenAPI."""
    app.exception_handler(MktcoreError)(_tell_problem)
    # Else a browser would hear of what is wrong in two shapes, and one of them would not be described.
    app.exception_handler(RequestValidationError)(_tell_invalid)
    app.openapi = _describe(app, app.openapi)  # type: ignore[method-assign]  # as FastAPI wants it


def _tell_problem(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, MktcoreError):
        raise error
    found = describe_problem(error)
    return JSONResponse(found.to_document(), found.status, headers=found.headers, media_type=MEDIA_TYPE)


def _tell_invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [
        Notice("invalid-request", ".".join(map(str, one["loc"])), one["msg"], remedy="send it as the route asks")
        for one in found
    ]
    return _tell_problem(request, RequestRefused.of(problems))


def _describe(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    def describe_with_views() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = describe()
            known = found.setdefault("components", {}).setdefault("schemas", {})
            # What the host calls by one of our names stays its own: our routes refer to ours, so it is told.
            ours = {**schemas(), "ProblemDetails": dict(PROBLEM_SCHEMA)}
            taken = sorted(known.keys() & ours.keys())
            if taken:
                message = f"models are called as views are: {', '.join(taken)}; name them otherwise"
                raise ValueError(message)
            known |= ours
        return app.openapi_schema or {}

    return describe_with_views
