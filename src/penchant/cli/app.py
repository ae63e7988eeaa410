"""The root of the command line: its verbs, the options they share, and how errors end."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from penchant.cli.place import place_of
from penchant.cli.state import State
from penchant.errors import PenchantError


class Verbs(TyperGroup):
    """Ends every error of penchant's own with one line on stderr and its exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except PenchantError as error:
            if ctx.params.get("debug"):
                raise
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(error.status) from None
        except KeyboardInterrupt:
            typer.echo("stopped; what was acknowledged is kept", err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            # whoever read our output has enough of it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            typer.echo(f"error: {_plainly(error)}", err=True)
            raise typer.Exit(1) from None


def _plainly(error: Exception) -> str:
    """An error that nobody foresaw, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename is not None else error.strerror
    what = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {what}; this is a fault of penchant's, see it whole with penchant --debug VERB ..."


app = typer.Typer(
    name="penchant",
    cls=Verbs,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(given: bool) -> None:
    if given:
        from penchant import __version__

        typer.echo(f"penchant {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(
            help="The catalogue: a file, or a PostgreSQL URL.",
            metavar="FILE|URL",
            envvar="PENCHANT_DB",
            show_default="penchant.db",
            show_envvar=True,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no remarks.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """penchant: a live, readable, editable model of what each person wants.

    Begin with [bold]penchant demo[/bold], or with your own data:

      penchant --db shop.db init shop
      penchant --db shop.db import --items items.csv --events events.csv
      penchant --db shop.db recommend ann --request "a warm jacket, not too expensive"
    """
    ctx.obj = State(None if db is None else place_of(db), as_json, quiet)


def main() -> None:
    """Entry point of the `penchant` command."""
    app()


def _register() -> None:
    from penchant.cli import (
        capacity,
        catalogue,
        consume,
        demo,
        doctor,
        importing,
        keys,
        label,
        measure,
        migrate,
        people,
        serve,
        train,
        tune,
        versions,
    )

    app.command()(demo.demo)
    app.command()(catalogue.init)
    app.command("import")(importing.import_)
    catalogue.register(app)
    people.register(app)
    measure.register(app)
    train.register(app)
    tune.register(app)
    versions.register(app)
    label.register(app)
    capacity.register(app)
    app.command()(doctor.doctor)
    migrate.register(app)
    app.command()(serve.serve)
    app.command()(consume.consume)
    keys.register(app)


_register()
