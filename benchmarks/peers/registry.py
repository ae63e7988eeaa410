"""The peers, by short name. One file each, all with the same names in them:

NAME, LIBRARY   for the table
GRID            settings to choose among on the validation window; the first are tried first: the library's own, or
                what suits the size of the data. `last` cuts the histories (0: whole); the runner looks after it
VARIANTS        what stands in the table: name to settings that are fixed there; all others are chosen
RETRAINED       whether it is also shown trained anew at 85, 90 and 95 %
train           (log, settings) to models: one, or one after every epoch, of which the best is taken
scores          (model, histories, users) to [histories, items]
learn           (model, user, history, item, value): only where it learns online
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

PEERS = {
    "popularity": "popularity",
    "knn": "item_knn",
    "ease": "ease",
    "ials": "ials",
    "bpr": "bpr",
    "lightgcn": "lightgcn",
    "gru4rec": "gru4rec",
    "sasrec": "sasrec",
    "bert4rec": "bert4rec",
    "vw": "vw",
    "river": "river_reco",
}


def peer(name: str) -> ModuleType:
    """The module of a peer.

    Raises:
        SystemExit: there is none of this name.
    """
    if name not in PEERS:
        raise SystemExit(f"there is no peer {name!r}; give one of {', '.join(PEERS)}")
    return import_module(PEERS[name])
