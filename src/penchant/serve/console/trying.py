"""Trying settings: a copy of the catalogue is rebuilt under them, and asked for people who were there lately."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from penchant.config import HalfLives, Settings
from penchant.engine import Engine
from penchant.language.vectors import Progress
from penchant.serve.console.lookup import people_lately

PEOPLE, N = 10, 10


@dataclass(frozen=True, slots=True)
class Change:
    """What settings would change for one person: titles of the best now and then, and how many stay."""

    user: str
    now: tuple[str, ...]
    then: tuple[str, ...]
    stay: int


def changed(
    settings: Settings, half_lives: Mapping[str, float], intensities: Mapping[str, float],
    rules: Sequence[Mapping[str, Any]] | None = None,
) -> Settings:  # fmt: skip
    """The settings with other half-lives (days) and intensities of kinds of events, and other rules if given.

    Raises:
        ConfigError: one is out of range; the message names it.

    >>> changed(Settings.load("movies"), {"long": 30}, {"skip": -0.5}).kinds["skip"].intensity
    -0.5
    """
    data = settings.model_dump(mode="json")
    data["half_life"] |= dict(half_lives)
    for name, intensity in intensities.items():
        data["kinds"][name]["intensity"] = intensity
    if rules is not None:
        data["policy"]["rules"] = [dict(rule) for rule in rules]
    return Settings.load(None, data)


def differences(old: Settings, new: Settings) -> dict[str, dict[str, Any]]:
    """What a TOML of the new settings must hold for the old ones to become them."""
    days = {name: getattr(new.half_life, name) for name in HalfLives.model_fields}
    found: dict[str, dict[str, Any]] = {}
    if lives := {name: value for name, value in days.items() if value != getattr(old.half_life, name)}:
        found["half_life"] = lives
    for name, kind in new.kinds.items():
        if kind.intensity != old.kinds[name].intensity:
            found[f"kinds.{name}"] = {"intensity": kind.intensity}
    if new.policy.rules != old.policy.rules:
        found["policy"] = {"rules": list(new.policy.rules)}
    return found


def as_toml(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of numbers, texts, lists and tables within lists as TOML.

    >>> rules = [{"action": "block", "path": ["War"]}]
    >>> print(as_toml({"half_life": {"long": 30.0}, "policy": {"rules": rules}}), end="")
    [half_life]
    long = 30.0
    <BLANKLINE>
    [policy]
    rules = [
      { action = "block", path = ["War"] },
    ]
    """
    tables = (
        f"[{'.'.join(_key(part) for part in name.split('.', 1))}]\n"
        + "".join(f"{key} = {_shown(value)}\n" for key, value in values.items())
        for name, values in found.items()
    )
    return "\n".join(tables)


def _shown(value: Any) -> str:
    """A value as TOML, of whose texts and lists JSON's are a part, but for the character 127."""
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in cast("list[Any]", value)):
        return "[\n" + "".join(f"  {_shown(one)},\n" for one in cast("list[Any]", value)) + "]"
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {_shown(one)}" for key, one in cast("Mapping[str, Any]", value).items())
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(name: str) -> str:
    if name.isascii() and name.replace("_", "").replace("-", "").isalnum():
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def attempt_settings(engine: Engine, settings: Settings, progress: Progress | None = None) -> list[Change]:
    """What the settings would change for those who were there lately; the catalogue itself stays as it is.

    Raises:
        PenchantError: the copy can't be made or rebuilt.
    """
    with tempfile.TemporaryDirectory(prefix="penchant-settings-") as folder:
        copy = Path(folder) / "copy.db"
        engine.store.backup(copy)
        users = [seen.user for seen in people_lately(engine, PEOPLE)]
        with Engine.open(copy, encoder=engine.encoder, read_only=True) as now:  # no answer is logged
            before = {user: _best(now, user) for user in users}
        with Engine.open(copy, settings=settings, encoder=engine.encoder, progress=progress) as then:
            return [_change(user, before[user], _best(then, user)) for user in users]


def _best(engine: Engine, user: str) -> dict[str, str]:
    """Titles by item, best first."""
    return {one.item: one.title for one in engine.recommend(user, N)}


def _change(user: str, now: dict[str, str], then: dict[str, str]) -> Change:
    return Change(user, tuple(now.values()), tuple(then.values()), len(now.keys() & then.keys()))
