"""The proxies: how each is started with its configuration of deploy/, whose addresses and policies are replaced."""

import pathlib
import re
import shutil
import socket
import subprocess
import time

DEPLOY = pathlib.Path(__file__).parents[2] / "deploy"
CONFIGS = ("nginx.conf", "haproxy.cfg", "Caddyfile", "envoy.yaml")


class Proxy:
    """A proxy with its configuration of deploy/. `binary` is a path or a command."""

    def __init__(self, name: str, binary: str, folder: pathlib.Path, ports: dict[str, int]):
        self.name, self.binary, self.ports = name, binary, ports
        self.kind = name.split("-")[0]
        self.folder = folder / name
        self.process = None

    def start(self, changes: dict[str, str] | None = None, **ports: int) -> None:
        """Starts the proxy. `changes` replaces words of its files, at least one; `ports` replaces ports."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(DEPLOY / self.kind, self.folder)
        used = self.ports | ports
        addresses = {"8000": str(used["gate"]), "9000": str(used["application"]), "8080": str(used["public"])}
        for words in (addresses, changes or {}):
            self.replace(words, all_of_them=words is addresses)
        config = next(self.folder / name for name in CONFIGS if (self.folder / name).exists())
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(self.command(config), stdout=log, stderr=log, cwd=self.folder, env=self.environment())
        for _ in range(200):
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log()}"
            try:
                socket.create_connection(("127.0.0.1", used["public"])).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise AssertionError(f"{self.name} does not listen:\n{self.log()}")

    def replace(self, words: dict[str, str], all_of_them: bool) -> None:
        """Replaces words in all files. Fails if a word that must be there is not."""
        # A number must not be a part of another one, and a path no part of a longer one.
        pattern = (
            re.compile(r"(" + "|".join(rf"(?<!\w){word}" if word[0].isdigit() else word for word in words) + r")(?![\w-])")
            if words
            else None
        )
        found = set()
        for path in self.folder.iterdir() if pattern else ():
            text = path.read_text()
            found |= set(pattern.findall(text))
            path.write_text(pattern.sub(lambda word: words[word[0]], text))
        assert found == set(words) if all_of_them else found or not words, f"{self.name}: found {found} of {set(words)}"

    def command(self, config: pathlib.Path) -> list[str]:
        match self.kind:
            case "nginx":
                # What Debian's main nginx.conf sets, and folders that need no root.
                text = config.read_text().replace("http {", "http {\n    access_log off;\n" + self.temporary_paths(), 1)
                config.write_text(f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log {self.folder}/error.log;\n" + text)
                return [self.binary, "-e", f"{self.folder}/error.log", "-c", str(config)]
            case "haproxy":
                return [self.binary, "-f", str(config)]
            case "caddy":
                return [self.binary, "run", "--adapter", "caddyfile", "--config", str(config)]
            case _:
                return [self.binary, "-c", str(config), "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]

    def temporary_paths(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "".join(f"    {kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)

    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self) -> str:
        logs = [path.read_text(errors="replace")[-2000:] for path in (self.folder / "log", self.folder / "error.log") if path.exists()]
        return "\n".join(logs)
