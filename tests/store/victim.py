"""One call that is to be killed: drawn from a seed, watched through its proxy until its moment has come."""

import time
from dataclasses import dataclass, field

from proxy import Proxy
from scratch import find, word

MOMENTS = ["start", "upload", "waiting", "receiving", "settling", "any"]
# What the kill came upon, as the proxy saw it.
FOUND = ["before sending", "uploading", "waiting", "receiving", "settling"]
# About how many bytes of body each sends, so that a moment inside it can be chosen.
SCENES = {
    "plain": 2_450_000,
    "jpeg": 680_000,
    "thought-final": 3_140_000,
    "data-uri-cut": 680_000,
    "final-twice": 4_900_000,
    "signature": 1_780_000,
    "gzip": 1_830_000,
    "url-safe": 2_450_000,
    "cut": 1_630_000,
    "stall": 820_000,
    "slow-read": 2_450_000,
    "text": 500,
}
PATIENCE = 30.0  # seconds, for what takes none


@dataclass
class Victim:
    """What a call asks for, through which proxy, when it is to die, and what became of it."""

    name: str
    moment: str
    stream: bool
    scene: str
    wait_ms: int
    image: bool
    up_s: float  # seconds that the request takes, when it has a picture
    down_s: float  # seconds that the reply takes
    share: float  # where in the moment, 0 to 1
    prompt: str = ""
    proxy: Proxy = None
    process: object = None
    begun_at: float = 0.0
    killed_at: float = None  # none when it had ended before
    dead_at: float = None
    notes: list = field(default_factory=list)

    def __str__(self):
        mode = "stream" if self.stream else "unary"
        picture = ", with a picture" if self.image else ""
        killed = f", killed {self.killed_at - self.begun_at:.3f} s after its start" if self.killed_at else ""
        notes = "".join(f", {note}" for note in self.notes)
        return f"{self.name} ({mode}, scene {self.scene}{picture}, moment {self.moment}{killed}{notes})"

    @property
    def ended(self):
        return self.process.poll() is not None

    def wait_for_moment(self, startup, settle):
        """Returns at the moment, or when the program has ended. `startup` and `settle` are its seconds for these."""
        if self.moment == "start":
            self.sleep(1.3 * startup)
        elif self.moment == "upload":
            self.until(lambda c: c.request.body)
            self.sleep(self.up_s)
        elif self.moment == "waiting":
            self.until(lambda c: c.request.whole_at)
            self.sleep(self.wait_ms / 1000)
        elif self.moment == "receiving":
            self.until(lambda c: c.reply.body)
            # A stalled reply is silent for a while, so that all that came has been due for long.
            self.sleep(self.down_s + (3.0 if self.scene == "stall" else 0.0))
        elif self.moment == "settling":
            self.until(lambda c: c.reply.whole_at or c.reply.over_at)
            self.sleep(0.7 * settle)
        else:
            self.sleep(startup + self.up_s * self.image + self.wait_ms / 1000 + self.down_s + settle)

    def strike(self):
        """kill -9, unless it has ended by itself."""
        if not self.ended:
            self.killed_at = time.monotonic()
            self.process.kill()
        self.process.wait()
        self.dead_at = time.monotonic()

    def found(self, post):
        """What the kill came upon; `post` is the connection that it used, if any."""
        if self.killed_at is None:
            return "ended"
        if not post:
            return "before sending"
        if not by(post.request.whole_at, self.dead_at):
            return "uploading"
        if not post.reply.seen:
            return "waiting"
        over = by(post.reply.whole_at, self.dead_at) or by(post.reply.over_at, self.killed_at)
        return "settling" if over else "receiving"

    def lies(self, post, entry, shown, words):
        """What the history says of it and should not, as sentences. `words` has the verdict of every scene."""
        phase, verdict = entry["phase"], word(entry)
        if self.killed_at is None and phase == "interrupted":
            yield "it ended by itself and is called interrupted"
        over = post and (post.reply.whole_at or by(post.reply.over_at, self.dead_at))
        if phase != "interrupted" and not over:
            yield f"the phase is {phase}, it was killed while {self.found(post)}"
        if phase == "interrupted" and verdict != "interrupted":
            yield f"the verdict of an interrupted exchange is {verdict!r}"
        if phase == "interrupted" and post and post.request.body and find(shown, "charged") == "unlikely":
            yield "the request left, and it is called unlikely to be charged"
        if phase != "interrupted" and verdict != words[self.scene]:
            yield f"the verdict is {verdict!r}, the scene's is {words[self.scene]!r}"

    def sleep(self, seconds):
        end = time.monotonic() + self.share * seconds
        while (left := end - time.monotonic()) > 0 and not self.ended:
            time.sleep(min(0.005, left))

    def until(self, seen):
        end = time.monotonic() + PATIENCE
        while not self.proxy.wait(seen, 0.02) and not self.ended:
            if time.monotonic() > end:
                self.notes.append("its moment did not come")
                return


def by(moment, limit):
    return moment is not None and moment <= limit


def draw(chance, name, moment, demo_port, image_bytes, **given):
    """Draws a call; what does not go together with its moment is put right."""
    drawn = {
        "stream": chance.random() < 0.5,
        "scene": chance.choice([scene for scene in SCENES if scene != "slow-read"]),
        "wait_ms": chance.randint(100, 800),
        "image": chance.random() < 0.15,
        "up_s": chance.uniform(0.4, 2.0),
        "down_s": chance.choice([0.4, 2.0, 3.0, 4.0]),
        "share": chance.random(),
    } | given
    if moment == "upload":
        drawn |= {"image": True, "scene": chance.choice(["slow-read", "plain"])}
    if moment == "settling":
        drawn["down_s"] = 0.4
    # A sentence is over at once, and what never ends cannot settle.
    if drawn["scene"] in {"receiving": ["text"], "settling": ["text", "stall"]}.get(moment, []):
        drawn["scene"] = "plain"
    victim = Victim(name, moment, **drawn)
    victim.prompt = f"[scene:{victim.scene}][wait:{victim.wait_ms}] {name}"
    up, down = image_bytes * 4 / 3 / victim.up_s, SCENES[victim.scene] / victim.down_s
    victim.proxy = Proxy(demo_port, chance.random(), up, down)
    return victim
