"""Making a backup ready to take a running catalogue's place: checked, those forgotten since erased, its state rebuilt.

Nothing here touches the running catalogue; see `penchant.serve.restore` for the change of places.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, cast

from penchant.config import Settings
from penchant.engine import Engine
from penchant.engine.lives import BACKUPS
from penchant.engine.reembed import reembed
from penchant.errors import StoreError
from penchant.interest.replay import encoder_in_use, encoders_used
from penchant.store import Store, open_store
from penchant.store.faults import named
from penchant.store.restoring import carry
from penchant.store.tables import Tables
from penchant.trust.erase import RECEIPTS, erase, keep, receipts

CARRIED = (BACKUPS, "forgotten by key")  # what is kept beside the log of what a backup can't know
Phase = Literal["copy", "encode", "rebuild", "swap"]
Step = Callable[[Phase, int, int], None]


def make_ready(live: Engine, backup: Path, copy: Path, opener: Callable[..., Engine], progress: Step) -> None:
    """Make at `copy` what the catalogue is to become: the backup's log, without those who were forgotten since.

    It keeps the encoder in use (texts are embedded anew if the backup is of another) and gives no number twice.

    Args:
        live: the running catalogue.
        opener: as `Engine.open`; opens the copy once, so that what can't be opened is known before it is needed.
        progress: called with (phase, done, in all).

    Raises:
        StoreError: the backup is not there, damaged, or there is no room. Refused: it is of another catalogue.
    """
    if not backup.is_file():
        raise StoreError(f"{backup} doesn't exist", fix="take another backup")
    progress("copy", 0, 3)
    with named(copy):
        shutil.copyfile(backup, copy)
    progress("copy", 1, 3)
    with closing(open_store(copy)) as store:
        if problems := store.check():
            raise StoreError(f"{backup} is damaged: {problems[0]}", fix="take another backup")
        used = encoder_in_use(store)
        kept = next((e.body for e in store.entries(types=["settings"], newest_first=True, limit=1)), None)
    progress("copy", 2, 3)
    carry_over(live.store, copy)
    progress("copy", 3, 3)
    if used is not None and used != live.encoder.id:
        reembed(copy, live.encoder, progress=lambda done, total: progress("encode", done, total))
    settings = Settings.load(None, kept).model_copy(update={"encoder": live.settings.encoder})

    def rebuilt(done: int, total: int) -> None:
        progress("rebuild", done, total)

    rebuilt(0, 1)
    opener(copy, None, settings, progress=rebuilt).close()
    rebuilt(1, 1)


def carry_over(live: Store, copy: Path) -> None:
    """Bring what a backup can't know: who was forgotten since, who goes from it, with the receipts; and the backups.

    Raises:
        Refused: the copy is of another catalogue.
    """
    with closing(open_store(copy)) as store:
        new = carry(cast(Tables, live), cast(Tables, store))
    with closing(open_store(copy)) as store:  # anew: it knows the tombstones now
        known: dict[str, Any] = live.get_meta(RECEIPTS) or {}
        store.set_meta(RECEIPTS, {**(store.get_meta(RECEIPTS) or {}), **known})
        for key in CARRIED:
            if (value := live.get_meta(key)) is not None:
                store.set_meta(key, value)
        store.set_meta("encoders", list(dict.fromkeys([*encoders_used(store), *encoders_used(live)])))
        if new:
            users = dict.fromkeys(e.user for e in store.entries() if e.user is not None)
            erase(store, [user for user in users if store.is_blocked(user)], encoders_used(store))
        _note_trained(store)


def _note_trained(store: Store) -> None:
    """A training in the backup may have seen people who were forgotten since: their receipts say so again."""
    oldest = min((e.time for e in store.entries(types=["trained"])), default=float("inf"))
    for receipt in receipts(store):
        if receipt.at >= oldest:
            receipt.pending("trained evidence", "trained with them: train it again (penchant train sequence)")
            keep(store, receipt)
