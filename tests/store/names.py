"""Hostile prompts and umasks: nothing appears where it should not, nothing is overwritten, nobody else may read."""

import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor

from scratch import check, check_pictures, sha256, tree, wait_for, word
from terminal import PREVIEW, SEND, Pty

PROMPTS = [
    "../../.ssh/authorized_keys",
    "CON",
    "\N{FOX FACE}" * 400,
    "-rf",
    "$(touch x)'\"",
    "`touch x`; a\nb",
    ".",
    "a/b\\c:d",
]
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
UMASKS = (0o000, 0o077)


def run(scratch):
    base = f"http://127.0.0.1:{scratch.demo()}"
    # Two levels deep, so that ../../.ssh from here is a folder that exists.
    scratch.work = scratch.home / "work" / "deep"
    scratch.work.mkdir(parents=True)
    keys = scratch.home / ".ssh" / "authorized_keys"
    keys.parent.mkdir()
    keys.write_text("ssh-ed25519 AAAA\n")
    before = elsewhere(scratch)

    pictures = hostile(scratch, base)
    link(scratch, base)
    race(scratch, base)
    twins(scratch, base)
    saved = save_key(scratch, base)

    after = elsewhere(scratch)
    changed = sorted(set(after.items()) ^ set(before.items()))
    check(not changed, f"changed outside of the state and the working folder: {changed}")
    check_modes(scratch.state)
    return f"{len(PROMPTS)} prompts under {len(UMASKS)} umasks, {pictures} pictures, {saved} saved by key"


def elsewhere(scratch):
    """All files but those in the state folder, the working folder and this script's logs."""
    mine = (scratch.state, scratch.work, scratch.logs)
    within = lambda path: any(path.is_relative_to(folder) for folder in mine)
    return {name: what for name, what in tree(scratch.root).items() if not within(scratch.root / name)}


def hostile(scratch, base):
    number = 0
    for mask in UMASKS:
        for prompt in PROMPTS:
            out = scratch.work / f"out-{mask:o}-{number}.png"
            ran = scratch.send(prompt, "--size", "512", "--out", out.name, base=base, umask=mask)
            check(ran.code == 0, f"prompt {prompt[:30]!r}: {ran}")
            check_modes(scratch.state)
            for file in (out, out.with_name(out.name + ".json")):
                check_private(file)
            picture = next(path for path in ran.out.splitlines() if "/parts/" in path)
            name = picture.rsplit("/", 1)[1]
            check(NAME.fullmatch(name), f"prompt {prompt[:30]!r}: the picture is called {name!r}")
            check(len(name) <= 255, f"prompt {prompt[:30]!r}: a name of {len(name)} bytes")
            told = json.loads(out.with_name(out.name + ".json").read_text())
            check(told["prompt"] == prompt, f"the sidecar's prompt is {told['prompt'][:60]!r}")
            check(told["sha256"] == sha256(out.read_bytes()), "the sidecar's sha256 is not the picture's")
            number += 1
    listed = {entry["prompt"] for entry in scratch.history()}
    check(set(PROMPTS) <= listed, f"not in the history as typed: {set(PROMPTS) - listed}")
    return number


def link(scratch, base):
    """A link where the picture should go is refused before anything is sent."""
    target = scratch.work / "precious"
    target.write_text("precious\n")
    (scratch.work / "link.png").symlink_to(target)
    (scratch.work / "nowhere.png").symlink_to(scratch.home / "made")
    (scratch.work / "beside.png.json").symlink_to(target)
    asked = len(scratch.requests())
    for name in ("link.png", "nowhere.png", "beside.png"):
        ran = scratch.send("a fox", "--out", name, base=base)
        check(ran.code == 2 and name in ran.err, f"--out {name}, a link: {ran}")
    check(target.read_text() == "precious\n", "what the link points to was overwritten")
    check(not (scratch.home / "made").exists(), "the dangling link was followed")
    check(len(scratch.requests()) == asked, "a request was sent although --out was refused")


def race(scratch, base):
    """Many at once with one --out: one of them gets it, with the sidecar that belongs to it; no picture is lost."""
    prompts = [f"racer {number}" for number in range(6)]
    with ThreadPoolExecutor(len(prompts)) as together:
        one = lambda prompt: scratch.send(prompt, "--size", "512", "--out", "race.png", base=base)
        ran = list(together.map(one, prompts))
    for one in ran:
        # Whoever comes after the winner had written is refused before it sends.
        check(one.code in (0, 2), str(one))
    won = json.loads((scratch.work / "race.png.json").read_text())
    out = (scratch.work / "race.png").read_bytes()
    check(sha256(out) == won["sha256"], "race.png is not the picture of its sidecar")
    entries = [entry for entry in scratch.history() if entry["prompt"] in prompts]
    check(len(entries) == sum(one.code == 0 for one in ran), f"{len(entries)} exchanges of {len(prompts)} racers")
    for entry in entries:
        check(check_pictures(scratch.folder(entry["id"])) == 1, f"{entry['id']} has lost its picture")


def twins(scratch, base):
    """One prompt many times in one moment, each with two pictures: as many exchanges, and both pictures in each."""
    prompt = "[scene:thought-final] twins"
    with ThreadPoolExecutor(6) as together:
        ran = list(together.map(lambda _: scratch.send(prompt, "--size", "512", base=base), range(6)))
    for one in ran:
        check(one.code == 0, str(one))
    paths = [path for one in ran for path in one.out.splitlines()]
    check(len(set(paths)) == len(paths) == 12, f"{len(set(paths))} different paths of {len(paths)}, 12 were to be")
    entries = [entry for entry in scratch.history() if entry["prompt"] == prompt]
    check(len(entries) == 6, f"{len(entries)} exchanges of 6")
    for entry in entries:
        check(check_pictures(scratch.folder(entry["id"])) == 2, f"{entry['id']} has not two pictures")


def save_key(scratch, base):
    """The save key of the app, twice in one moment."""
    known = set(scratch.work.iterdir())
    prompt = PROMPTS[4] + " saved"
    app = Pty(scratch, base, {"UNPEEL__PREVIEW__PROTOCOL": "off"})
    try:
        app.type(prompt)
        app.write(SEND)
        is_there = lambda: any(e["prompt"] == prompt and word(e) == "image" for e in scratch.history())
        wait_for("the app's picture", is_there)
        app.write(PREVIEW)
        wait_for("the preview", lambda: app.quiet())
        app.write(b"ss")
        stored = next(scratch.folder(scratch.history()[0]["id"]).glob("parts/*")).read_bytes()
        new = lambda: set(scratch.work.iterdir()) - known
        pictures = lambda: [path for path in new() if path.suffix != ".json" and path.read_bytes() == stored]
        wait_for("two saved copies of the picture", lambda: len(pictures()) == 2)
        check(len(new()) == 4, f"two pictures with a sidecar each make {len(new())} files")
    finally:
        app.close()
    for path in new():
        check(NAME.fullmatch(path.name), f"saved as {path.name!r}")
        check_private(path)
    return len(pictures())


def check_private(file):
    mode = stat.S_IMODE(file.lstat().st_mode)
    check(stat.S_ISREG(file.lstat().st_mode) and mode == 0o600, f"{file} has mode {mode:04o}")


def check_modes(root):
    """Folders are 0700, files 0600, and there is nothing else."""
    for path in [root, *root.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            mode = stat.S_IMODE(path.lstat().st_mode)
            check(mode == 0o700, f"the folder {path} has mode {mode:04o}")
        else:
            check_private(path)
