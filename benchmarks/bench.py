"""What all benchmarks share: where the data lies, what machine this is, and how a result is kept."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parent / "docs" / "img"
DATA = Path(os.environ.get("PENCHANT_DATA", HERE.parent.parent / "shared" / "data"))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def data_set(name: str) -> Path:
    """The folder of a public data set; ends with a plain reason where it is absent."""
    path = DATA / name
    if not path.is_dir():
        sys.exit(f"the data set {name} is not in {DATA}; PENCHANT_DATA names another folder")
    return path


def machine() -> dict[str, Any]:
    """Processor, cores, versions and commit."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = names[0] if names else processor
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def keep(name: str, figures: dict[str, Any]) -> None:
    """Print the figures and keep them in results/."""
    result = {"benchmark": name, "machine": machine(), "figures": figures}
    text = json.dumps(result, ensure_ascii=False, indent=2)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)
