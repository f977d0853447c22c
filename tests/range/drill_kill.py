#!/usr/bin/python3
"""A dozen times in one drill on real machines the core, its keeper, a broker or the script host is
killed with SIGKILL. The drill goes on, comes to the end it would have had, does nothing twice
and leaves nothing. Arguments: program, folder of the sources [, seed]."""

import contextlib
import os
import random
import signal
import sys
import threading
import time

from drill_house import PATIENCE_S, attend, wait_for

BY_ITSELF_S = 2
SLOWLY, FAST = 10, 20


def phase(state):
    return state["drill"]["phase"]


def serving(state):
    return sum(machine["state"] == "serving"
               for machines in state["machines"].values() for machine in machines.values())


def after_ms(drill_ms):
    return lambda state: phase(state) == "running" and state["clock"]["drill_ms"] >= drill_ms


def attacked(name):
    return lambda state: any(state.get("attacks", {}).get(team, {}).get(name, {}).get("state")
                             in ("started", "done") for team in ("blue-quick", "blue-slow"))


def asked(team, answered):
    return lambda state: any(question["team"] == team and
                             (question["state"] == "answered" or not answered)
                             for question in state.get("questions", {}).values())


def order(path, **body):
    """Something that is under way when the kill comes; its caller's line may break."""
    def begin(house):
        def ask():
            with contextlib.suppress(AssertionError):
                house.ask(f"/drills/{house.id}/{path}", "POST", body, timeout=PATIENCE_S)
        threading.Thread(target=ask, daemon=True).start()
    return begin


# (when, at most so many seconds later, who may be hit[, what is begun before])
KILLS = [
    ("bring-up", lambda state: phase(state) == "staging", 4, ("core", "broker")),
    ("machines serve", lambda state: serving(state) >= 3, 1, ("broker", "core")),
    ("quiet", after_ms(5000), 2, ("core", "broker", "script-host")),
    ("checkpoint", after_ms(15000), 0.3, ("broker", "core"),
     order("checkpoints", team="blue-slow", label="under-way")),
    ("reset", after_ms(30000), 0.4, ("broker", "core"),
     order("resets", team="blue-slow", machine="hmi1")),
    ("sweep", attacked("sweep"), 0.5, ("core", "broker")),
    ("story", after_ms(140000), 1, ("script-host",)),
    ("raise-dose", attacked("raise-dose"), 0.3, ("core", "broker")),
    ("question", asked("blue-quick", False), 0.3, ("core", "script-host")),
    ("isolation", asked("blue-quick", True), 0.1, ("core", "broker")),
    ("plant out of limits", after_ms(330000), 3, ("keeper", "core", "script-host")),
    ("end", lambda state: phase(state) == "ended", 0.3, ("core", "broker")),
]


class Killer:
    def __init__(self, house, run, seed):
        self.house = house
        self.run = run
        self.random = random.Random(seed)
        self.slowest = 0.0
        self.died = []

    def alive(self):
        return self.run.process.poll() is None

    def state(self):
        return self.house.state() if self.alive() else None

    def views(self):
        state = self.state()
        return state and [[tag["view"] for tag in plant["tags"].values()]
                          for plants in state["plants"].values() for plant in plants.values()]

    def victims(self, kind):
        if kind == "core":
            return [self.house.core()] if self.house.core() else []
        if kind == "keeper":
            return self.house.keepers()
        return self.house.of_core(kind)

    def field_flows(self, changes):
        """The PLCs' views of all plants have changed so many times."""
        seen = []

        def fresh():
            views = self.views()
            if views and (not seen or all(new != old for new, old in zip(views, seen[-1]))):
                seen.append(views)
            return len(seen) > changes or not self.alive()
        wait_for("values of the field", PATIENCE_S, fresh)

    def wait_recovered(self, kind, state):
        """Back, and doing its work; who does nothing any more is only back."""
        began = time.monotonic()

        def back():
            return not self.alive() or (self.victims(kind) and self.house.ask("/status"))
        try:
            wait_for(f"{kind} by itself", BY_ITSELF_S, back, 0.05)
        except AssertionError:
            if not self.house.core():
                print("  not by itself: started by hand")
                self.house.serve()
        wait_for(f"{kind} back", PATIENCE_S, back, 0.05)
        if phase(state) == "running" and kind != "script-host":
            self.field_flows(1 if kind == "core" else 2)
        return time.monotonic() - began

    def kill(self, name, when, within, kinds, begin=None):
        def come():
            assert self.alive(), f"{name}: the command ended"
            state = self.state()
            return state and when(state) and state
        state = wait_for(name, 150, come, 0.05)
        kind = self.random.choice(kinds)
        if begin:
            begin(self.house)
        time.sleep(self.random.uniform(0, within))
        pid = self.random.choice(wait_for(f"a {kind}", PATIENCE_S, lambda: self.victims(kind)))
        state = self.state() or state
        os.kill(pid, signal.SIGKILL)
        self.died.append(kind)
        wait_for(f"{kind} {pid} dead", PATIENCE_S, lambda: pid not in self.victims(kind), 0.02)
        took = self.wait_recovered(kind, state)
        print(f"{name} ({state['clock']['drill_ms'] / 1000:.0f} s): {kind} killed, "
              f"back to work after {took:.1f} s", flush=True)
        self.slowest = max(self.slowest, took)


def each_once(events, kind, key):
    """No two events of this kind with the same key."""
    seen = [key(event) for event in events if event["kind"] == kind]
    assert len(seen) == len(set(map(str, seen))), (kind, seen)
    return seen


def check_nothing_twice(events):
    each_once(events, "said", lambda e: (e["team"], e["payload"]["text"]["en"]))
    each_once(events, "story-step", lambda e: (e["team"], e["payload"]["index"]))
    each_once(events, "report-filed", lambda e: e["team"])
    each_once(events, "playbook-started", lambda e: e["team"])
    each_once(events, "step-answered", lambda e: e["team"])
    each_once(events, "link-changed", lambda e: (e["team"], e["payload"]["machine"]))
    started = each_once(events, "attack-started", lambda e: (e["team"], e["payload"]["attack"]))
    ended = each_once(events, "attack-ended", lambda e: (e["team"], e["payload"]["attack"]))
    assert sorted(started) == sorted(ended) and len(ended) == 4, (started, ended)
    for event in events:
        # the PLC says what it found: a second write would have found the first one's value
        if event["kind"] == "attack-ended":
            assert event["payload"]["ok"], event
            if event["payload"]["attack"] == "raise-dose":
                assert event["payload"]["output"] == '{"old":100,"new":11100}', event
        if event["kind"] == "action-ended":
            assert event["payload"]["output"] == '{"old":11100,"new":100}', event
    assert len(each_once(events, "action-ordered", lambda e: e["team"])) == 2


def check_orders(events):
    """What was ordered about machines was done, or it is said what was not."""
    for ordered, ended in (("checkpoint-ordered", "checkpoint-ended"),
                           ("reset-ordered", "reset-ended")):
        orders = [event for event in events if event["kind"] == ordered]
        outcomes = [event for event in events if event["kind"] == ended]
        assert len(orders) == len(outcomes) > 0, (ordered, orders, outcomes)
        for event in outcomes:
            payload = event["payload"]
            print(f"{ended} {payload.get('label', payload.get('machine'))}: "
                  f"{'done' if payload['ok'] else payload['detail']}")
            assert payload["ok"] or payload["detail"], event


def check_outcome(state, events):
    outcome = {(event["team"], event["payload"]["objective"]): event["kind"]
               for event in events if event["kind"] in ("objective-met", "objective-lost")}
    met, lost = "objective-met", "objective-lost"
    assert outcome == {
        (0, "contained"): met, (0, "assessed"): met, (0, "in-spec"): met, (0, "water-safe"): met,
        (0, "reported"): met, (1, "contained"): met, (1, "assessed"): met, (1, "in-spec"): lost,
        (1, "water-safe"): lost}, outcome
    quick, slow = (state["teams"][team]["points"] for team in ("blue-quick", "blue-slow"))
    print(f"quick {quick} points, slow {slow}")
    assert quick > 400 > 150 > slow > 0, (quick, slow)


def play(house, seed):
    run = house.run(speed=SLOWLY)
    house.learn()
    killer = Killer(house, run, seed)
    for name, *how in KILLS:
        killer.kill(name, *how)
        if name == "isolation":
            house.ask(f"/drills/{house.id}/clock", "POST", {"speed": FAST})
    assert run.wait(120) == 0, run.text()
    print(f"killed: {' '.join(killer.died)}; slowest recovery {killer.slowest:.1f} s, "
          f"range down in {run.took_down():.1f} s, "
          f"all over after {time.monotonic() - run.began:.0f} s")
    return run


def check_seed(house):
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    print(f"seed {seed}")
    run = play(house, seed)
    if house.core():
        os.kill(house.core(), signal.SIGTERM)
        wait_for("the daemon's end", PATIENCE_S, lambda: not house.ours())
    assert house.left_over() == [], house.left_over()
    events = house.journal()
    check_nothing_twice(events)
    check_orders(events)
    check_outcome(run.document(), events)
    assert house.call("verify", house.id).returncode == 0


if __name__ == "__main__":
    sys.exit(attend(check_seed))
