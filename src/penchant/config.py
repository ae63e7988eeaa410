"""Settings: a domain's TOML as `base`, then overrides; validated, with errors that name the key and its line.

The settings that a catalogue was made with are in its log. Opening it with others rebuilds its state under them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from penchant.errors import ConfigError

DAY = 86_400.0
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """Base of every group of settings: unknown keys are errors, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(Section):
    """What a kind of event says.

    Attributes:
        intensity: in [-1, 1], of an event without a value.
        scale: (worst, best) of the value, mapped linearly to [-1, 1]; None: the value doesn't matter.
        engages: whether it counts as having had the item (a purchase does, a skip doesn't).
    """

    intensity: float = Field(default=0.3, ge=-1, le=1)
    scale: tuple[float, float] | None = None
    engages: bool = True

    @model_validator(mode="after")
    def _scale(self) -> Kind:
        if self.scale and self.scale[0] == self.scale[1]:
            raise ValueError("give two different ends of the scale")
        return self

    def strength(self, value: float | None) -> float:
        """Intensity in [-1, 1] of an event with this value; without a value, of the kind itself.

        >>> rating = Kind(intensity=0.3, scale=(1, 5))
        >>> rating.strength(5), rating.strength(3), rating.strength(None)
        (1.0, 0.0, 0.3)
        """
        if value is None or self.scale is None:
            return self.intensity
        worst, best = self.scale
        return max(-1.0, min(1.0, 2 * (value - worst) / (best - worst) - 1))


class HalfLives(Section):
    """In days of event time: how long until a thing counts half."""

    long: Positive = 365
    nodes: Positive = 365
    popular: Positive = 365
    trending: Positive = 7
    next: Positive = 730
    quality: Positive = 1460
    fresh: Positive = 30
    said: Positive = 30
    context: Positive = 180
    population: Positive = 730


class Watching(Section):
    """Whether a change in how well a category is told or foreseen is noticed, and what follows (extra `drift`).

    Attributes:
        drift: watch every category's errors for a change.
        drift_delta: ADWIN's δ: how seldom it is to be wrong where nothing changed.
        boost: times the rates are raised by after more errors in a category than before.
        boost_for: for how many further examples of it.
    """

    drift: bool = False
    drift_delta: float = Field(default=0.002, gt=0, lt=1)
    boost: float = Field(default=3.0, ge=1, le=100)
    boost_for: int = Field(default=100, ge=1, le=1_000_000)


class Learn(Watching):
    """Steps of learning. η_C, η_D, η_I are the Adagrad rates of the three heads.

    `drift_delta`: so small, as ADWIN takes errors for independent, and those of one person's sitting are not.
    """

    drift_delta: float = Field(default=1e-9, gt=0, lt=1)

    eta_c: Positive = 0.05
    eta_d: Positive = 0.05
    eta_i: Positive = 0.05
    eta_alpha: Positive = 0.02
    negatives: int = Field(default=128, ge=4, le=1024)
    every: int = Field(default=1, ge=1, le=100)
    anchor: Share = 0.02
    warm_epochs: int = Field(default=4, ge=0, le=50)
    rehearse: bool = True


class Model(Section):
    """Shapes and priors of the model. Changing any of them rebuilds the state from the log.

    `history_length`: of x_t, beside the 1 of a text: what somebody did says less sharply what comes next than words say
    what they mean, and the same heads read both. At 1 they are too sure of what is foreseen.
    `joint`: categories and dimensions are one softmax (see `penchant.interest.tree_softmax`): right where they are
    labels to be told apart, as a help desk's; apart they foresee a next film better.
    `most_categories`, `most_dimensions`: nodes of the tree at most; an item that needs more is refused.
    """

    dim: int = Field(default=128, ge=8, le=1024)
    kappa_c: Positive = 5.0
    kappa_d: Positive = 5.0
    engagement: Share = 0.5
    mix_long: Share = 0.5
    history_length: float = Field(default=0.35, gt=0, le=1)
    recent_decay: Share = 0.7
    temperature: Positive = 1.0
    alpha: tuple[float, float, float] = (0.2, 0.1, 0.7)
    fixed_alpha: bool = False
    joint: bool = False
    most_categories: int = Field(default=4096, ge=1, le=1_000_000)
    most_dimensions: int = Field(default=16_384, ge=1, le=1_000_000)
    off: tuple[Literal["category", "dimension", "intensity"], ...] = ()

    @model_validator(mode="after")
    def _alpha(self) -> Model:
        if min(self.alpha) <= 0 or abs(sum(self.alpha) - 1) > 1e-6:
            raise ValueError("give three positive numbers that sum to 1 (α_c, α_d, α_i)")
        return self


class DeclaredField(Section):
    """What a field of the items is about, for requests in words; most fields are known by their names.

    Attributes:
        means: price, year, length or availability; "": only what its name says.
        unit: of a length: millisecond, second, minute, hour, day or week.
        names: further words for it, in any language.
    """

    means: Literal["", "price", "year", "length", "availability"] = ""
    unit: Literal["", "millisecond", "second", "minute", "hour", "day", "week"] = ""
    names: tuple[str, ...] = ()


class Request(Section):
    """How strongly a request in words moves a score, per part, in standard deviations.

    `heard`: how much of the meaning has been heard where the words name nodes and nothing else: so much less it counts,
    or films whose titles are like the word "drama" would stand above the dramas that people like.
    """

    category: float = Field(default=3.5, ge=0)
    dimension: float = Field(default=0.5, ge=0)
    meaning: float = Field(default=1.0, ge=0)
    heard: Share = 0.75


class Diversity(Section):
    """Re-ordering of the best for variety; `trade` 0 keeps the order by score.

    The default was chosen by `benchmarks/diversity.py`: as accurate as no re-ordering, and clearly less alike.
    """

    method: Literal["none", "mmr", "calibrated"] = "mmr"
    trade: Share = 0.3


class Policy(Section):
    """What may be shown. `rules` are dictionaries as `penchant.recommend.policy.Rule` reads them."""

    repeats: bool = False
    rules: tuple[dict[str, Any], ...] = ()


class Settings(Section):
    """All settings of one catalogue.

    >>> Settings.load("movies").kinds["rating"].scale
    (0.5, 5.0)
    """

    domain: str = "general"
    noun: str = "thing"
    noun_zh: str = "东西"
    seed: int = Field(default=7, ge=0, lt=2**63)
    threads: int = Field(default=1, ge=1, le=256)
    encoder: str = "default"
    objective: Literal["next", "liked"] = "next"
    future_seconds: Positive = 300
    snapshot_every: int = Field(default=20_000, ge=100)
    answers_kept: int = Field(default=100_000, ge=0)
    statements_kept: int = Field(default=100_000, ge=1)
    retired_kept: int = Field(default=100_000, ge=0)
    candidates: int = Field(default=1_200, ge=50, le=100_000)
    exact_below: int = Field(default=3_000, ge=0)
    exploration: float = Field(default=0.0, ge=0)
    kinds: dict[str, Kind] = {"view": Kind()}
    evidence: tuple[str, ...] = (
        "long", "recent", "last", "next", "together", "beside", "popular", "trending", "quality", "fresh", "repeat",
        "said", "context", "learned", "sequence",
    )  # fmt: skip
    options: dict[str, dict[str, float]] = {}
    fields: dict[str, DeclaredField] = {}
    half_life: HalfLives = HalfLives()
    learn: Learn = Learn()
    model: Model = Model()
    request: Request = Request()
    diversity: Diversity = Diversity()
    policy: Policy = Policy()

    def kind(self, name: str) -> Kind:
        """The named kind; one that the domain doesn't list counts as a view."""
        return self.kinds.get(name) or self.kinds.get("view") or Kind()

    @classmethod
    def load(cls, base: str | None = None, overrides: str | Path | Mapping[str, Any] | None = None) -> Settings:
        """Settings of a domain with overrides from a TOML file, or from a dictionary of the same shape.

        Args:
            base: a name of `domains()`; None: the file's own `base`, else general defaults.
            overrides: path of a TOML file, or a dictionary; nested tables are merged key by key.

        Raises:
            ConfigError: no such domain or file, bad TOML, unknown key, value out of range.
        """
        text, where, given = "", "settings", dict[str, Any]()
        if isinstance(overrides, str | Path):
            where = str(overrides)
            text = _read(Path(overrides))
            given = _parse(text, where)
        elif overrides:
            given = dict(overrides)
        chosen = base or given.get("base")
        given.pop("base", None)
        data = _merge(_domain(str(chosen)) if chosen else {}, given)
        try:
            return cls(**data)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            line = _line(text, first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            if first["type"] == "extra_forbidden":
                message = f"there is no such setting; {_near(first['loc'])}"
            raise ConfigError(f"{where}{f', line {line}' if line else ''}: {key}: {message}") from None


def domains() -> list[str]:
    """Names of the domains that come with penchant.

    >>> domains()
    ['education', 'finance', 'games', 'movies', 'music', 'news', 'shop', 'support']
    """
    folder = resources.files("penchant") / "domains"
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _domain(name: str) -> dict[str, Any]:
    if name == "general":
        return {}
    if name not in domains():
        raise ConfigError(f"base: there is no domain {name!r}", fix=f"take one of {', '.join(domains())} or general")
    source = (resources.files("penchant") / "domains" / f"{name}.toml").read_text(encoding="utf-8")
    return {"domain": name, **_parse(source, f"{name}.toml")}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", fix="give the path of a TOML file") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text", fix="save it as UTF-8") from None


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", fix="see https://toml.io for the syntax") from None


def _merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(cast("Mapping[str, Any]", under), cast("Mapping[str, Any]", value)) if both else value
    return merged


def _line(text: str, where: tuple[int | str, ...]) -> int | None:
    """Line of the last named key in the TOML text, inside its table where that can be told; None if not found."""
    names = [str(part) for part in where if isinstance(part, str)]
    table = ""
    best = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            table = header[1]
        for depth, name in enumerate(names):
            if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", line) and table in (".".join(names[:depth]), ""):
                best = number
    return best


def _near(where: tuple[int | str, ...]) -> str:
    import difflib

    section: Any = Settings
    for part in where[:-1]:
        known = getattr(section, "model_fields", {}).get(part)
        section = known.annotation if known else None
    names = list(getattr(section, "model_fields", {}))
    close = difflib.get_close_matches(str(where[-1]), names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
