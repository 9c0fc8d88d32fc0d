"""FastAPI routes that answer with views: each says what it answers, and refusals are problem details.

    app = FastAPI()
    describe_market(app)

    @app.get("/orders/{order}", **shows(Order))
    def show_order(order: str, scope: Caller) -> Response:
        return answer(market.orders.get(order, scope=scope), scope)

It needs FastAPI (`pip install "mktcore[fastapi]"`); the rest of the library knows nothing of it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, ClassVar

import attrs
from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import WithJsonSchema
from starlette.exceptions import HTTPException

from mktcore.errors import ErrorCategory, MktcoreError, Refused
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.problem_details import MEDIA_TYPE, PROBLEM_SCHEMA, ProblemDetails, describe_problem
from mktcore.processes.allowed_events import AllowedEvents
from mktcore.views.asked_cart import CART_SCHEMA
from mktcore.views.texts import ENGLISH, Texts
from mktcore.views.view import schema_of, schemas, view

__all__ = ["AskedCart", "RequestRefused", "answer", "describe_market", "shows"]

_LOGGER = logging.getLogger("mktcore.views")
_REFERENCE = "#/components/schemas/"
_CATEGORIES: Mapping[int, ErrorCategory] = {
    401: ErrorCategory.FORBIDDEN,
    403: ErrorCategory.FORBIDDEN,
    404: ErrorCategory.NOT_FOUND,
    405: ErrorCategory.NOT_FOUND,
    409: ErrorCategory.CONFLICT,
    412: ErrorCategory.CONFLICT,
    429: ErrorCategory.RETRY,
    503: ErrorCategory.RETRY,
}
"""What a status of the host's own means to whoever asked; others are invalid below 500, and faults from there on."""

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
    shown = {"schema": {"$ref": f"{_REFERENCE}{schema_of(cls)['title']}"}}
    refused = {"schema": {"$ref": f"{_REFERENCE}ProblemDetails"}}
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
    """Let an application answer refusals as problem details, and describe its answers in OpenAPI.

    What the host refuses itself (`HTTPException`, an unknown route) is told as problem details too, as routes say.
    The description has the schemas of views that routes show, and no others.
    """
    app.exception_handler(MktcoreError)(_tell_problem)
    # Else a browser would hear of what is wrong in two shapes, and one of them would not be described.
    app.exception_handler(RequestValidationError)(_tell_invalid)
    app.exception_handler(HTTPException)(_tell_host_refusal)
    app.openapi = _describe(app, app.openapi)  # type: ignore[method-assign]  # as FastAPI wants it


def _tell_problem(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, MktcoreError):
        raise error
    found = describe_problem(error)
    if found.category is ErrorCategory.FAULT:
        # Whoever asked is told nothing of it, so it must be told here.
        _LOGGER.error("%s while answering", found.code, exc_info=error)
    return JSONResponse(found.to_document(), found.status, headers=found.headers, media_type=MEDIA_TYPE)


def _tell_invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [
        Notice("invalid-request", ".".join(map(str, one["loc"])), one["msg"], remedy="send it as the route asks")
        for one in found
    ]
    return _tell_problem(request, RequestRefused.of(problems))


async def _tell_host_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return await http_exception_handler(request, error)  # it refuses nothing, and may have no body
    is_fault = error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    found = ProblemDetails(
        type="about:blank",
        title=HTTPStatus(error.status_code).phrase,
        status=error.status_code,
        detail=str(error.detail),
        code=f"http.{error.status_code}",
        category=_CATEGORIES.get(error.status_code, ErrorCategory.FAULT if is_fault else ErrorCategory.INVALID),
        remedy="",
    )
    return JSONResponse(found.to_document(), found.status, headers=error.headers, media_type=MEDIA_TYPE)


def _describe(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    def describe_with_views() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = describe()
            app.openapi_schema = None  # what is half made is not to be answered when it is asked for again
            known = found.setdefault("components", {}).setdefault("schemas", {})
            ours = _find_reached(found.get("paths", {}))
            # What the host calls by one of our names stays its own: our routes refer to ours, so it is told.
            taken = sorted(known.keys() & ours.keys())
            if taken:
                message = f"models are called as views are: {', '.join(taken)}; name them otherwise"
                raise ValueError(message)
            known |= ours
            app.openapi_schema = found
        return app.openapi_schema

    return describe_with_views


def _find_reached(paths: object) -> dict[str, Any]:
    """Return our schemas that routes refer to, and those that these refer to."""
    ours = {**schemas(), "ProblemDetails": dict(PROBLEM_SCHEMA)}
    reached: dict[str, Any] = {}
    waiting = [name for name in _list_references(paths) if name in ours]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = ours[name]
            waiting += _list_references(ours[name])
    return reached


def _list_references(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        named = part.get("$ref")
        if isinstance(named, str) and named.startswith(_REFERENCE):
            yield named.removeprefix(_REFERENCE)
        part = part.values()
    elif not isinstance(part, list | tuple):
        return
    for one in part:
        yield from _list_references(one)
