"""Named, explainable numbers about (user, item), one file each; `KINDS` lists them by name."""

from __future__ import annotations

from penchant.errors import ConfigError
from penchant.interest.evidence.base import Evidence, Moment, Reason
from penchant.interest.evidence.bilinear import Bilinear
from penchant.interest.evidence.context import Context
from penchant.interest.evidence.fresh import Fresh
from penchant.interest.evidence.learned import Learned
from penchant.interest.evidence.meaning import Last, Long, Recent
from penchant.interest.evidence.next import Follows, Next
from penchant.interest.evidence.popular import Popular, Trending
from penchant.interest.evidence.quality import Quality
from penchant.interest.evidence.repeat import Repeat
from penchant.interest.evidence.said import Said
from penchant.interest.evidence.sequence import Sequence
from penchant.interest.evidence.together import Beside, Leads, Together
from penchant.interest.world import World

__all__ = ["KINDS", "Evidence", "Moment", "Reason", "make"]

KINDS: dict[str, type[Evidence]] = {
    kind.name: kind
    for kind in (
        Long, Recent, Last, Next, Follows, Together, Leads, Beside, Popular, Trending, Quality, Fresh, Repeat, Said,
        Context, Learned, Sequence,
    )
}  # fmt: skip


def make(world: World, more: dict[str, type[Evidence]] | None = None) -> list[Evidence]:
    """The evidences that the settings name, in their order; `more` are a user's own by name.

    Raises:
        ConfigError: a name that neither penchant nor `more` knows.
    """
    known = {**KINDS, **(more or {})}
    found: list[Evidence] = []
    for name in world.settings.evidence:
        if name not in known:
            raise ConfigError(f"evidence: there is no {name!r}", fix=f"take some of {', '.join(sorted(known))}")
        kind = known[name]
        if kind is Learned and world.settings.options.get(name, {}).get("meaning"):
            kind = Bilinear
        found.append(kind(world))
    return found
