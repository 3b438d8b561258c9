"""Measures forward-auth behind nginx; see forward-auth-bench.sh."""

import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/proxies"))

from gate import Gate, login  # noqa: E402
from wire import Client, free_port  # noqa: E402

BINARY, REPEATS, SECONDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SERVERS, LOAD = "0", "1"
CONNECTIONS = 16
# The rate at which latency is measured, as a part of what the slowest setup can do.
LOAD_FACTOR = 0.6
TICKS = os.sysconf("SC_CLK_TCK")


def nginx(folder: pathlib.Path, name: str, core: str, text: str) -> subprocess.Popen:
    """Starts an nginx with one process on a core. `text` is a configuration with a block `http {`."""
    here = folder / name
    here.mkdir()
    paths = "".join(f"{kind}_temp_path {here}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = text.replace("http {", f"http {{ access_log off; keepalive_requests 1000000000; {paths}", 1)
    head = f"daemon off; master_process off; pid {here}/pid; error_log {here}/error.log;\n"
    (here / "nginx.conf").write_text(head + text)
    return subprocess.Popen(["taskset", "-c", core, "nginx", "-e", f"{here}/error.log", "-c", f"{here}/nginx.conf"])


def simple(port: int, answer: str) -> str:
    return f"events {{}} http {{ server {{ listen 127.0.0.1:{port}; location / {{ return {answer}; }} }} }}"


def guard(public: int, application: int, gate: int, asks: bool) -> str:
    """Returns deploy/'s configuration with other ports, and without the questions if `asks` is false."""
    text = (REPOSITORY / "deploy/nginx/nginx.conf").read_text()
    for there, now in (("127.0.0.1:8080", public), ("127.0.0.1:9000", application), ("127.0.0.1:8000", gate)):
        assert there in text, there
        text = text.replace(there, f"127.0.0.1:{now}")
    return text if asks else re.sub(r"\n *auth_request /.*;", "", text)


def cpu_seconds(processes: list[subprocess.Popen]) -> float:
    """Returns the CPU time of processes since they began, with all their threads."""
    total = 0
    for process in processes:
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def saturate(port: int, cookie: str, processes: list[subprocess.Popen]) -> tuple[float, float]:
    """Returns the requests per second of a saturated core, and the CPU time of a request in microseconds."""
    before = cpu_seconds(processes)
    command = [
        "taskset",
        "-c",
        LOAD,
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}",
        "-H",
        f"Cookie: {cookie}",
        f"http://127.0.0.1:{port}/page",
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    count, took = re.search(r"(\d+) requests in ([\d.]+)s", output).groups()
    return int(count) / float(took), (cpu_seconds(processes) - before) / int(count) * 1e6


def latencies(port: int, cookie: str, rate: float, folder: pathlib.Path) -> tuple[float, float]:
    """Returns the median and the 99th percentile of latency at a fixed rate, in microseconds."""
    log = folder / "latencies"
    log.unlink(missing_ok=True)
    command = ["taskset", "-c", LOAD, "h2load", "--h1", f"-c{CONNECTIONS}", "-t1", f"--rps={rate / CONNECTIONS:.1f}", f"-D{SECONDS}"]
    command += ["-H", f"Cookie: {cookie}", f"--log-file={log}", f"http://127.0.0.1:{port}/page"]
    subprocess.run(command, capture_output=True, check=True)
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    assert rows and all(status == "200" for _, status, _ in rows), "not all answers are 200"
    quantiles = statistics.quantiles((int(took) for _, _, took in rows), n=100)
    return quantiles[49], quantiles[98]


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp())
    application, floor, *publics = (free_port() for _ in range(5))
    gate = Gate(BINARY, folder, publics[2])
    processes = []
    try:
        # A process has the cores of the one that starts it, and Gatelodge has a thread for each.
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(SERVERS)})
        gate.start()
        os.sched_setaffinity(0, cores)
        gate.add_user("ada")
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
            setups[name] = (public, [front, asked] if asked else [front])
        time.sleep(1)
        cookie = login(gate.direct(), "ada")
        for public, _ in setups.values():
            assert Client(public, gate.host).get("/page", cookie=cookie).status == 200

        rates, costs = ({name: [] for name in setups} for _ in range(2))
        for _ in range(REPEATS):
            for name, (public, counted) in setups.items():
                rate, cost = saturate(public, cookie, counted)
                rates[name].append(rate)
                costs[name].append(cost)
        fixed = LOAD_FACTOR * min(statistics.median(values) for values in rates.values())
        halves, tails = ({name: [] for name in setups} for _ in range(2))
        for _ in range(REPEATS):
            for name, (public, _) in setups.items():
                half, tail = latencies(public, cookie, fixed, folder)
                halves[name].append(half)
                tails[name].append(tail)

        print(
            f"{REPEATS} rounds of {SECONDS} s, {CONNECTIONS} connections; latency at {fixed:.0f} requests/s; medians (minimum to maximum)"
        )
        print(f"{'':12} {'requests/s':>28} {'share of the floor':>19} {'CPU µs/request':>15} {'p50 µs':>7} {'p99 µs':>7}")
        for name in setups:
            median = statistics.median(rates[name])
            share = median / statistics.median(rates["floor"])
            spread = f"{median:.0f} ({min(rates[name]):.0f} to {max(rates[name]):.0f})"
            figures = [statistics.median(values[name]) for values in (costs, halves, tails)]
            print(f"{name:12} {spread:>28} {share:>19.2f} {figures[0]:>15.1f} {figures[1]:>7.0f} {figures[2]:>7.0f}")
        ratio = statistics.median(costs["floor"]) / statistics.median(costs["Gatelodge"])
        print(f"CPU time: the floor is {ratio:.2f} of Gatelodge")
    finally:
        for process in processes:
            process.kill()
        gate.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
