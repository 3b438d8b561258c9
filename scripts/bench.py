"""Parts of the benchmarks: servers and load, each on a core of its own, and figures as medians of rounds that take turns."""

import dataclasses
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

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
    """Returns the configuration of an nginx that always gives one answer."""
    return f"events {{}} http {{ server {{ listen 127.0.0.1:{port}; location / {{ return {answer}; }} }} }}"


def on_core(core: str, start) -> None:
    """Calls `start`, and keeps the processes that it starts on a core. A server with a thread for each core then has one."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {int(core)})
    start()
    os.sched_setaffinity(0, cores)


def cpu_seconds(processes: list[subprocess.Popen]) -> float:
    """Returns the CPU time of processes and their children since they began, with all their threads."""
    return sum(tree_ticks(process.pid) for process in processes) / TICKS


def tree_ticks(process: int) -> int:
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    # Of children that ended: cutime and cstime.
    own = sum(int(field) for field in fields[11:15])
    children = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return own + sum(tree_ticks(int(child)) for child in children)


@dataclasses.dataclass
class Load:
    """Requests that are all the same."""

    path: str
    headers: dict[str, str]
    seconds: int
    # Sent with POST, if there is one.
    body: str | None = None

    def saturate(self, port: int, processes: list[subprocess.Popen]) -> tuple[float, float]:
        """Returns the requests per second of a saturated core, and the CPU time of a request in microseconds."""
        before = cpu_seconds(processes)
        command = ["taskset", "-c", LOAD, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self.seconds}", *self._headers()]
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            if self.body is not None:
                script.write(f"wrk.method = 'POST'\nwrk.body = [==[{self.body}]==]\n")
                script.flush()
                command += ["-s", script.name]
            output = subprocess.run([*command, self._url(port)], capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in output, output
        count, took = re.search(r"(\d+) requests in ([\d.]+)s", output).groups()
        return int(count) / float(took), (cpu_seconds(processes) - before) / int(count) * 1e6

    def latencies(self, port: int, rate: float) -> tuple[float, float]:
        """Returns the median and the 99th percentile of latency at a fixed rate, in microseconds."""
        with tempfile.TemporaryDirectory() as folder:
            log, data = pathlib.Path(folder) / "latencies", pathlib.Path(folder) / "body"
            command = ["taskset", "-c", LOAD, "h2load", "--h1", f"-c{CONNECTIONS}", "-t1", f"--rps={rate / CONNECTIONS:.1f}"]
            command += [f"-D{self.seconds}", f"--log-file={log}", *self._headers()]
            if self.body is not None:
                data.write_text(self.body)
                command += ["-d", str(data)]
            subprocess.run([*command, self._url(port)], capture_output=True, check=True)
            rows = [line.split("\t") for line in log.read_text().splitlines()]
        assert rows and all(status == "200" for _, status, _ in rows), "not all answers are 200"
        quantiles = statistics.quantiles((int(took) for _, _, took in rows), n=100)
        return quantiles[49], quantiles[98]

    def _headers(self) -> list[str]:
        return [part for name, value in self.headers.items() for part in ("-H", f"{name}: {value}")]

    def _url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}{self.path}"


@dataclasses.dataclass
class Setup:
    """What is measured: a port, its load, and the processes whose CPU time counts."""

    port: int
    load: Load
    processes: list[subprocess.Popen]
    # Measured at a rate of its own, because it is much slower than the others.
    is_slow: bool = False
    rates: list[float] = dataclasses.field(default_factory=list)
    costs: list[float] = dataclasses.field(default_factory=list)
    halves: list[float] = dataclasses.field(default_factory=list)
    tails: list[float] = dataclasses.field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)

    @property
    def spread(self) -> str:
        return f"{self.rate:.0f} ({min(self.rates):.0f} to {max(self.rates):.0f})"


def measure(setups: dict[str, Setup], repeats: int) -> dict[str, float]:
    """Measures setups in turns. Returns the rate at which the latency of each was measured."""
    for _ in range(repeats):
        for setup in setups.values():
            rate, cost = setup.load.saturate(setup.port, setup.processes)
            setup.rates.append(rate)
            setup.costs.append(cost)
    slowest = min(setup.rate for setup in setups.values() if not setup.is_slow)
    fixed = {name: LOAD_FACTOR * (setup.rate if setup.is_slow else slowest) for name, setup in setups.items()}
    for _ in range(repeats):
        for name, setup in setups.items():
            half, tail = setup.load.latencies(setup.port, fixed[name])
            setup.halves.append(half)
            setup.tails.append(tail)
    return fixed
