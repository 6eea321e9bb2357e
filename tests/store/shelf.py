"""What is done with stored exchanges: found again by a picture, exported, thrown away, and taken back."""

import json
import shutil
import tarfile

from scratch import check, check_pictures, read, tree

PARTS = ("request.json", "body")


def trace(scratch):
    base = f"http://127.0.0.1:{scratch.demo()}"
    check(scratch.send("a fox", "--out", "fox.png", base=base).code == 0, "`send --out fox.png` fails")
    check(scratch.send("another fox", base=base).code == 0, "`send` fails")
    check(scratch.send("[scene:thought-final] two", base=base).code == 0, "`send` fails")
    ids = {entry["prompt"]: entry["id"] for entry in scratch.history()}
    fox, two = ids["a fox"], ids["[scene:thought-final] two"]
    copy = scratch.work / "a copy with another name.jpeg"
    shutil.copy(scratch.work / "fox.png", copy)
    found = json.dumps(scratch.json("history", "trace", copy))
    check(fox in found and ids["another fox"] not in found, f"`history trace` finds {found[:300]}")
    copy.write_bytes(copy.read_bytes() + b"\0")
    lost = scratch.run("history", "trace", copy, "--json")
    check(lost.code != 0 or fox not in lost.out, f"a changed picture is still traced: {lost.out[:300]}")
    check(lost.code in (0, 1), str(lost))

    into = scratch.work / "exported"
    scratch.good("history", "export", fox, "--out", into)
    exported(scratch, fox, into / fox)
    refused = scratch.run("history", "export", fox, "--out", into)
    check(refused.code == 2, f"an export over an export: {refused}")
    packed = scratch.work / "both.tar"
    scratch.good("history", "export", fox, two, "--out", packed)
    unpacked = scratch.work / "unpacked"
    with tarfile.open(packed) as tar:
        for member in tar.getmembers():
            inside = not member.name.startswith("/") and ".." not in member.name.split("/")
            check(inside, f"the tar holds {member.name!r}")
            check(member.isfile() or member.isdir(), f"{member.name!r} in the tar is neither file nor folder")
        tar.extractall(unpacked, filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(unpacked)
    for exchange in (fox, two):
        exported(scratch, exchange, unpacked / exchange)
    check(scratch.run("inspect", into / fox, "--json").code == 0, "`inspect` does not take an exported folder")
    return "a renamed copy found, a changed one not; folder and tar equal to the store"


def exported(scratch, exchange, folder):
    """Request, body and pictures byte for byte; meta.json as JSON."""
    stored = scratch.folder(exchange)
    for name in PARTS:
        check(read(folder / name) == (stored / name).read_bytes(), f"{folder / name} is not the stored one")
    check(tree(folder / "parts") == tree(stored / "parts"), f"the pictures in {folder} are not the stored ones")
    meta = json.loads(read(folder / "meta.json"))
    check(meta["id"] == exchange, f"{folder / 'meta.json'} is of {meta['id']}")
    check(check_pictures(folder) == check_pictures(stored) > 0, f"{folder} has not all pictures")


def trash(scratch):
    base = f"http://127.0.0.1:{scratch.demo()}"
    for prompt in ("kept", "thrown away"):
        check(scratch.send(prompt, "--size", "512", base=base).code == 0, "`send` fails")
    ids = {entry["prompt"]: entry["id"] for entry in scratch.history()}
    kept, thrown = ids["kept"], ids["thrown away"]
    before = tree(scratch.folder(thrown))
    secret = next(hash for name, hash in before.items() if name.startswith("parts/"))

    scratch.good("history", "delete", thrown)
    expect(scratch, [kept], [thrown])
    full = contents(scratch)
    planned = json.dumps(scratch.json("history", "gc", "--all", "--dry-run"))
    check(thrown in planned and kept not in planned, f"the dry run names {planned[:300]}")
    check(contents(scratch) == full, "a dry run has changed something")
    expect(scratch, [kept], [thrown])

    scratch.good("history", "restore", thrown)
    expect(scratch, [thrown, kept], [])
    after = tree(scratch.folder(thrown))
    check({name: after.get(name) for name in before} == before, "what was restored is not what was thrown away")
    scratch.show(thrown)

    scratch.good("history", "delete", thrown)
    swept = scratch.run("history", "gc", "--older-than", "1d")
    check(swept.code == 0, str(swept))
    expect(scratch, [kept], [thrown])
    scratch.good("history", "gc", "--all")
    expect(scratch, [kept], [])
    check(secret not in contents(scratch).values(), "its picture is still in the state folder")
    check(scratch.run("history", "show", thrown).code == 2, "what gc has removed can still be shown")
    check(check_pictures(scratch.folder(kept)) == 1, "gc has taken a picture of what was kept")
    return "deleted, planned, restored, deleted, removed; the other one untouched"


def expect(scratch, listed, trashed):
    for what, wanted, flags in (("list", listed, ()), ("list --trash", trashed, ("--trash",))):
        found = [entry["id"] for entry in scratch.history(*flags)]
        check(sorted(found) == sorted(wanted), f"`history {what}` has {found}, not {wanted}")


def contents(scratch):
    """The files of the state folder by content, without what only makes it faster or logs."""
    records = ("request.json", "meta.json", "marks.json", "body")
    is_record = lambda name: name.rsplit("/", 1)[-1] in records or "/parts/" in name
    return {name: what for name, what in tree(scratch.state).items() if is_record(name)}
