"""Measures forward-auth behind nginx; see forward-auth-bench.sh."""

import pathlib
import re
import shutil
import statistics
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/proxies"))

from bench import CONNECTIONS, LOAD, SERVERS, Load, Setup, measure, nginx, on_core, simple  # noqa: E402
from gate import Gate, login  # noqa: E402
from wire import Client, free_port  # noqa: E402

BINARY, REPEATS, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def guard(public: int, application: int, gate: int, asks: bool) -> str:
    """Returns deploy/'s configuration with other ports, and without the questions if `asks` is false."""
    text = (REPOSITORY / "deploy/nginx/nginx.conf").read_text()
    for there, now in (("127.0.0.1:8080", public), ("127.0.0.1:9000", application), ("127.0.0.1:8000", gate)):
        assert there in text, there
        text = text.replace(there, f"127.0.0.1:{now}")
    return text if asks else re.sub(r"\n *auth_request /.*;", "", text)


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp())
    application, floor, *publics = (free_port() for _ in range(5))
    gate = Gate(BINARY, folder, publics[2])
    processes = []
    try:
        on_core(SERVERS, gate.start)
        gate.add_user("ada")
        cookie = login(gate.direct(), "ada")
        load = Load("/page", {"Cookie": cookie}, SECONDS)
        processes.append(nginx(folder, "application", LOAD, simple(application, "200 '{\"a\":1}'")))
        processes.append(floor_nginx := nginx(folder, "floor", SERVERS, simple(floor, "204")))
        setups = {}
        for name, public, asked, port in (
            ("nginx alone", publics[0], None, floor),
            ("floor", publics[1], floor_nginx, floor),
            ("Gatelodge", publics[2], gate.process, gate.port),
        ):
            processes.append(
                front := nginx(folder, "front-" + name.replace(" ", "-"), SERVERS, guard(public, application, port, asked is not None))
            )
            setups[name] = Setup(public, load, [front, asked] if asked else [front])
        time.sleep(1)
        for setup in setups.values():
            assert Client(setup.port, gate.host).get("/page", cookie=cookie).status == 200

        fixed = measure(setups, REPEATS)

        print(
            f"{REPEATS} rounds of {SECONDS} s, {CONNECTIONS} connections; latency at {fixed['floor']:.0f} requests/s; "
            "medians (minimum to maximum)"
        )
        print(f"{'':12} {'requests/s':>28} {'share of the floor':>19} {'CPU µs/request':>15} {'p50 µs':>7} {'p99 µs':>7}")
        for name, setup in setups.items():
            share = setup.rate / setups["floor"].rate
            half, tail = statistics.median(setup.halves), statistics.median(setup.tails)
            print(f"{name:12} {setup.spread:>28} {share:>19.2f} {setup.cost:>15.1f} {half:>7.0f} {tail:>7.0f}")
        print(f"CPU time: the floor is {setups['floor'].cost / setups['Gatelodge'].cost:.2f} of Gatelodge")
    finally:
        for process in processes:
            process.kill()
        gate.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
