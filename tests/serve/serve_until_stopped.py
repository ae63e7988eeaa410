"""Serves the catalogue `shop` of a folder until a signal comes; prints its address and a key. Run by test_server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lives import films
from penchant.serve.host import Host
from penchant.serve.server import Server
from penchant.serve.settings import ServeSettings
from serving import light


def main(folder: Path, settings: dict[str, Any]) -> None:
    chosen = ServeSettings(**{"port": 0, "rate": "", "warm": False} | settings)
    host = Host.open(folder, chosen, opener=light)
    if "shop" not in host.names():
        host.create("shop", "movies").engine.add_items(films(12))
    server = Server(host, chosen)

    _, token = server.service.keys.create("shop", ["admin"])
    server.announce = lambda address: print(json.dumps({"address": address, "key": token}), flush=True)
    server.run()
    print("ended", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
