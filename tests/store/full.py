"""A state folder without space, and one that cannot be written: the picture is kept elsewhere, the record honest."""

import base64
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from proxy import Proxy
from scratch import FINAL, NotRun, check, check_pictures, read, sha256, word

PROMPT = "../full $(touch x) 'picture'"
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


def run(scratch):
    if os.geteuid() != 0:
        raise NotRun("full, a small disk takes root to mount")
    if not shutil.which("mount"):
        raise NotRun("full, there is no mount command")
    scratch.state.mkdir(0o700)
    tried = mount(scratch, "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", scratch.state)
    if tried:
        raise NotRun(f"full, a tmpfs cannot be mounted here: {tried}")
    try:
        port = scratch.demo()
        kept = no_space(scratch, port)
        full_before(scratch, port)
        read_only(scratch, port)
        again(scratch, port)
    finally:
        unmount(scratch)
    return f"1 MB of disk: a picture of {kept} B rescued; no space to begin and read-only: refused; space again: stored"


def mount(scratch, *args):
    """The complaint, empty when it worked."""
    ran = subprocess.run(["mount", *map(str, args)], capture_output=True, text=True, timeout=20)
    return "" if ran.returncode == 0 else ran.stderr.strip() or f"status {ran.returncode}"


def remount(scratch, options):
    complaint = mount(scratch, "-o", f"remount,{options}", scratch.state)
    check(not complaint, f"remount,{options}: {complaint}")


def unmount(scratch):
    for _ in range(20):
        if subprocess.run(["umount", str(scratch.state)], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "-l", str(scratch.state)], capture_output=True)


def send(scratch, port, *args, prompt=PROMPT):
    """One call through a recording proxy; how it ended, and what passed."""
    proxy = Proxy(port)
    try:
        return scratch.send(prompt, *args, base=proxy.base), proxy.posts()
    finally:
        proxy.close()


def picture_in(reply):
    parts = json.loads(reply)["candidates"][0]["content"]["parts"]
    return next(base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part)


def no_space(scratch, port):
    ran, posts = send(scratch, port)
    check(len(posts) == 1 and len(posts[0].reply.body) > 2**20, "the reply is not larger than the disk")
    picture = picture_in(bytes(posts[0].reply.body))
    check(ran.code == 0, f"a picture came and could be kept elsewhere: {ran}")
    paths = [Path(line) for line in ran.out.splitlines()]
    copies = [path for path in paths if path.is_file() and sha256(path.read_bytes()) == sha256(picture)]
    check(copies and copies == paths, f"stdout names {paths}, of which {copies} are the picture")
    check(all(str(copy) in ran.err for copy in copies), f"stderr does not name the only copy, {copies}: {ran.err}")
    check(all(NAME.fullmatch(copy.name) for copy in copies), f"the rescued picture is called {copies[0].name!r}")
    check(any(words in ran.err for words in ("only copy", "No space")), f"stderr does not say what is wrong: {ran.err}")
    entries = [entry for entry in scratch.history() if entry["prompt"] == PROMPT]
    check(len(entries) == 1, f"{len(entries)} exchanges of the call on the full disk")
    honest(scratch, entries[0], bytes(posts[0].reply.body))
    # Room again: the same record, still readable and still honest.
    remount(scratch, "size=16m")
    entries = [entry for entry in scratch.history() if entry["prompt"] == PROMPT]
    check(len(entries) == 1, "the exchange of the full disk is gone once there is space")
    honest(scratch, entries[0], bytes(posts[0].reply.body))
    check(send(scratch, port, prompt="space again")[0].code == 0, "with space again a call does not succeed")
    return len(picture)


def honest(scratch, entry, reply):
    """What the record says is true: somehow at its end, the body a beginning of the reply, pictures that are there."""
    scratch.show(entry["id"])
    check(entry["phase"] in FINAL, f"{entry['id']} is {entry['phase']} although nobody is at work")
    folder = scratch.folder(entry["id"])
    stored = read(folder / "body")
    check(reply.startswith(stored), f"{entry['id']}: the body is no beginning of the reply")
    scratch.log(f"full disk: {entry['phase']}, {word(entry)!r}, {len(stored)} of {len(reply)} B of the body")
    check_pictures(folder)


def full_before(scratch, port):
    """No room for the request: nothing may be sent."""
    filler = scratch.state / "filler"
    # Unbuffered, or closing it would try once more.
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    ran, posts = send(scratch, port, prompt="no room to begin")
    check(ran.code == 2 and not posts, f"no room for the request, {len(posts)} were sent: {ran}")
    check(str(scratch.state) in ran.err, f"the sentence does not name the folder: {ran.err}")
    scratch.history()
    filler.unlink()


def read_only(scratch, port):
    remount(scratch, "ro")
    listed = len(scratch.history())
    ran, posts = send(scratch, port, prompt="read-only")
    check(ran.code == 2 and not posts, f"a read-only state folder, {len(posts)} requests were sent: {ran}")
    check(str(scratch.state) in ran.err, f"the sentence does not name the folder: {ran.err}")
    out = scratch.work / "out.png"
    ran, posts = send(scratch, port, "--out", out, prompt="read-only, with --out")
    check(ran.code == 0 and len(posts) == 1, f"with --out the picture has a place: {ran}")
    check(out.read_bytes() == picture_in(bytes(posts[0].reply.body)), "--out is not the picture that came")
    check(len(scratch.history()) == listed, "the history of a read-only folder has changed")
    remount(scratch, "rw")


def again(scratch, port):
    ran, _ = send(scratch, port, prompt="writable again")
    check(ran.code == 0, f"writable again: {ran}")
    newest = scratch.history()[0]
    check(newest["prompt"] == "writable again" and word(newest) == "image", f"the newest exchange is {newest}")
