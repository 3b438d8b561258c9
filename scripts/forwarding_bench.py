"""Measures what the gateway adds to requests that it forwards; see forwarding-bench.sh."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/proxies"))

from bench import CONNECTIONS, LOAD, SERVERS, Load, Setup, measure, nginx, on_core  # noqa: E402
from gate import Gate, login  # noqa: E402
from wire import Client, free_port  # noqa: E402

BINARY, REPEATS, SECONDS, HIVE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
START_SECONDS = 60

SCHEMA = """
type Query { tasks: [Task!] }
type Task { id: ID! title: String! done: Boolean! }
"""
TASKS = [{"id": f"task_{at}", "title": f"The title of task {at}", "done": at % 2 == 0} for at in range(10)]
ANSWER = json.dumps({"data": {"tasks": TASKS}}, separators=(",", ":"))
PURE = json.dumps({"query": "{ tasks { id title done } }"})
SPLIT = json.dumps({"query": "{ me { id username } tasks { id title done } }"})
OWN = json.dumps({"query": "{ me { id username } }"})


def service(port: int) -> str:
    """Returns the configuration of the service: it always has the same tasks."""
    return (
        f"events {{}} http {{ server {{ listen 127.0.0.1:{port}; "
        f"location / {{ default_type application/json; return 200 '{ANSWER}'; }} }} }}"
    )


def proxy(port: int, upstream: int) -> str:
    return (
        f"events {{}} http {{ upstream service {{ server 127.0.0.1:{upstream}; keepalive {CONNECTIONS}; keepalive_requests 1000000000; }} "
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://service; proxy_http_version 1.1; "
        'proxy_set_header Connection ""; } } }'
    )


def hive(folder: pathlib.Path, port: int, upstream: int) -> subprocess.Popen:
    """Starts Hive Gateway as a proxy."""
    command = ["node", f"{HIVE}/node_modules/@graphql-hive/gateway/dist/bin.js", "proxy", f"http://127.0.0.1:{upstream}/graphql"]
    command += ["--schema", str(folder / "schema.graphql"), "--host", "127.0.0.1", "--port", str(port), "--fork", "1"]
    environment = os.environ | {"NODE_ENV": "production", "LOG_LEVEL": "error"}
    with open(folder / "hive.log", "wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


def wait_for(port: int, headers: dict[str, str]) -> None:
    """Waits until a server answers with the tasks."""
    pairs = list(headers.items())
    problem = None
    for _ in range(START_SECONDS * 10):
        try:
            answer = Client(port, f"127.0.0.1:{port}").send("POST", "/graphql", pairs, PURE.encode())
            if answer.status == 200 and answer.json()["data"]["tasks"] == TASKS:
                return
            problem = answer
        except (OSError, AssertionError) as error:
            problem = error
        time.sleep(0.1)
    raise AssertionError(f"port {port} does not answer with the tasks: {problem}")


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp())
    upstream, nginx_port, hive_port = (free_port() for _ in range(3))
    (folder / "schema.graphql").write_text(SCHEMA)
    url = f"http://127.0.0.1:{upstream}/graphql"
    gate = Gate(BINARY, folder, settings=f'[graphql-upstream]\nurl = "{url}"\nschema = "{folder}/schema.graphql"\n')
    gate.environment["GATELODGE_ACCESS_LOG"] = "off"
    processes = []
    try:
        processes.append(nginx(folder, "service", LOAD, service(upstream)))
        processes.append(proxy_nginx := nginx(folder, "proxy", SERVERS, proxy(nginx_port, upstream)))
        on_core(SERVERS, gate.start)
        gate.add_user("ada")
        headers = {"Content-Type": "application/json"}
        signed_in = headers | {"Cookie": login(gate.direct(), "ada")}
        gate_load = [Load("/graphql", signed_in, SECONDS, body) for body in (PURE, SPLIT, OWN)]
        plain = Load("/graphql", headers, SECONDS, PURE)
        setups = {
            "direct": Setup(upstream, plain, []),
            "nginx": Setup(nginx_port, plain, [proxy_nginx]),
            "Gatelodge": Setup(gate.port, gate_load[0], [gate.process]),
            "Gatelodge, split": Setup(gate.port, gate_load[1], [gate.process]),
            "Gatelodge, own": Setup(gate.port, gate_load[2], [gate.process]),
        }
        if HIVE:
            on_core(SERVERS, lambda: processes.append(hive(folder, hive_port, upstream)))
            setups["Hive Gateway"] = Setup(hive_port, plain, [processes[-1]], is_slow=True)
        for setup in setups.values():
            wait_for(setup.port, setup.load.headers)

        fixed = measure(setups, REPEATS)

        print(f"{REPEATS} rounds of {SECONDS} s, {CONNECTIONS} connections; medians (minimum to maximum)")
        print(f"{'':17} {'requests/s':>28} {'CPU µs/request':>15} {'at requests/s':>14} {'p50 µs':>7} {'p99 µs':>7} {'added p99':>10}")
        direct = statistics.median(setups["direct"].tails)
        for name, setup in setups.items():
            half, tail = statistics.median(setup.halves), statistics.median(setup.tails)
            # The direct call has another rate than a slow setup.
            added = "" if setup.is_slow or name == "direct" else f"{tail - direct:.0f}"
            print(f"{name:17} {setup.spread:>28} {setup.cost:>15.1f} {fixed[name]:>14.0f} {half:>7.0f} {tail:>7.0f} {added:>10}")
        print(f"CPU time of a forwarded request: {setups['Gatelodge'].cost / setups['nginx'].cost:.2f} times nginx's")
        extra = setups["Gatelodge, split"].cost - setups["Gatelodge"].cost
        print(f"A split query takes {extra:.0f} µs more CPU time than a forwarded one")
    finally:
        for process in processes:
            process.kill()
        gate.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
