"""Draws docs/img/profile.png: the profile of a real person of the demo's stream. Run `penchant demo` first.

python docs/make_pictures.py [demo.db] [user]
"""

from __future__ import annotations

import sys
from pathlib import Path

from penchant import Engine

IMAGES = Path(__file__).parent / "img"


def main(db: str = "demo.db", user: str = "91") -> None:
    """Draw the picture."""
    if not Path(db).exists():
        sys.exit(f"{db} is not there; run `penchant demo` first")
    IMAGES.mkdir(exist_ok=True)
    with Engine.open(db, read_only=True) as engine:
        print(engine.profile(user).plot(IMAGES / "profile.png"))


if __name__ == "__main__":
    main(*sys.argv[1:3])
