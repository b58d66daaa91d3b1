"""Measures the synth of an AWS cluster, compared with plain imports of the bindings and with a bare cdktf program.

The bare program is generated from the application's output, and loads only the binding modules that it uses. This is
the minimum for a program with this output. The programs run in turn, so that changes of the machine's speed affect all.
Only the ratios are meaningful.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from bare import ROOT, Run, emitted, run, written_out

SETTINGS = """
from cdktf import App
from stacks import Aws, Cluster, add_cluster

app = App()
aws = Aws(
    region="eu-central-1",
    zones=["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    ssh_public_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJlZm9yZSB0aGUgYmVnaW5uaW5nIHdhcyB0aGUgZW5k ops",
    admin_cidrs=["198.51.100.7/32"],
    agents={agents},
    agent_batch={batch},
)
pins = dict(zookeeper_version="3.9.4", mesos_version="1.11.0", marathon_version="v1.11.24")
add_cluster(app, Cluster(name="dev", platform=aws, **pins))
app.synth()
"""
PLAIN = "import cdktf_cdktf_provider_aws\nimport cdktf_cdktf_provider_docker\n"

PAIRS, GROWTH, BATCH = 3, (125, 250, 500, 1000), 100


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        programs = written(Path(place), agents=5, batch=1)
        (Path(place) / "plain.py").write_text(PLAIN + programs["application"].read_text())
        programs["plain imports"] = Path(place) / "plain.py"
        runs = [{name: run(program, Path(place) / name) for name, program in programs.items()} for _ in range(PAIRS)]
        print("three + five machines")
        for name in programs:
            show(name, [each[name] for each in runs])
        for other in ("plain imports", "bare program"):
            seconds = statistics.median(each["application"].seconds / each[other].seconds for each in runs)
            memory = statistics.median(each["application"].mebibytes / each[other].mebibytes for each in runs)
            print(f"application / {other}: {seconds:.2f} of the time, {memory:.2f} of the memory (medians of {PAIRS})")
    print(f"three + N machines, {BATCH} agents a batch")
    for agents in GROWTH:
        with tempfile.TemporaryDirectory() as place:
            programs = written(Path(place), agents=agents, batch=BATCH)
            ours, bare = (run(programs[name], Path(place) / name) for name in ("application", "bare program"))
            stacks = emitted(Path(place) / "application")
            size = len(json.dumps(stacks)) / 1e6
            each = ours.seconds / agents * 1000
            print(
                f"{agents:5} agents {len(stacks):3} stacks {size:6.1f} MB {ours.seconds:6.1f} s "
                f"({each:.0f} ms an agent) {ours.mebibytes:5.0f} MiB; "
                f"bare {bare.seconds:6.1f} s, ratio {ours.seconds / bare.seconds:.2f}",
                flush=True,
            )


def written(place: Path, *, agents: int, batch: int) -> dict[str, Path]:
    """Writes the application and a bare program with the same output; returns their paths by name."""
    ours, bare = place / "ours.py", place / "bare.py"
    ours.write_text(SETTINGS.format(agents=agents, batch=batch))
    run(ours, place / "application")
    bare.write_text(written_out(emitted(place / "application")))
    run(bare, place / "bare program")
    theirs = emitted(place / "bare program")
    for name, document in emitted(place / "application").items():
        if document != theirs[name]:
            sys.exit(f"{ROOT}: the two programs emit different resources in {name}")
    return {"application": ours, "bare program": bare}


def show(name: str, runs: list[Run]) -> None:
    """A line of a program's times and memory."""
    seconds = [each.seconds for each in runs]
    print(
        f"{name:14} {min(seconds):6.2f} {statistics.median(seconds):6.2f} {max(seconds):6.2f} s (min, median, max) "
        f"{max(each.mebibytes for each in runs):5.0f} MiB"
    )


if __name__ == "__main__":
    main()
