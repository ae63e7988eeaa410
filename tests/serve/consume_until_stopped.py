"""Consumes a subject into the catalogue `shop` of a folder until a signal comes. Run by test_consume,
test_redisstream and test_kafkastream."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from penchant.cli.consume import broker_of, until_stopped
from penchant.serve.consume import Intake, told
from penchant.serve.host import Host
from penchant.serve.source import Source
from serving import light


def main(folder: Path, url: str, subject: str) -> None:
    host = Host.open(folder, opener=light)
    intake = Intake(host.catalogue("shop").writer)
    source = Source(url, subject, "penchant", in_flight=32, ack_seconds=2)
    print("began", flush=True)
    asyncio.run(until_stopped(broker_of(source, intake)))
    host.close()
    print(told(intake.tally), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
