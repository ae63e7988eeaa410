"""Which messages a consumer reads, and where those go that can't be learned."""

from __future__ import annotations

import re
from dataclasses import dataclass

from penchant.errors import ConfigError

LETTERS = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Source:
    """Which messages, and where those go that can't be learned.

    Attributes:
        url: of the server: nats://host:4222 or tls://, kafka://host:9092 or kafka+ssl:// (of either several, with
            commas between them), redis:// or rediss://.
        subject: of the events, in NATS with wildcards if need be; in Redis the stream's key, in Kafka the topic.
        durable: the consumer's name in the server, which keeps how far it is.
        stream: that holds the subject; None: the one that does, which is made if there is none.
        dead_letter: subject of messages that can't be learned; None: `dead.` and the subject.
        in_flight: messages that are being learned, at most.
        ack_seconds: after which the server delivers again what was not acknowledged; of a consumer that is there
            already, what it was made with counts.
    """

    url: str
    subject: str
    durable: str
    stream: str | None = None
    dead_letter: str | None = None
    in_flight: int = 256
    ack_seconds: float = 30.0

    @property
    def dead(self) -> str:
        """Subject of the dead letters.

        >>> Source("nats://localhost", "shop.*.events", "penchant").dead
        'dead.shop.all.events'
        """
        return self.dead_letter or "dead." + self.subject.replace("*", "all").replace(">", "all")

    def check(self) -> None:
        """Refuse what can't work.

        Raises:
            ConfigError: a field can't be used; the message names it.
        """
        for name, value in (("subject", self.subject), ("dead-letter", self.dead)):
            if not value or any(c.isspace() for c in value) or "" in value.split("."):
                raise ConfigError(f"consume.{name}: {value!r} is no subject", fix="give words with dots between them")
        if set(self.dead.split(".")) & {"*", ">"}:
            raise ConfigError(f"consume.dead-letter: {self.dead!r} has a wildcard", fix="give one subject")
        if matches(self.subject, self.dead):
            raise ConfigError("consume.dead-letter: the subject of events holds it", fix="give one outside of it")
        if LETTERS.search(self.durable) or not self.durable:
            raise ConfigError(f"consume.durable: {self.durable!r} is no name", fix="give letters, digits, - and _")


def matches(pattern: str, subject: str) -> bool:
    """Whether NATS delivers the subject to a subscriber of the pattern.

    >>> matches("shop.>", "shop.a.b"), matches("shop.*", "shop.a.b"), matches("shop", "shop")
    (True, False, True)
    """
    given, wanted = subject.split("."), pattern.split(".")
    for place, want in enumerate(wanted):
        if want == ">":
            return len(given) > place
        if place >= len(given) or want not in ("*", given[place]):
            return False
    return len(given) == len(wanted)
