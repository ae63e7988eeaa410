"""What is done before a service is ready: every kernel that requests need is there after it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from penchant.config import domains
from penchant.language import glossary, universal
from penchant.serve.host import Host
from penchant.serve.settings import ServeSettings
from penchant.serve.warm import warm

FIRST = """
import gc
from numba.core.dispatcher import Dispatcher
from penchant import Engine, Event
from penchant.serve.warm import Words, warm

def loaded():
    return {{str(one): set(one.signatures) for one in gc.get_objects() if isinstance(one, Dispatcher)}}

if {warm}:
    warm()
before = loaded()
for base, least in [(base, least) for base in {domains} for least in (0, 3000)]:  # a large catalogue, a small one
    with Engine.open(base=base, settings={{"exact_below": least}}, encoder=Words()) as engine:
        things = [dict(id=f"i{{k}}", text=f"thing {{k}}", paths=[["a" if k % 2 else "b", "c"]]) for k in range(9)]
        engine.add_items(things)
        answer = engine.recommend("zoe", 3)
        engine.observe_each([Event(user="zoe", item=answer[0].item, kind="like", request_id=answer.request_id)])
        engine.tell("zoe", "more a")
        engine.recommend("zoe", 3, "a thing")
        print([part.phrase() for one in engine.recommend("zoe", 3) for part in one.explanation.parts])
print(sorted(name for name, signatures in loaded().items() if signatures - before.get(name, set())))
"""


def late(warm: bool) -> list[str]:
    """Kernels that requests of a new process had to load or compile."""
    command = [sys.executable, "-W", "error", "-c", FIRST.format(domains=list(domains()), warm=warm)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def test_no_request_waits_for_a_kernel_afterwards() -> None:
    assert late(warm=True) == []
    assert len(late(warm=False)) > 10


@pytest.mark.parametrize("warm", [True, False])
def test_no_request_waits_for_the_encoders_weights_or_the_dictionary_afterwards(
    warm: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universal, "_models", {})
    glossary._dictionary.cache_clear()
    host = Host.open(tmp_path, ServeSettings(warm=warm))
    try:
        host.create("shop", "shop")
        read = dict(universal._models)
        assert len(read) == warm
        assert glossary._dictionary.cache_info().currsize == (warm and glossary.installed())
        host.create("films", "movies").engine.encoder.encode(["a film"])
        assert len(universal._models) == 1  # one for all
        assert not warm or universal._models == read
    finally:
        host.close()


def test_it_ends_between_two_lives() -> None:
    asked: list[int] = []
    assert warm(lambda: bool(asked.append(1) or len(asked) > 1)) > 0
    assert len(asked) == len(domains())
