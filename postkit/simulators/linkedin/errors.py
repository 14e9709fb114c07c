"""LinkedIn's words when it says no: the exact bodies, as live answers and its pages show them.

They come in three shapes: the gateway's (`status`, `code`, `message`), Rest.li's (`message`,
`status`) and the content service's (`errorDetailType` …). Sources: docs/facts.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from postkit.simulators.linkedin.wire import Answer, json_answer

DENIED = "ACCESS_DENIED"
_BAD = "com.linkedin.content.common.exception.BadRequestResponseException"

TOKENS = {
    "invalid": (65600, "INVALID_ACCESS_TOKEN", "Invalid access token"),
    "revoked": (
        65601,
        "REVOKED_ACCESS_TOKEN",
        "The token used in the request has been revoked by the user",
    ),
    "expired": (65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired"),
    "empty": (65604, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token"),
}


class Refused(Exception):
    """The request goes no further; `answer` is what the client gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.body.decode()}")
        self.answer = answer


# --- the gateway


def gateway(status: int, code: str, message: str, service: int | None = None) -> Refused:
    body: dict[str, Any] = {"status": status}
    if service is not None:
        body["serviceErrorCode"] = service
    body |= {"code": code, "message": message}
    return Refused(json_answer(status, body, ("X-Restli-Gateway-Error", "true")))


def bad_token(kind: str) -> Refused:
    service, code, message = TOKENS[kind]
    return gateway(401, code, message, service)


def version_missing() -> Refused:
    message = (
        "A version must be present. Please specify a version by adding the LinkedIn-Version header."
    )
    return gateway(400, "VERSION_MISSING", message)


def version_inactive(version: str) -> Refused:
    return gateway(426, "NONEXISTENT_VERSION", f"Requested version {version}01 is not active")


def no_permission(resource: str, method: str, version: str) -> Refused:
    message = f"Not enough permissions to access: {resource}.{method}.{version}"
    return gateway(403, DENIED, message, 100)


def wrong_field(*fields: str) -> Refused:
    message = (
        "Field Value validation failed in REQUEST_BODY: "
        f"Data Processing Exception while processing fields [{', '.join(fields)}]"
    )
    return gateway(403, DENIED, message, 100)


def forbidden_asset(kind: str) -> Refused:
    message = (
        f"Accessing this {kind} resource is forbidden. "
        "Please check your permissions for this resource"
    )
    return gateway(403, DENIED, message, 100)


def illegal(message: str) -> Refused:
    return gateway(400, "ILLEGAL_ARGUMENT", message)


def not_json() -> Refused:
    return illegal("Request body could not be converted to data map")


def bad_path() -> Refused:
    return illegal("Syntax exception in path variables")


def no_method() -> Refused:
    return illegal("Resource method could not be resolved from request parameters.")


def no_resource() -> Refused:
    return gateway(404, "RESOURCE_NOT_FOUND", "No virtual resource found")


def daily_limit(whose: str) -> Refused:
    message = f"Resource level throttle {whose} DAY limit for calls to this resource is reached."
    return gateway(429, "TOO_MANY_REQUESTS", message, 101)


def throttled(retry_after: float | None = None) -> Answer:
    """Return the short 429, which protects the machines; LinkedIn's has no `Retry-After`."""
    message = "Resource level throttle limit for calls to this resource is reached."
    body = {"serviceErrorCode": 101, "message": message, "status": 429}
    later = () if retry_after is None else (("Retry-After", f"{retry_after:g}"),)
    return json_answer(429, body, *later)


# --- Rest.li


def restli(status: int, message: str) -> Refused:
    return Refused(json_answer(status, {"message": message, "status": status}))


def schema(lines: Iterable[str]) -> Refused:
    """Return the validator's answer: every problem has a line, and the last ends like the rest."""
    return restli(422, "".join(f"ERROR :: {line}\n" for line in lines))


def comment_too_early(urn: str) -> Refused:
    # The dots stand in the report that this was taken from.
    message = (
        "java.util.concurrent.ExecutionException: "
        "com.linkedin.restli.server.RestLiServiceException [HTTP Status:404]: ... "
        f"Received error for {urn} from domain authorization endpoint: 404 ..."
    )
    return restli(404, message)


def not_found(what: str) -> Refused:
    return restli(404, f"{what} is not found")


# --- the content service


def content(
    code: str,
    description: str,
    *,
    status: int = 400,
    detail: str = "",
    value: str | None = None,
    **more: int,
) -> Refused:
    """Return a refusal of the content service; *detail* is what its message says instead."""
    entry = {
        "description": description,
        "input": {} if value is None else {"value": {"stringValue": value}},
        "code": code,
        **more,
    }
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"{_BAD}: {detail or description}",
        "errorDetails": {"inputErrors": [entry]},
        "status": status,
    }
    return Refused(json_answer(status, body))


def duplicate(urn: str) -> Refused:
    return content(
        "DUPLICATE_POST",
        "Duplicate post is detected",
        status=422,
        detail=f"Content is a duplicate of {urn}",
    )


def too_long(text: str, length: int, limit: int) -> Refused:
    return content(
        "FIELD_ARRAY_SIZE_TOO_HIGH",
        "Size of array cannot be higher than the maxLength",
        detail=(
            f"ShareCommentary text length ({length} characters) "
            f"exceeded the maximum allowed ({limit} characters)"
        ),
        value=text,
        maxLength=limit,
    )


def field_too_long(text: str, limit: int) -> Refused:
    return content(
        "FIELD_LENGTH_TOO_LONG",
        "Length of the field cannot be higher than the maxLength",
        value=text,
        maxLength=limit,
    )


def not_owned() -> Refused:
    return content(
        "INVALID_CONTENT_OWNERSHIP", "One or more of the contents is not owned by the author"
    )
