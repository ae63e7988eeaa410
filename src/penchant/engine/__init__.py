"""The engine: one catalogue, open. Everything that happens goes through the log and then into the model.

    record → log → encode → learn → (recommend → explain → feedback)

`core` opens the log, `following` follows another process's, `writing` takes in, `asking` answers, `lives` exports and
forgets, `training` trains the evidences that are trained apart, `each` takes events of many callers at once, `likeness`
searches, `history` looks back on a profile, `overview` at the whole, `placing` places items in the tree by hand,
`versions` tells what the model was, and `rolling_back` brings it back.
"""

from penchant.engine.core import Learned
from penchant.engine.rolling_back import RollingBack

__all__ = ["Engine", "Learned"]


class Engine(RollingBack):
    """One catalogue: its items, its people, and the model of what each wants.

    Open it with `Engine.open`. All methods may be called from several threads. Times are UTC.

    >>> from penchant import Event, Item
    >>> engine = Engine.open(":memory:", base="movies")
    >>> added = engine.add_items([
    ...     Item(id="alien", text="Alien (1979)", paths=[["Horror"], ["Sci-Fi"]]),
    ...     Item(id="big", text="Big (1988)", paths=[["Comedy"]]),
    ...     Item(id="dune", text="Dune (2021)", paths=[["Sci-Fi"]]),
    ... ])
    >>> learned = engine.observe(Event(user="ann", item="alien", kind="like"))
    >>> [r.item for r in engine.recommend("ann", n=2)]
    ['dune', 'big']
    >>> engine.close()
    """
