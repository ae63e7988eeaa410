"""The catalogue as a whole: how the model is, the tree, backups."""

from __future__ import annotations

import time as clock
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter

from penchant.engine.overview import TreeCount
from penchant.errors import StoreError
from penchant.serve.access import Admin, Read
from penchant.serve.answering import aside, stamp
from penchant.serve.problems import responses
from penchant.serve.service import Session
from penchant.serve.wire.catalogue import (
    Alpha,
    BackupIn,
    BackupOut,
    CatalogueState,
    Drift,
    EvidenceWeight,
    Trained,
    Tree,
    TreeNode,
)

router = APIRouter(prefix="/catalogue", tags=["catalogue"])


@router.get("", operation_id="catalogue_state", summary="How the model is")
async def catalogue_state(session: Read) -> CatalogueState:
    """α, the evidences' weights, counts, trainings, drifts and the version, as they now are."""
    engine, catalogue = session.catalogue.engine, session.catalogue
    seen = await aside(engine.overview)
    trained = await aside(engine.trained)
    settings = engine.settings
    weights = sorted(seen.weights.items(), key=lambda entry: -abs(entry[1]))
    return CatalogueState(
        **stamp(session, seen.version), catalogue=catalogue.name, domain=settings.domain, items=seen.items,
        live_items=seen.live, users=seen.users, learned=seen.learned, waiting=catalogue.writer.depth, now=engine.now,
        encoder=engine.encoder.id, objective=settings.objective, kinds=list(settings.kinds), alpha=Alpha(**seen.alpha),
        evidence=[EvidenceWeight(name=name, weight=weight) for name, weight in weights],
        trained=[
            Trained(version=one.version, evidence=one.evidence, at=one.at, seen_until=one.seen_until)
            for one in trained
        ],
        drifts=None if seen.drifts is None else [Drift(**asdict(one)) for one in seen.drifts],
    )  # fmt: skip


@router.get("/tree", operation_id="catalogue_tree", summary="The taxonomy with counts")
async def catalogue_tree(session: Read) -> Tree:
    """Categories and dimensions, how many items stand there, and their share of what people engage with."""
    nodes = await aside(session.catalogue.engine.tree)
    return Tree(**stamp(session), nodes=[_node(node) for node in nodes])


@router.post(
    "/backups", operation_id="back_up", summary="A consistent copy, while writing goes on", status_code=201,
    responses=responses(409),
)  # fmt: skip
async def back_up(session: Admin, body: BackupIn) -> BackupOut:
    """Into the folder `backups` beside the catalogue, on disk when this is answered. Forgetting somebody lists it."""
    name = body.name or clock.strftime("%Y%m%d-%H%M%S", clock.gmtime())

    def copy() -> tuple[Path, int]:
        folder = _folder(session) / "backups" / session.catalogue.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = session.catalogue.engine.backup(folder / f"{name}.db")
            return path, path.stat().st_size
        except OSError as error:
            raise StoreError(f"{folder}: {error.strerror}", fix="make room there, or let the service write") from error

    path, size = await aside(copy)
    return BackupOut(**stamp(session), path=str(path), bytes=size)


def _folder(session: Session) -> Path:
    host = session.service.host
    return host.folder if host.folder is not None else host.keys.parent


def _node(node: TreeCount) -> TreeNode:
    return TreeNode(
        name=node.path[-1], items=node.items, share=node.share, children=[_node(child) for child in node.children]
    )
