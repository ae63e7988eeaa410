"""The command line: `penchant VERB`. Tables for people, `--json` for programs, one line on stderr for every error."""

from penchant.cli.app import app, main

__all__ = ["app", "main"]
