"""The paths of the service, one file a resource."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import APIRouter

OFTEN = ("events", "recommendations")


def all_routers() -> list[APIRouter]:
    """The `router` of every module here, those asked most first: they are looked through in this order."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    names = sorted(found, key=lambda name: name not in OFTEN)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [router for module in modules if isinstance(router := getattr(module, "router", None), APIRouter)]
