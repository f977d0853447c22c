#!/usr/bin/python3
"""Every family of the attack kit on real machines, once: what the kit's table (`yanwu attack list`)
says of it is what the sensor tells, what a capture of the control network shows, what its targets'
own lines say, and what becomes of the process. Arguments: program, folder of the sources."""

import functools
import json
import math
import os
import shutil
import subprocess
import sys

from drill_house import PATIENCE_S, attend, wait_for

RED = "10.20.2.66"
ADDRESS = {"plc1": "10.20.2.11", "plc2": "10.20.2.12", "sis1": "10.20.2.13", "rtu1": "10.20.2.14",
           "hmi1": "10.20.2.21", "hist1": "10.20.2.30", "broker1": "10.20.2.40"}
BROKER = ADDRESS["broker1"]
NAOH = 0  # tag of the dosing plant
DOSE = 0  # its input
STOP = 4  # of the reactor
# what is beyond the end, wiped, or in boot mode does not answer
IN_VAIN = {"read-all-beyond", "wipe-rest", "firmware-rest"}


def folder_of(source, data):
    """The scenario with its programs, which stand with other scenarios."""
    folder = f"{data}-kit/kit"
    shutil.copytree(f"{source}/tests/range/kit", folder)
    os.mkdir(f"{folder}/files")
    for name in ("scenarios/water-dosing/files/dosing.st", "vm-images/controller/samples/sis.st"):
        shutil.copy(f"{source}/{name}", f"{folder}/files/")
    return folder


class Seen:
    """What the journal says after the drill, family by family."""

    def __init__(self, events, families):
        self.events = events
        self.families = {family["name"]: family for family in families}
        self.began = {}  # seq of each attack's start, in order
        self.began_s = {}  # by the clock of the wall
        self.targets = {}
        self.ended = {}
        self.undone = {}
        for event in events:
            name = event["payload"].get("attack")
            if event["kind"] == "attack-started":
                self.began[name] = event["seq"]
                self.began_s[name] = event["wall_us"] / 1e6
            elif event["kind"] == "attack-planned":
                self.targets[name] = event["payload"]["to"]
            elif event["kind"] == "attack-ended":
                self.ended[name] = event["payload"]
            elif event["kind"] == "undo-ended":
                self.undone[name] = event["payload"]

    def family_of(self, attack):
        return max((name for name in self.families if attack.startswith(name)), key=len)

    def check_ends(self):
        failed = {attack for attack, end in self.ended.items() if not end["ok"]}
        assert failed == IN_VAIN, {attack: self.ended.get(attack) for attack in failed ^ IN_VAIN}
        assert set(self.began) == set(self.ended), set(self.began) ^ set(self.ended)

    def attacks_of(self, family):
        return [attack for attack in self.began if self.family_of(attack) == family]

    def times_of(self, family):
        """When its attacks went on: until the next one of another family began."""
        names = list(self.began)
        for number, name in enumerate(names):
            if self.family_of(name) == family:
                later = [other for other in names[number + 1:] if self.family_of(other) != family]
                yield self.began_s[name], self.began_s[later[0]] if later else math.inf

    def output(self, attack):
        assert self.ended[attack]["ok"], (attack, self.ended[attack])
        return json.loads(self.ended[attack]["output"])

    def undo(self, attack):
        assert self.undone[attack]["ok"], (attack, self.undone[attack])
        return json.loads(self.undone[attack]["output"])

    def lines(self, since=0):
        for event in self.events:
            if event["kind"] == "guest-line" and event["seq"] > since:
                try:
                    yield event["payload"]["machine"], json.loads(event["payload"]["line"])
                except ValueError:
                    pass

    def samples(self, plant, since, until=sys.maxsize):
        return [event["payload"] for event in self.events if event["kind"] == "plant-sample"
                and event["payload"]["plant"] == plant and since < event["seq"] < until]


# ---- the sensor ----

def by_the_attacker(line):
    """An address that moved is the address of whom he stands between."""
    return line.get("from") == RED or line.get("address") in ADDRESS.values()


def check_alerts(seen, family):
    """Each stated alert, after the family's first attack."""
    since = min(seen.began[attack] for attack in seen.attacks_of(family["name"]))
    told = {line["alert"] for machine, line in seen.lines(since)
            if machine == "eye1" and line.get("kind") == "sensor" and by_the_attacker(line)}
    missing = set(family["alerts"]) - told
    assert not missing, f"{family['name']}: no alert {missing} among {told}"


def check_once_only(seen, name, target, service):
    """What is told once of a pair of machines was told in this family's time."""
    start = min(seen.began[attack] for attack in seen.attacks_of(name))
    talkers = [line for machine, line in seen.lines(start) if machine == "eye1"
               and line.get("alert") == "new-talker" and line["from"] == RED]
    assert any(line["to"] == ADDRESS[target] and line["service"] == service for line in talkers), (
        name, target, service, talkers)


# The pair of machines that a family is the first to open: target, service.
FIRST = {"read-all": ("plc1", "modbus"), "block": ("rtu1", "iec104"),
         "single-write": ("broker1", "mqtt"), "drift": ("rtu1", "modbus"),
         "alarm": ("plc2", "modbus"), "logic": ("plc1", "other"), "safety": ("sis1", "modbus"),
         "restart": ("plc2", "other"), "wipe": ("hist1", "other"), "firmware": ("sis1", "other"),
         "credentials": ("hmi1", "other"), "sweep": ("broker1", "modbus")}


# ---- the capture ----

@functools.cache
def frames_of(path, sight):
    """When each frame came that the filter shows."""
    run = subprocess.run(["tshark", "-n", "-r", path, "-Y", sight.replace("FROM", RED),
                          "-T", "fields", "-e", "frame.time_epoch"],
                         capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, (sight, run.stderr)
    return [float(word) for word in run.stdout.split()]


def check_sights(seen, family, paths):
    """Frames of the time in which an attack of this family went on."""
    assert family["sights"], f"{family['name']}: nothing to be seen in a capture"
    times = list(seen.times_of(family["name"]))
    for sight in family["sights"]:
        count = sum(any(begin <= at < end for begin, end in times)
                    for path in paths for at in frames_of(path, sight["filter"]))
        assert count >= sight["least"], f"{family['name']}: {count} frames of {sight}"
        print(f"{family['name']}: {count} frames of {sight['filter']}")


# ---- the targets ----

def check_lines(seen, family):
    attacks = seen.attacks_of(family["name"])
    targets = {seen.targets[attack] for attack in attacks}
    told = {line.get("kind")
            for machine, line in seen.lines(min(seen.began[attack] for attack in attacks))
            if machine in targets and line.get("from") == RED}
    missing = set(family["lines"]) - told
    assert not missing, f"{family['name']}: no line {missing} among {told}"


def no_process(seen):
    """The row of the table says that there is nothing in the process."""
    assert seen is not None


def written(seen, machine, address, since):
    return [line for name, line in seen.lines(since) if name == machine
            and line.get("kind") == "modbus-write" and line["address"] == address
            and line["from"] == RED]


def single_write(seen):
    (line,) = written(seen, "plc1", 40, seen.began["single-write"])[:1]
    assert (line["old"], line["new"]) == (100, 200), line
    assert any(sample["inputs"][DOSE] == 200 for sample in
               seen.samples("a", seen.began["single-write"])), "a step of the set-point"
    orders = [line for name, line in seen.lines(seen.began["single-write-set"])
              if name == "rtu1" and line.get("kind") == "iec104-command" and line["ioa"] == 4001]
    assert orders and (orders[0]["old"], orders[0]["new"]) == (100, 900), orders
    assert any(sample["inputs"][DOSE] >= 900 for sample in
               seen.samples("c", seen.began["single-write-set"])), "and of the outstation's"


def brute_force(seen):
    values = [line["new"] for line in written(seen, "plc1", 1, seen.began["brute-force-io"])]
    assert len(values) >= 11, values
    assert sum(one != other for one, other in zip(values, values[1:])) >= 10, values
    doses = {sample["inputs"][DOSE] for sample in seen.samples("a", seen.began["brute-force-io"])}
    assert {0, 100} <= doses, f"the pump chatters: {doses}"


def drift(seen):
    doses = []
    for sample in seen.samples("c", seen.began["drift"]):
        if doses[-1:] != [sample["inputs"][DOSE]]:
            doses.append(sample["inputs"][DOSE])
    rising = doses[:doses.index(max(doses)) + 1]
    assert len(rising) >= 4 and rising == sorted(rising) and max(doses) == 2000, doses


def alarm(seen):
    strong = [sample for sample in seen.samples("b", seen.began["alarm-dose"],
                                                seen.began["alarm-word"])
              if sample["truth"][NAOH] > 200]
    assert strong, "too strong at the outlet"
    assert seen.output("alarm-word")["values"] == [0], "and no alarm"


def logic(seen):
    loaded = seen.output("logic")
    assert loaded["places"] == 1 and loaded["old"] != loaded["new"], loaded
    assert any(sample["inputs"][DOSE] == 50 for sample in
               seen.samples("a", seen.began["logic"])), "the dose that the new logic lets through"


def safety(seen):
    assert written(seen, "sis1", 80, seen.began["safety"])[0]["new"] == 3, "the bypass word"
    demand, gone = seen.began["safety-demand"], seen.began["safety-gone"]
    unmet = [sample["inputs"][STOP] for sample in seen.samples("d", demand, gone)]
    assert unmet and set(unmet) == {0}, f"a demand is not met: {unmet}"
    met = [sample["inputs"][STOP] for sample in seen.samples("d", gone)]
    assert met[-1] == 1, f"it was one: {met}"


def block(seen):
    assert seen.output("block-sessions")["opened"] >= 2, "a slow host opens few in that time"
    assert seen.undo("block")["dropped"] >= 1, seen.undo("block")


def middle(seen):
    assert seen.undo("middle")["changed"] >= 1, seen.undo("middle")


def flood(seen):
    assert seen.undo("flood")["steps"] >= 60, seen.undo("flood")


def restart(seen):
    (before,), (after,) = (seen.output(name)["values"] for name in ("restart-old", "restart-beat"))
    assert after < before, (before, after)
    assert seen.output("restart-stop")["new"] == "stop"
    doses = [sample["inputs"][DOSE] for sample in seen.samples("b", seen.began["restart-stop"])]
    assert 0 in doses, f"outputs are safe: {doses}"


def wipe(seen):
    assert seen.output("wipe-fetch")["rows"] > 0
    assert not seen.ended["wipe-rest"]["ok"], seen.ended["wipe-rest"]


def firmware(seen):
    assert not seen.ended["firmware-rest"]["ok"], seen.ended["firmware-rest"]


PROCESS = {"sweep": no_process, "read-all": no_process, "credentials": no_process,
           "single-write": single_write, "brute-force-io": brute_force, "drift": drift,
           "alarm": alarm, "logic": logic, "safety": safety, "middle": middle, "block": block,
           "flood": flood, "restart": restart, "wipe": wipe, "firmware": firmware}


def check_family(seen, family, paths):
    name = family["name"]
    assert seen.attacks_of(name), f"the scenario has no attack of the family {name}"
    assert (family["process"]["en"] == "none") == (PROCESS[name] is no_process), name
    for check in (lambda: check_alerts(seen, family),
                  lambda: name not in FIRST or check_once_only(seen, name, *FIRST[name]),
                  lambda: check_sights(seen, family, paths), lambda: check_lines(seen, family),
                  lambda: PROCESS[name](seen)):
        try:
            check()
        except AssertionError as error:
            yield f"{name}: {error!r}"


def check_every_action(families, path):
    """Each action of the table is done in the story."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    missing = [action for family in families for action in family["actions"]
               if f" {action} {{" not in text]
    assert not missing, missing


# ---- the drill ----

def platform_says(house, number):
    """Another client of the broker, whose words the attacker repeats."""
    subprocess.run([house.program, "exec", house.id, "blue/hmi1", f"--data={house.data}", "--",
                    "mqtt", "publish", BROKER, "platform", "Pl4tform", "fleet/A/command",
                    f"lock {number}"], capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                   env=house.environment())


def play_story(house):
    """Until the attacker has listened to it, the platform speaks, each time in other words."""
    said = 0

    def finished():
        nonlocal said
        state = house.state()
        if state is None:
            return False
        if state["attacks"]["blue"]["single-write-replay"]["state"] != "done":
            said += 1
            platform_says(house, said)
        return state["story"]["blue"]["finished"]
    wait_for("the end of the story", 400, finished, 0.3)
    last = ADDRESS["broker1"]  # that the sweep comes to
    wait_for("what the sensor tells of the sweep", PATIENCE_S, lambda: any(
        line.get("to") == last and line.get("service") == "modbus"
        for _, line in Seen(house.journal(), []).lines()), 1)


def play(house):
    families = json.loads(house.call("attack", "list", "--json").stdout)["attacks"]
    assert set(PROCESS) == {family["name"] for family in families}, "a case for each family"
    check_every_action(families, f"{sys.argv[2]}/tests/range/kit/scenario.lua")
    house.scenario = folder_of(sys.argv[2], house.data)
    house.serve_ready()
    up = house.call("up", house.scenario, "--json", seconds=280)
    house.id = json.loads(up.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    house.ask(f"/drills/{house.id}/start", "POST", {"reason": "as planned"})
    play_story(house)
    house.call("down", house.id, seconds=120)
    shown = house.ask(f"/drills/{house.id}/captures")["files"]
    paths = [f"{house.data}/drills/{house.id}/captures/{file['file']}" for file in shown]
    seen = Seen(house.journal(), families)
    seen.check_ends()
    wrong = [text for family in families for text in check_family(seen, family, paths)]
    assert not wrong, "\n".join(wrong)


def check_kit(house):
    try:
        play(house)
    finally:
        shutil.rmtree(f"{house.data}-kit", ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(attend(check_kit))
