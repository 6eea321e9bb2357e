"""Four shells with fifty calls each on one store at the same time: every call is there once, and whole."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from scratch import check, check_pictures, read, sha256, word

SHELLS, CALLS = 4, 50
# Of memory for one `send` with its picture, to decide how many run at once.
EACH = 40 * 2**20


def room():
    """How many calls at once this machine bears."""
    try:
        with open("/proc/meminfo") as lines:
            free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        free = 2 * 2**30
    return max(SHELLS, min(SHELLS * CALLS, free // 2 // EACH))


def run(scratch):
    port = scratch.demo()
    base = f"http://127.0.0.1:{port}"
    at_once = room()
    gate = threading.Barrier(SHELLS)

    def shell(number):
        gate.wait(30)
        with ThreadPoolExecutor(at_once // SHELLS) as calls:
            prompts = [f"shell {number} call {call}: a fox" for call in range(CALLS)]
            one = lambda prompt: scratch.send(prompt, "--size", "512", base=base, seconds=150)
            return list(calls.map(one, prompts))

    with ThreadPoolExecutor(SHELLS) as shells:
        ran = [call for calls in shells.map(shell, range(SHELLS)) for call in calls]
    for call in ran:
        check(call.code == 0, str(call))

    entries = scratch.history()
    total = SHELLS * CALLS
    check(len(entries) == total, f"{len(entries)} exchanges, {total} calls were made")
    check(len({entry["id"] for entry in entries}) == total, "two exchanges have one id")
    times = [entry["id"].partition("-")[0] for entry in entries]
    check(times == sorted(times, reverse=True), "the list is not newest first")
    for entry in entries:
        outcome = (entry["phase"], word(entry))
        check(outcome == ("done", "image"), f"{entry['id']} is {outcome}")
        check(check_pictures(scratch.folder(entry["id"])) == 1, f"{entry['id']} has not one picture")
        shown = f"/{entry['id']}/parts/"
        check(sum(shown in call.out for call in ran) == 1, f"{entry['id']} was not told by exactly one call")

    sent = Counter(request["bodySha256"] for request in scratch.requests())
    kept = Counter(sha256(read(scratch.folder(entry["id"]) / "request.json")) for entry in entries)
    check(max(sent.values()) == 1, "the demo got one request twice")
    check(sent == kept, f"{len(sent - kept)} requests came and are not stored, {len(kept - sent)} the other way round")
    evidence = (scratch.state / "evidence.jsonl").read_text().splitlines()
    check(len(evidence) == total, f"evidence.jsonl has {len(evidence)} lines")
    return f"{total} calls, {at_once} at once, {total} exchanges, each request once"
