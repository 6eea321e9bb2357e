"""`kill -9` of `send` and of the app at moments drawn from a seed, in every phase: nothing is lost or torn."""

import json
import random
import threading
import time
from collections import Counter

from scratch import FINAL, Failed, check, check_pictures, noise_png, read
from terminal import SEND, Pty
from victim import FOUND, MOMENTS, PATIENCE, draw

# From here on a run has to meet every moment.
MANY = 20


class Kill:
    def __init__(self, scratch, seed):
        self.scratch, self.seed = scratch, seed
        self.port = scratch.demo()
        self.image = noise_png(scratch.root / "reference.png", 1000, 1000, seed)
        rows = (line.split("\t") for line in scratch.good("demo", "--list").splitlines())
        self.words = {row[0]: row[1] for row in rows}
        self.found, self.reached = Counter(), Counter()
        self.calls = self.due = 0
        self.moments = {}
        self.startup, self.settle = self.measure()

    def draw(self, chance, name, moment, **given):
        return draw(chance, name, moment, self.port, self.image.stat().st_size, **given)

    def measure(self):
        """How long `send` takes until its first byte, and from the reply's last byte to its end."""
        call = self.draw(random.Random(self.seed), "measure", "any", scene="plain", wait_ms=0, image=False, down_s=0.1)
        self.begin(call)
        check(call.proxy.wait(lambda c: c.request.seen, PATIENCE), "`send` sends nothing")
        startup = time.monotonic() - call.begun_at
        check(call.proxy.wait(lambda c: c.reply.whole_at, PATIENCE), "the demo does not answer `send`")
        answered = time.monotonic()
        ran = self.scratch.end(call.process, ["send"])
        settle = time.monotonic() - answered
        call.proxy.close()
        check(ran.code == 0, str(ran))
        return startup, settle

    def begin(self, call):
        flags = ["--stream"] * call.stream + ["--image", self.image] * call.image
        call.begun_at = time.monotonic()
        call.process = self.scratch.start(["send", "--profile", "local", *flags, call.prompt], call.proxy.base)

    def end(self, call):
        call.wait_for_moment(self.startup, self.settle)
        call.strike()

    def sends(self, calls):
        """Several `send`s at once, each killed at its own moment."""
        for call in calls:
            self.begin(call)
        ends = [threading.Thread(target=self.end, args=(call,)) for call in calls]
        for thread in ends:
            thread.start()
        for thread in ends:
            thread.join()

    def app(self, call):
        """The app with one call in flight."""
        mode = "stream" if call.stream else "unary"
        app = Pty(self.scratch, call.proxy.base, {"UNPEEL__PROFILES__LOCAL__MODE": mode})
        try:
            app.type(call.prompt)
            call.process = app.process
            call.begun_at = time.monotonic()
            app.write(SEND)
            self.end(call)
        finally:
            app.close()

    def judge(self, calls):
        """The next start: everything that left is there, as it was, and said to be what it is."""
        for call in calls:
            call.proxy.close()
        entries = self.scratch.history()
        for call in calls:
            try:
                self.judge_one(call, [entry for entry in entries if entry["prompt"] == call.prompt])
            except Failed as failed:
                raise Failed(f"{call}: {failed}") from None

    def judge_one(self, call, entries):
        posts = call.proxy.posts()
        check(len(posts) <= 1, f"{len(posts)} connections carried a request, one was asked for")
        check(len(entries) <= 1, f"{len(entries)} exchanges, one was asked for")
        post = posts[0] if posts else None
        found = call.found(post)
        self.found[found] += 1
        check(entries or not post, f"bytes left ({found}), and there is no exchange")
        if not entries:
            self.scratch.log(f"{call}: {found}, no exchange")
            return
        entry = entries[0]
        folder = self.scratch.folder(entry["id"])
        shown = self.scratch.show(entry["id"])
        self.reached[json.loads((folder / "meta.json").read_text())["phase"]] += 1
        passed, due, kept = self.weigh(call, post, folder)
        said = f"{found}, {entry['phase']}, {entry['id']}"
        self.scratch.log(f"{call}: {said}, {passed} B passed on, {due} due, {kept} kept")
        check(entry["phase"] in FINAL, f"the phase is {entry['phase']} although nobody is at work any more")
        lies = "; ".join(call.lies(post, entry, shown, self.words))
        check(not lies, f"{entry['id']}: {lies}")
        check_pictures(folder)

    def weigh(self, call, post, folder):
        """Compares both bodies with what passed; how much of the reply was passed on, was due on disk, is there."""
        request, body = read(folder / "request.json"), read(folder / "body")
        check(call.prompt.encode() in request and json.loads(request), f"{folder / 'request.json'} lacks the prompt")
        if not post:
            check(not body, "there is a reply to a request that was not sent")
            return 0, 0, 0
        sent, reply = bytes(post.request.body), bytes(post.reply.body)
        check(request.startswith(sent), f"request.json ({len(request)} B) does not begin with the {len(sent)} B sent")
        whole = post.request.whole_at is not None
        check(not whole or request == sent, f"request.json has {len(request)} B, what was sent has {len(sent)}")
        check(reply.startswith(body), f"the {len(body)} B of body are no beginning of the {len(reply)} B that came")
        due = len(reply) if call.killed_at is None else post.reply.length_at(call.killed_at - 1.0)
        check(len(body) >= due, f"body has {len(body)} B, {due} B were due")
        self.due += due > 0 and call.killed_at is not None
        return len(reply), due, len(body)

    def round(self, number, wanted=None):
        """One round: one call of the app, or one to four of `send`."""
        chance = random.Random(f"{self.seed} {number}")
        if number % 4 == 3 and not wanted:
            # Reference pictures take many keys to give, so there is nothing to see of an upload.
            moment = self.moment("app", chance)
            moment = "any" if moment == "upload" else moment
            calls = [self.draw(chance, f"round {number} app", moment, image=False)]
            self.app(calls[0])
        else:
            count = chance.randint(2, 4) if number % 5 == 4 else 1
            moments = [wanted or self.moment("send", chance) for _ in range(count)]
            calls = [self.draw(chance, f"round {number} send {at}", moment) for at, moment in enumerate(moments)]
            self.sends(calls)
        self.calls += len(calls)
        self.judge(calls)

    def moment(self, who, chance):
        """Each moment once before one comes again."""
        if not self.moments.get(who):
            self.moments[who] = chance.sample(MOMENTS, len(MOMENTS))
        return self.moments[who].pop()

    def missed(self):
        return [(found, moment) for found, moment in zip(FOUND, MOMENTS) if not self.found[found]]

    def next_start(self):
        """What the user sees: the app, started again after a kill, calls the exchange interrupted."""
        given = {"scene": "plain", "wait_ms": 30_000, "image": False, "share": 0.01}
        call = self.draw(random.Random(self.seed), "the last one", "waiting", **given)
        self.app(call)
        self.judge([call])
        app = Pty(self.scratch, call.proxy.base)
        try:
            app.wait_text("interrupted")
        finally:
            app.close()


def run(scratch, rounds, seed):
    kill = Kill(scratch, seed)
    failures, number = [], 0

    def attempt(what, step):
        try:
            step()
        except Failed as failed:
            failures.append(f"{what}: {failed}")
            scratch.log(f"FAILED {failures[-1]}")

    # On a busy machine the short moments may take more tries.
    while number < rounds or (rounds >= MANY and kill.missed() and number < 2 * rounds):
        wanted = kill.missed()[0][1] if number >= rounds else None
        attempt(f"round {number}", lambda: kill.round(number, wanted))
        number += 1
    if rounds >= MANY and kill.missed():
        failures.append(f"no kill came upon a call that was {', '.join(found for found, _ in kill.missed())}")
    attempt("the next start", kill.next_start)
    more = f"\n  {len(failures)} in all" if len(failures) > 10 else ""
    check(not failures, "\n".join(f"  {failure}" for failure in failures[:10]) + more)
    listed = lambda counter: ", ".join(f"{count} {what}" for what, count in counter.most_common())
    return (
        f"{number} rounds with seed {seed}, {kill.calls} calls: {listed(kill.found)}; "
        f"in {kill.due} bytes were due on disk; meta.json said {listed(kill.reached)}"
    )
