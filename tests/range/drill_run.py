#!/usr/bin/python3
"""The demo on real machines by one command: who wins and why, what the register of the PLC
really held, what is left; then one in which a safety system is attacked. Arguments: program,
folder of the sources."""

import os
import re
import signal
import sys
import time

from drill_house import PATIENCE_S, Probe, attend, wait_for
from drill_safety import play_safety

# sentences of the report about what did not happen, and what a word means
OF_NO_EVENT = ("没有", "“发现”指", "工艺始终在限值之内", "There w", "No points", "The plant never",
               "The team was asked nothing", "Detected means", "本章依规则包", "Derived from rule",
               "未发现过错", "No fault was found", "预案步骤", "Plan steps")


def check_result(state):
    quick, slow = state["teams"]["blue-quick"], state["teams"]["blue-slow"]
    print(f"quick {quick['points']} points, slow {slow['points']}")
    assert quick["rank"] == 1 and slow["rank"] == 2, state["teams"]
    assert quick["points"] > slow["points"], state["teams"]
    assert quick["worst_level"] == 1, quick
    assert slow["worst_level"] == 5, slow


def check_why(events, state):
    """Every line of the score names events, and those are of its own team."""
    by_seq = {event["seq"]: event for event in events}
    for index, team in enumerate(("blue-quick", "blue-slow")):
        lines = list(state["score_lines"][team].values())
        assert sum(line["points"] for line in lines) == state["teams"][team]["points"], lines
        for line in lines:
            assert line["events"] and line["reason"]["zh"] and line["reason"]["en"], line
            assert all(by_seq[seq]["team"] in (-1, index) for seq in line["events"]), line
    contained = [line for line in state["score_lines"]["blue-quick"].values()
                 if line["subject"] == "contained"]
    kinds = [by_seq[seq]["kind"] for seq in contained[0]["events"]]
    assert "link-changed" in kinds, kinds


def check_journal(house, events):
    kinds = [event["kind"] for event in events]
    assert kinds.count("attack-started") == kinds.count("attack-ended") == 4, kinds
    started = [(event["payload"]["how"], event["payload"]["why"])
               for event in events if event["kind"] == "machine-started"]
    assert started == [("shared", "")] * len(house.plan["machines"]), started
    levels = {(event["team"], event["payload"]["level"])
              for event in events if event["kind"] == "plant-level"}
    assert (1, 5) in levels and not any(team == 0 and level > 1 for team, level in levels), levels
    assert house.call("verify", house.id).returncode == 0


def check_reports(house):
    for language in ("zh", "en"):
        with open(f"{house.data}/drills/{house.id}/report.{language}.md",
                  encoding="utf-8") as file:
            text = file.read()
        bare = [line for line in text.splitlines()
                if line and not line.startswith(("#", "|", "-", *OF_NO_EVENT))
                and not re.search(r"\[#\d+\]", line)]
        assert not bare, bare
        with open(f"{house.data}/drills/{house.id}/report.{language}.html",
                  encoding="utf-8") as file:
            assert "#" in file.read()


def play_whole(house):
    small, house.scenario = house.scenario, f"{sys.argv[2]}/scenarios/water-dosing"
    run = house.run("--teams", "blue-quick,blue-slow")
    house.scenario = small
    house.learn()
    said = run.wait_said("drill running", 120)
    print(f"first run: drill running after {said:.1f} s")
    with Probe(house, "blue-quick", 1) as quick, Probe(house, "blue-slow", 2) as slow:
        run.wait_said("report:", 120)
    assert run.wait(PATIENCE_S) == 0, run.text()
    print(f"first run: range down in {run.took_down():.1f} s, all over after {run.ended:.1f} s")
    print(f"register 40: quick {quick.seen}, slow {slow.seen}")
    # the quick team may have put it right between two looks of the probe
    assert quick.seen in ([100, 11100, 100], [100]), quick.seen
    assert slow.seen == [100, 11100, 100], slow.seen
    assert house.left_over() == [], house.left_over()
    state = run.document()
    check_result(state)
    events = house.journal()
    check_why(events, state)
    check_journal(house, events)
    check_reports(house)


def lose_machine(house):
    """A machine whose process dies is missed, and the drill goes on without it."""
    def hmi():
        state = house.state()
        return state["machines"]["blue-slow"]["hmi1"]["state"] == "lost" and state
    began = time.monotonic()
    os.kill(house.qemus()[house.machine("blue-slow", "hmi1")["domain"]], signal.SIGKILL)
    state = wait_for("the machine's loss", PATIENCE_S, hmi, 0.05)
    print(f"machine killed: missed after {time.monotonic() - began:.1f} s")
    serving = [name for machines in state["machines"].values()
               for name, machine in machines.items() if machine["state"] == "serving"]
    assert len(serving) == 5, state["machines"]
    drill_ms = state["clock"]["drill_ms"]
    wait_for("drill time", PATIENCE_S, lambda: house.state()["clock"]["drill_ms"] > drill_ms)
    assert house.state()["drill"]["phase"] == "running"


def play_interrupted(house):
    """Everything is known from the first time; Ctrl-C is a way to end."""
    run = house.run()
    house.learn()
    said = run.wait_said("drill running", 120)
    print(f"second run: drill running after {said:.1f} s")
    assert len(house.qemus()) == 6, house.qemus()
    lose_machine(house)
    run.process.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE_S) == 0, run.text()
    print(f"second run: interrupted, range down in {run.took_down():.1f} s")
    assert house.left_over() == [], house.left_over()


def play(house):
    play_whole(house)
    play_interrupted(house)
    play_safety(house)


if __name__ == "__main__":
    sys.exit(attend(play, bare=True))
