"""Several processes at one training, on several GPUs or several cores: PyTorch's launcher and accelerate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from penchant import errors
from penchant.errors import InvalidRecord, PenchantError
from penchant.language.tuning.again import replayed
from penchant.language.tuning.examples import Example, split
from penchant.language.tuning.report import Report
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.training import Device, Epoch, Tuning, choose_device, needed


def tune_in_processes(
    processes: int, encoder: str | Path, examples: Sequence[Example], folder: str | Path,
    settings: TuningSettings | None = None, *, dev: Sequence[Example] | None = None,
    test: Sequence[Example] | None = None, replay: Sequence[Example] = (), device: Device = "auto", threads: int = 1,
    progress: Callable[[Epoch], None] | None = None, step: Callable[[int, int], None] | None = None,
) -> Tuning:  # fmt: skip
    """As `tune_encoder`, by so many processes, each with its share of every batch (and its own GPU).

    Raises:
        InvalidRecord: fewer than 1 process; and as `tune_encoder`.
    """
    needed()
    if processes < 1:
        raise InvalidRecord("processes", processes, "give 1 or more")
    chosen = settings or TuningSettings()
    where = choose_device(device, chosen.precision)
    shares = [chosen.dev if dev is None else 0.0, chosen.test if test is None else 0.0]
    train, own_dev, own_test = split(examples, shares, chosen.seed)
    train = replayed(train, replay, chosen.replay, chosen.seed) if replay else train
    parts = {"train": train, "dev": own_dev if dev is None else dev, "test": own_test if test is None else test}
    with tempfile.TemporaryDirectory(prefix="penchant-tuning-") as made:
        place = Path(made)
        for part, of in parts.items():
            lines = [json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in of]
            (place / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")
        job = {
            "encoder": str(encoder), "folder": str(folder), "settings": chosen.model_dump(mode="json"),
            "device": where, "threads": threads, **{part: len(of) for part, of in parts.items()},
        }  # fmt: skip
        (place / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes),
            "--module", "penchant.language.tuning.worker", str(place),
        ]  # fmt: skip
        env = {**os.environ, "OMP_NUM_THREADS": str(threads)} | (
            {"ACCELERATE_USE_CPU": "true"} if where == "cpu" else {}
        )
        with (place / "stderr").open("w+", encoding="utf-8") as heard:
            found = follow(command, env, heard, progress, step)
    told = {name: Report.from_dict(found[name]) if found[name] else None for name in ("dev", "test")}
    return Tuning(
        folder=Path(found["folder"]), method=found["method"], epochs=found["epochs"], seconds=found["seconds"],
        trained=found["trained weights"], weights=found["weights"], history=found["history"], **told,
    )  # fmt: skip


def follow(
    command: list[str], env: dict[str, str], heard: Any, progress: Callable[[Epoch], None] | None,
    step: Callable[[int, int], None] | None,
) -> dict[str, Any]:  # fmt: skip
    """What the processes of this command found; they end with this one."""
    found: dict[str, Any] | None = None
    failed: list[str] | None = None
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=heard, text=True) as running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                if not line.startswith("{"):
                    continue
                told = json.loads(line)
                found, failed = told.get("found", found), told.get("error", failed)
                if step is not None and "step" in told:
                    step(*told["step"])
                if progress is not None and "epoch" in told:
                    progress(Epoch(**told["epoch"]))
        except BaseException:
            running.terminate()
            raise
    if failed is not None:
        kind: Any = getattr(errors, failed[0], PenchantError)
        raise (PenchantError if issubclass(kind, InvalidRecord) else kind)(failed[1], fix=failed[2])
    if found is None:
        heard.seek(0)
        last = [line for line in heard.read().splitlines() if "Error" in line]
        raise PenchantError(f"the processes of the training ended: {(last or ['no reason given'])[0].strip()[:200]}")
    return found
