"""The web console: watch, explain and steer a catalogue from a browser, at `/console`. Needs an admin key to log in."""

from __future__ import annotations

from penchant.serve.console.mount import BASE, POLICY, PUBLIC, attach

__all__ = ["BASE", "POLICY", "PUBLIC", "attach"]
