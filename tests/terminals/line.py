"""Keys keep their echo while a sharp picture is on its way over a slow line."""

import json
import subprocess
import sys

from stage import HERE, Failed, Run

# Beyond the round trip, at the 95th percentile.
MOST = 150
# Of one picture on a slow line.
HEAVIEST = 250_000


def run(stage, ms, kbps):
    """A line of `ms` each way and `kbps`."""
    run = Run(stage, f"echo-{ms}-{kbps}")
    app = run.wrapped(["open", stage.replies["photo"]], [])
    command = [sys.executable, HERE / "echo.py", stage.harness, run.folder, ms, kbps, *app]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    (run.folder / "log").write_text(done.stdout + done.stderr)
    if done.returncode or not done.stdout.strip():
        raise Failed(f"echo.py ended with {done.returncode}: {done.stderr[-300:]}")
    seen = json.loads(done.stdout.splitlines()[-1])
    if "error" in seen:
        raise Failed(f"{seen}")
    waits = sorted(seen["waits"])
    middle, late = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
    trip = 2 * ms
    figures = f"{len(waits)} keys, round trip {trip} ms, median {middle}, p95 {late}, longest {waits[-1]} ms; picture {seen['picture']} bytes in {seen['seconds']} s"
    if late > trip + MOST:
        raise Failed(f"{figures}; p95 at most {trip + MOST} expected")
    if seen["picture"] > HEAVIEST:
        raise Failed(f"{figures}; at most {HEAVIEST} bytes expected")
    if not seen["placed"]:
        raise Failed(f"{figures}; the picture was never shown")
    return figures
