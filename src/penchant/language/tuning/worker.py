"""One of several processes at one training; `launch` starts them. Progress goes to stdout, a line of JSON each."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from penchant.errors import PenchantError
from penchant.language.tuning.examples import read_examples
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.training import Epoch, tune_encoder

EVERY = 0.2  # seconds between two words on the steps


def main(place: Path) -> None:
    """Do the job that `launch` wrote into this folder."""
    job: dict[str, Any] = json.loads((place / "job.json").read_text(encoding="utf-8"))
    parts = {part: read_examples(place / f"{part}.jsonl") if job[part] else [] for part in ("train", "dev", "test")}
    leads, last = os.environ.get("RANK", "0") == "0", 0.0

    def tell(**what: Any) -> None:
        if leads:
            print(json.dumps(what), flush=True)

    def step(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= EVERY or done == total:
            last = now
            tell(step=[done, total])

    def epoch(told: Epoch) -> None:
        tell(epoch=asdict(told))

    try:
        found = tune_encoder(
            job["encoder"], parts["train"], job["folder"], TuningSettings.read(job["settings"]), dev=parts["dev"],
            test=parts["test"], device=job["device"], threads=job["threads"], progress=epoch, step=step,
        )  # fmt: skip
    except PenchantError as error:
        tell(error=[type(error).__name__, error.what, error.fix])
        sys.exit(1)
    tell(found=found.to_dict())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
