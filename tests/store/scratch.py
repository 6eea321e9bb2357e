"""What every part has: folders and an environment of its own, the program, a demo, and the store as it lies on disk."""

import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
import zlib
from pathlib import Path

KEY = "test-key-123456"
FINAL = {"done", "failed", "cancelled", "interrupted"}
ID = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[a-z2-7]{6}")
EVERYTHING = ("--limit", "1000000")


class Failed(Exception):
    """Something does not hold; the message says what."""


class NotRun(Exception):
    """This machine lacks what the part needs; the message says what."""


def check(holds, sentence):
    if not holds:
        raise Failed(sentence)


def wait_for(what, look, seconds=20.0):
    """Looks until there is something to see and returns it."""
    end = time.monotonic() + seconds
    while True:
        if seen := look():
            return seen
        check(time.monotonic() < end, f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.01)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def noise_png(path, width, height, seed):
    """A picture that does not get smaller by packing: three bytes a pixel."""
    chance = random.Random(seed)
    rows = b"".join(b"\0" + chance.randbytes(3 * width) for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*pair) for pair in chunks))
    return path


def spell(args):
    return f"`unpeel {' '.join(map(str, args))[:120]}`"


class Ran:
    """How a command ended."""

    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def __str__(self):
        return f"{spell(self.args)} ended with {self.code}, stderr: {self.err.strip()[-600:] or '(nothing)'}"


class Scratch:
    """Folders that vanish when all went well. Everything that was started from here ends with it."""

    def __init__(self, binary, name, log):
        self.binary, self.log_file = binary, log
        self.root = Path(tempfile.mkdtemp(prefix=f"unpeel-store-{name}-"))
        self.home, self.state, self.work, self.logs = (self.root / part for part in ("home", "state", "work", "logs"))
        for folder in (self.home, self.work, self.logs, self.root / "tmp"):
            folder.mkdir()
        self.started = []
        self._lock = threading.Lock()
        self._listings = 0

    def log(self, line):
        with self._lock:
            print(line, file=self.log_file, flush=True)

    def env(self, base=None, **more):
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "HOME": str(self.home),
            "TMPDIR": str(self.root / "tmp"),
            "UNPEEL_STATE_DIR": str(self.state),
            "CRAZYROUTER_API_KEY": KEY,
            "UNPEEL__PROFILES__LOCAL__BASE": base or "http://127.0.0.1:9",
        }
        return env | {name: str(value) for name, value in more.items()}

    def start(self, args, base=None, env=None, **options):
        """Starts the program; what it writes goes to files in `logs` unless said otherwise."""
        with self._lock:
            number = len(self.started)
            self.started.append(None)
        out, err = (self.logs / f"{number:04}.{stream}" for stream in ("out", "err"))
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("cwd", self.work)
        with out.open("wb") as stdout, err.open("wb") as stderr:
            options = {"stdout": stdout, "stderr": stderr} | options
            process = subprocess.Popen([self.binary, *map(str, args)], env=self.env(base, **(env or {})), **options)
        process.out, process.err = out, err
        self.started[number] = process
        return process

    def run(self, *args, base=None, env=None, seconds=60, **options):
        process = self.start(args, base, env, **options)
        return self.end(process, args, seconds)

    def end(self, process, args, seconds=60):
        """Waits for the end of something started; a program that hangs is a failure."""
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed(f"{spell(args)} did not end within {seconds} s") from None
        read = lambda path: path.read_text(errors="replace")
        return Ran(args, code, read(process.out), read(process.err))

    def send(self, prompt, *args, base, **options):
        return self.run("send", "--profile", "local", *args, "--", prompt, base=base, **options)

    def good(self, *args, **options):
        """A command that has to succeed; its stdout."""
        ran = self.run(*args, **options)
        check(ran.code == 0, str(ran))
        return ran.out

    def json(self, *args):
        ran = self.run(*args, "--json")
        check(ran.code == 0, str(ran))
        check("skipped" not in ran.err, f"{spell(args)} skipped something: {ran.err.strip()[:600]}")
        try:
            return json.loads(ran.out)
        except ValueError as error:
            raise Failed(f"{spell(args)} with --json wrote no JSON: {error}: {ran.out[:200]!r}") from None

    def history(self, *args):
        """`history list --json`, checked to be an array of exchanges with what is promised of them."""
        # No limit flag the first time: the plain form has to work as well.
        self._listings += 1
        flags = args if self._listings == 1 else (*args, *EVERYTHING)
        entries = self.json("history", "list", *flags)
        check(isinstance(entries, list), f"`history list --json` is no array: {str(entries)[:200]}")
        for entry in entries:
            missing = {"id", "time", "prompt", "profile", "model", "verdict", "phase"} - set(entry)
            check(not missing, f"an entry of `history list --json` lacks {', '.join(sorted(missing))}: {entry}")
        return entries

    def show(self, exchange):
        shown = self.json("history", "show", exchange)
        check(exchange in json.dumps(shown), f"`history show {exchange} --json` does not name it: {str(shown)[:200]}")
        return shown

    def folder(self, exchange):
        return self.state / "exchanges" / exchange

    def demo(self, *flags):
        """Starts a demo and returns its port; its request log is `logs/requests.jsonl`."""
        log = self.logs / "requests.jsonl"
        demo = self.start(["demo", "--port", "0", "--request-log", log, *flags])
        line = wait_for("the demo's first line", lambda: demo.poll() is not None or first_line(demo.out))
        found = re.fullmatch(r"listening http://127\.0\.0\.1:(\d+)\n", line if isinstance(line, str) else "")
        check(found, f"the demo does not listen: {line!r} {demo.err.read_text(errors='replace')}")
        return int(found[1])

    def requests(self):
        """The requests in the demo's log."""
        lines = (self.logs / "requests.jsonl").read_text().splitlines()
        return [entry for entry in map(json.loads, lines) if entry.get("method") == "POST"]

    def close(self, keep):
        for process in filter(None, self.started):
            if process.poll() is None:
                process.kill()
            process.wait()
        if not keep:
            shutil.rmtree(self.root, ignore_errors=True)


def first_line(path):
    text = path.read_text()
    return text if text.endswith("\n") else None


def word(entry):
    """The verdict word of an entry; empty while there is none."""
    return (entry["verdict"] or {}).get("word") or ""


def find(value, key):
    """The first value of a key anywhere in JSON."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            if (found := find(inner, key)) is not None:
                return found
    return None


def read(path):
    """The bytes of a file, none when it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def tree(root):
    """Every file below a folder with a hash, every other name with its kind; links are not followed."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        found[name] = "link" if path.is_symlink() else "folder" if path.is_dir() else sha256(path.read_bytes())
    return found


def check_pictures(folder):
    """The pictures that `meta.json` names are there, byte for byte; their number."""
    pictures = json.loads((folder / "meta.json").read_text())["pictures"]
    for picture in pictures:
        path = folder / picture["file"]
        data = read(path)
        same = sha256(data) == picture["sha256"] and len(data) == picture["bytes"]
        check(same, f"{path} is not the picture that meta.json names")
    return len(pictures)
