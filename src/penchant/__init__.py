"""penchant: a live, readable, editable model of what each person wants."""

from penchant.config import Settings
from penchant.engine import Engine, Learned
from penchant.errors import PenchantError
from penchant.interest.profile import Profile, ProfileNode
from penchant.recommend.answer import Answer, Recommendation
from penchant.recommend.explanation import Explanation, Part
from penchant.records import Edit, Event, Item, Utterance
from penchant.trust.erase import Receipt

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Edit",
    "Engine",
    "Event",
    "Explanation",
    "Item",
    "Learned",
    "Part",
    "PenchantError",
    "Profile",
    "ProfileNode",
    "Receipt",
    "Recommendation",
    "Settings",
    "Utterance",
]
