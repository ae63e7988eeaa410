"""The paths of the service, one file a resource."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import APIRouter


def all_routers() -> list[APIRouter]:
    """The `router` of every module here, by the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return [router for module in modules if isinstance(router := getattr(module, "router", None), APIRouter)]
