"""The HTTP service: many isolated catalogues behind keys, on the engine that the library has."""

from __future__ import annotations
