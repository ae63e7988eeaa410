"""What an error of the engine tells a Python program to do, as somebody does it who calls over HTTP.

Errors of the engine name its own methods. The texts below are those, as they stand there; a test looks for any that is
missing here.
"""

from __future__ import annotations

WAYS = {
    "add it with engine.add_items([...])": "add it with POST /items",
    "print(engine.profile(user)) shows what stands": "GET /users/{id}/profile shows what stands",
    "print(profile) shows all nodes": "GET /users/{id}/profile shows all nodes",
    "engine.tree() has them": "GET /catalogue/tree has them",
    "edit engine.profile(user)": "edit it with PATCH /users/{id}/profile",
    "this engine only reads": "this service only reads",
    "write through the engine that opened the catalogue for writing": "send it to the service that writes",
    "wait until engine.versions() lists it": "wait until GET /catalogue/versions lists it",
    "give a request id, or user= and item=": "give a request id, or an item and whom it is for",
}


def over_http(text: str) -> str:
    """The text of an error, what happened or what to do, for somebody who calls over HTTP.

    >>> over_http("add it with engine.add_items([...])"), over_http("leave it out")
    ('add it with POST /items', 'leave it out')
    """
    return WAYS.get(text, text)
