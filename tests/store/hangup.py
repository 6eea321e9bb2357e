"""The line dies with three calls in flight: two end well, one runs into the bound, all are stored, nothing is left."""

import os
import time
from pathlib import Path

from proxy import Proxy
from scratch import FINAL, check, check_pictures, noise_png, read, wait_for, word
from terminal import BETWEEN_SENDS, DOWN, ESCAPE, NEW, PARAMETERS, SEND, Pty, Tmux, have_tmux

BOUND = 12  # seconds, http.hangup_s
MOST_CPU = 0.3  # seconds
TO_IMAGES = 7  # keys down in the parameters, which open on the model
PROMPTS = ["[wait:3000] quick", "[wait:8000] slower", "[scene:slow-read] uploading"]


def run(scratch):
    proxy = Proxy(scratch.demo())
    host = Tmux if have_tmux() else Pty
    picture = noise_png(scratch.root / "ref.png", 1000, 1000, 3)
    app = host(scratch, proxy.base, {"UNPEEL__HTTP__HANGUP_S": BOUND, "UNPEEL__PREVIEW__PROTOCOL": "off"})
    try:
        for prompt in PROMPTS:
            app.write(NEW)
            if prompt == PROMPTS[2]:
                app.write(PARAMETERS)
                app.wait_text("reference files")
                app.write(DOWN * TO_IMAGES)
                app.type(str(picture))
                app.write(ESCAPE)
                time.sleep(0.2)
            app.type(prompt)
            app.write(SEND)
            number = PROMPTS.index(prompt) + 1
            wait_for(f"request {number}", lambda: sum(bool(c.request.body) for c in proxy.posts()) == number)
            time.sleep(BETWEEN_SENDS)
        large = proxy.wait(lambda c: len(c.request.body) > 500_000, 20)
        check(large, "the app's third call has no reference picture; has the form changed?")
        running = {entry["prompt"]: entry for entry in scratch.history()}
        check(set(running) == set(PROMPTS), f"in flight, and seen by a second program: {sorted(running)}")
        for entry in running.values():
            check(entry["phase"] not in FINAL, f"{entry['prompt']} is {entry['phase']} while it is in flight")
        return watch(scratch, proxy, app, host.__name__.lower())
    finally:
        app.close()
        proxy.close()


def watch(scratch, proxy, app, host):
    began, used = time.monotonic(), cpu(app.pid)
    check(used is not None, "the app is gone before the line died")
    app.hang_up()
    last, appeared = used, {}
    while (now := cpu(app.pid)) is not None:
        last = now
        check(time.monotonic() - began < BOUND + 15, f"the app still runs {BOUND + 15} s after the line died")
        if len(appeared) < 2:
            for entry in scratch.history():
                if word(entry) == "image":
                    appeared.setdefault(entry["prompt"], time.monotonic() - began)
        time.sleep(0.1)
    lasted = time.monotonic() - began
    seen = ", ".join(f"{prompt!r} after {after:.1f} s" for prompt, after in appeared.items())
    scratch.log(f"{host}: gone after {lasted:.1f} s, {last - used:.2f} s of CPU; seen meanwhile: {seen}")
    check(set(appeared) == set(PROMPTS[:2]), f"a second program saw these pictures appear: {sorted(appeared)}")

    entries = {entry["prompt"]: entry for entry in scratch.history()}
    check(set(entries) == set(PROMPTS), f"stored are {sorted(entries)}")
    for prompt in PROMPTS[:2]:
        entry = entries[prompt]
        check(entry["phase"] == "done" and word(entry) == "image", f"{prompt} is {entry['phase']}, {word(entry)!r}")
        check(check_pictures(scratch.folder(entry["id"])) == 1, f"{prompt} has no picture")
    third = entries[PROMPTS[2]]
    request = read(scratch.folder(third["id"]) / "request.json")
    sent = max((bytes(connection.request.body) for connection in proxy.posts()), key=len)
    check(len(request) > 3_900_000, f"the third request has {len(request)} B")
    check(request.startswith(sent), f"the third request does not begin with the {len(sent)} B that were sent of it")
    check(third["phase"] in FINAL and word(third), f"the third is {third['phase']}, {word(third)!r}")
    check(last - used < MOST_CPU, f"{last - used:.2f} s of CPU time between the hangup and the end")
    left = others(scratch)
    check(not left, f"still running: {left}")
    end = f"gone after {lasted:.1f} s with {last - used:.2f} s of CPU"
    return f"{host}: two stored with pictures, the third {word(third)}, {end}"


def cpu(pid):
    """Seconds of CPU time used so far; none when the process is gone, or only waits to be buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def others(scratch):
    """Processes that work on this state folder, but for the demo."""
    mine = f"UNPEEL_STATE_DIR={scratch.state}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and mine in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().split(b"\0")
                if command != [b""] and b"demo" not in command:
                    found.append((int(folder.name), b" ".join(command).decode(errors="replace")))
        except OSError:
            continue  # ended meanwhile
    return found
