"""penchant: a live, readable, editable model of what each person wants."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penchant.config import Settings
    from penchant.engine import Engine, Learned
    from penchant.engine.moving import Moved, migrate_store
    from penchant.engine.reembed import reembed
    from penchant.errors import PenchantError
    from penchant.interest.profile import Profile, ProfileNode
    from penchant.recommend.answer import Answer, Recommendation
    from penchant.recommend.explanation import Explanation, Part
    from penchant.records import Edit, Event, Item, Utterance
    from penchant.serve.client import AsyncClient, Client
    from penchant.trust.erase import Receipt

__version__ = "0.1.0"

_HOME = {
    "Answer": "recommend.answer",
    "AsyncClient": "serve.client",
    "Client": "serve.client",
    "Edit": "records",
    "Engine": "engine",
    "Event": "records",
    "Explanation": "recommend.explanation",
    "Item": "records",
    "Learned": "engine",
    "Moved": "engine.moving",
    "Part": "recommend.explanation",
    "PenchantError": "errors",
    "Profile": "interest.profile",
    "ProfileNode": "interest.profile",
    "Receipt": "trust.erase",
    "Recommendation": "recommend.answer",
    "Settings": "config",
    "Utterance": "records",
    "migrate_store": "engine.moving",
    "reembed": "engine.reembed",
}

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Edit",
    "Engine",
    "Event",
    "Explanation",
    "Item",
    "Learned",
    "Moved",
    "Part",
    "PenchantError",
    "Profile",
    "ProfileNode",
    "Receipt",
    "Recommendation",
    "Settings",
    "Utterance",
    "migrate_store",
    "reembed",
]


def __getattr__(name: str) -> Any:
    # imported when first asked for: `penchant --help` needs no numerical library
    if name in _HOME:
        return getattr(import_module(f"penchant.{_HOME[name]}"), name)
    raise AttributeError(f"module 'penchant' has no attribute {name!r}")
