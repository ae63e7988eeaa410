"""Parameters of a query: one that its path hasn't is a mistake of the sender, told and never passed over."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute

LONGEST = 64  # characters of a name that are compared with those that there are


def check_parameters(request: Request) -> None:
    """Refuse parameters that the request's route doesn't know. Without a query it costs nothing.

    Raises:
        RequestValidationError: there are some; each is named, and of the first what it may have been meant to be.
    """
    if not request.scope["query_string"]:
        return
    route: APIRoute = request.scope["route"]
    known = [field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)]
    if unknown := [name for name in request.query_params if name not in known]:
        fix = nearest(unknown[0], known)
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": "there is no such parameter", "fix": fix}
                for name in unknown
            ]
        )


def nearest(name: str, known: Sequence[str]) -> str:
    """What to do about a parameter that there isn't: those that there are, the nearest first.

    >>> nearest("cursr", ["limit", "cursor"]), nearest("zzz", ["limit", "cursor"]), nearest("n", [])
    ('did you mean cursor? there are cursor, limit', 'there are limit, cursor', 'leave it out: this path has none')
    """
    if not known:
        return "leave it out: this path has none"
    near = difflib.get_close_matches(name[:LONGEST].lower(), known, n=1)
    listed = f"there are {', '.join(dict.fromkeys([*near, *known]))}"
    return f"did you mean {near[0]}? {listed}" if near else listed
