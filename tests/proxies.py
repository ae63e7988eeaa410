"""nginx and Caddy as `deploy/` sets them up, in front of a service; only names, ports and certificates are others."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_server import LocalServer, free_port

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
NAME = "penchant.example.org"


def changed(text: str, **others: str) -> str:
    """A text with parts of it replaced, each of which it must hold."""
    for old, new in others.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


class Proxy(LocalServer):
    """A proxy that runs.

    Args:
        service: host and port of what is behind it.
        certificate: of `localhost`; `key.pem` lies beside it.
    """

    scheme = "https"
    program: str

    def __init__(self, service: str, certificate: Path) -> None:
        found = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin")
        if found is None:
            pytest.skip(f"there is no {self.program} (apt-get install {self.program})")
        self._found, self.service, self._certificate = found, service, certificate
        self.plain_port = free_port()
        self.trust = ssl.create_default_context(cafile=str(certificate))
        super().__init__()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def answers(self) -> bool:
        try:
            with self.client() as client:
                client.get("/health/live")
        except httpx.TransportError:
            return False
        return True

    def client(self, source: str = "127.0.0.1", **more: Any) -> httpx.Client:
        """A client that comes from that address."""
        transport = httpx.HTTPTransport(verify=self.trust, local_address=source)
        return httpx.Client(base_url=self.url, transport=transport, timeout=60, **more)


class Nginx(Proxy):
    program = "nginx"

    def command(self) -> list[str]:
        site = changed((DEPLOY / "nginx.conf").read_text(encoding="utf-8"), **{
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "127.0.0.1:8000": self.service, "/var/log/nginx/penchant.log": "stderr",
            f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(self._certificate),
            f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(self._certificate.with_name("key.pem")),
        }).replace(NAME, "localhost")  # fmt: skip
        (self.folder / "site.conf").write_text(site, encoding="utf-8")
        held = "".join(
            f"{what}_temp_path {self.folder}/{what};\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""  # the folder is this user's only
        main = (
            f"{user}daemon off;\nworker_processes 1;\npid {self.folder}/pid;\nerror_log stderr;\n"
            f"events {{ worker_connections 768; }}\nhttp {{\ngzip on;\n{held}include {self.folder}/site.conf;\n}}\n"
        )
        (self.folder / "nginx.conf").write_text(main, encoding="utf-8")
        return [self._found, "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]

    def kill(self) -> None:
        """Its workers end with it, which they don't by kill -9."""
        self._process.terminate()
        self._process.wait(timeout=30)


class Caddy(Proxy):
    program = "caddy"

    def command(self) -> list[str]:
        key = self._certificate.with_name("key.pem")
        site = changed((DEPLOY / "Caddyfile").read_text(encoding="utf-8"), **{
            f"{NAME} {{": f"localhost {{\n\ttls {self._certificate} {key}",
            "127.0.0.1:8000": self.service,
        })  # fmt: skip
        options = f"{{\n\tadmin off\n\thttp_port {self.plain_port}\n\thttps_port {self.port}\n}}\n"
        (self.folder / "Caddyfile").write_text(options + site, encoding="utf-8")
        homes = [f"{name}={self.folder}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
        return ["env", *homes, self._found, "run", "--config", str(self.folder / "Caddyfile"), "--adapter", "caddyfile"]


def make_certificate(folder: Path) -> Path:
    """A certificate of `localhost`, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl (apt-get install openssl)")
    command = [
        openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem"
