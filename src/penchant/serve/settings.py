"""Settings of the service: defaults, then a TOML file, then the environment, then what the command line gives."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from penchant.errors import ConfigError

PREFIX = "PENCHANT_SERVE_"
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _names(value: Any) -> Any:
    """A list, or names with commas between them, as an environment variable has them."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ServeSettings(BaseModel):
    """How the service runs.

    Attributes:
        host, port: where it listens.
        folder: one catalogue a tenant, `<tenant>.db`, beside the keys.
        catalogues: further catalogues by tenant: a path or URL each.
        base: domain of catalogues that are made new (see `penchant.config.domains`).
        eager: open all catalogues at the start (readiness waits for them), not each at its first request.
        read_only: only answer, from catalogues that another process writes to; their logs are followed.
        refresh_seconds: between looks at those logs.
        queue: events that wait for one catalogue's writer; further ones are refused with 429.
        threads: engine calls at a time.
        body_bytes, stream_bytes: largest body; of a stream of lines (NDJSON).
        json_depth: arrays and objects within each other.
        body_seconds: in which a body must have come; of a stream each part.
        idle_seconds: an unused connection stays.
        open_seconds: how long a request waits for its catalogue to open.
        rate: of each key that has none of its own, as "1000/second" or "5/second;100/minute"; "" for none.
        rate_storage: where rates are counted: memory:// (each process its own) or an address such as redis://host:6379.
        cors: origins of browsers' pages that may call; none unless named.
        linger_seconds: between not ready and the end of listening, for a load balancer to notice.
        drain_seconds: longest wait for requests under way at the end.
        console: whether the web console is there, at /console.
        warm: whether it loads or compiles the engine's code before it is ready, instead of at the first requests.
        docs: whether the pages at /docs are there, and /openapi.json needs no key.
        log: level of the log.
        log_format: text for people, json for programs; auto: text on a terminal, else json.
        log_texts: whether the log may hold what people wrote and who they are, for finding a fault; not otherwise.
        metrics: who may read /metrics: key (with role read, its own tenant), public (all, everybody), off.
        traces: address that takes OpenTelemetry's traces by OTLP over HTTP, such as http://localhost:4318/v1/traces;
            "" for none.

    >>> ServeSettings().port
    8000
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    folder: Path = Path("catalogues")
    catalogues: dict[str, str] = {}
    base: str | None = None
    eager: bool = True
    read_only: bool = False
    refresh_seconds: Seconds = 0.2
    queue: int = Field(default=10_000, ge=1, le=10_000_000)
    threads: int = Field(default=40, ge=1, le=1000)
    body_bytes: int = Field(default=10 * 2**20, ge=1024)
    stream_bytes: int = Field(default=2**30, ge=1024)
    json_depth: int = Field(default=32, ge=4, le=200)
    body_seconds: Seconds = 30
    idle_seconds: Seconds = 15
    open_seconds: Seconds = 2
    rate: str = "1000/second"
    rate_storage: str = "memory://"
    cors: Names = ()
    linger_seconds: float = Field(default=0, ge=0, le=600, allow_inf_nan=False)
    drain_seconds: Seconds = 30
    console: bool = True
    warm: bool = True
    docs: bool = False
    log: Literal["critical", "error", "warning", "info", "debug"] = "info"
    log_format: Literal["auto", "text", "json"] = "auto"
    log_texts: bool = False
    metrics: Literal["key", "public", "off"] = "key"
    traces: str = ""

    @field_validator("rate")
    @classmethod
    def _rate(cls, value: str) -> str:
        from penchant.serve.rates import parse_rate

        parse_rate(value)
        return value

    @classmethod
    def load(
        cls, file: Path | None = None, environment: Mapping[str, str] | None = None, **given: Any
    ) -> ServeSettings:
        """The settings; of the same name the last counts: file, environment, given (None: not given).

        Raises:
            ConfigError: the file can't be read, or a setting is unknown or out of range; the message names it.

        >>> ServeSettings.load(None, {"PENCHANT_SERVE_PORT": "9000"}).port
        9000
        >>> ServeSettings.load(None, {"PENCHANT_SERVE_PORT": "many"})
        Traceback (most recent call last):
        penchant.errors.ConfigError: serve.port (PENCHANT_SERVE_PORT): input should be a valid integer, ...
        """
        read = _read(file) if file is not None else {}
        environment = os.environ if environment is None else environment
        named = {
            name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
        }
        chosen = {name: value for name, value in given.items() if value is not None}
        try:
            return cls.model_validate(read | named | chosen)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            top = str(first["loc"][0]) if first["loc"] else ""
            where = f" ({PREFIX}{top.upper()})" if top in named else f" ({file})" if top in read else ""
            if first["type"] == "extra_forbidden":
                raise ConfigError(f"serve.{field}{where}: there is no such setting", fix="check the spelling") from None
            message = first["msg"].removeprefix("Value error, ")
            raise ConfigError(f"serve.{field}{where}: {message[:1].lower()}{message[1:]}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", fix="check the path of the settings") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}", fix="correct the TOML") from None
