"""A safety system beside its controller on real machines: it trips what the controller lets
through, until somebody loads other logic into it. No packet of the whole drill is malformed, and
from inside the range no port of the controllers leads to the plant."""

import glob
import os
import subprocess
import sys

from drill_house import wait_for

SCANNED = "sis1"
USUAL = {502, 20547}  # Modbus and the engineering port
RATE = "6000"  # packets a second, which an emulated machine answers
CASE = "10.20.2.200/24"  # of who scans


def samples(events, plant):
    return [event["payload"] for event in events
            if event["kind"] == "plant-sample" and event["payload"]["plant"] == plant]


def check_trips(events):
    ended = [event["payload"] for event in events if event["kind"] == "attack-ended"]
    done = {end["attack"] for end in ended if end["ok"]}  # of several tries
    assert {"limit-1", "logic-1"}.isdisjoint(done), ended  # its key stands at RUN
    assert {"logic-2", "feeds-1", "product-1", "feeds-2", "product-2", "look"} <= done, ended
    stops = {plant: [sample["inputs"][4] for sample in samples(events, plant)]
             for plant in ("guarded", "open")}
    assert stops["guarded"][0] == 0 and stops["guarded"][-1] == 1, stops["guarded"][-5:]
    assert set(stops["open"]) == {0}, stops["open"][-5:]
    worst = {plant: max(event["payload"]["level"] for event in events
                        if event["kind"] == "plant-level" and event["payload"]["plant"] == plant)
             for plant in ("guarded", "open")}
    print(f"worst levels: {worst}, {len(stops['guarded'])} samples")
    assert worst["open"] == 5, worst  # it ruptured
    said = {(line["payload"].get("machine"), word) for line in events
            for word in ("plc-download", "plc-mode", "plc-login") if word in str(line["payload"])}
    assert ("sis2", "plc-download") in said, sorted(said, key=str)


def frames(path):
    """Protocols and ports of what a capture holds, as Wireshark's dissectors see it, without the
    empty segments of the scan."""
    run = subprocess.run(["tshark", "-n", "-r", path, "-T", "fields",
                          "-Y", "tcp.len > 0 || !tcp || _ws.malformed", "-e", "frame.number",
                          "-e", "frame.protocols", "-e", "tcp.port",
                          "-e", "_ws.malformed"],
                         text=True, capture_output=True, check=False, timeout=200)
    return [line.split("\t") for line in run.stdout.splitlines()]


def check_wire(house):
    found = glob.glob(f"{house.data}/drills/{house.id}/captures/*.pcap")
    assert found, os.listdir(f"{house.data}/drills/{house.id}")
    seen = set()
    for path in found:
        for number, protocols, ports, malformed in frames(path):
            assert malformed == "", (path, number, protocols, malformed)
            seen.update(protocols.split(":"))
            seen.update(ports.split(","))
    print(f"{len(found)} captures, nothing malformed: {sorted(seen)}")
    assert {"mbtcp", "iec60870_104", "arp", "20547"} <= seen, seen


def open_ports(name, address, *words):
    run = subprocess.run(["ip", "netns", "exec", name, "nmap", "-n", "-Pn", "-sS", "-T5",
                          "--max-retries", "1", "-oG", "-", *words, address],
                         text=True, capture_output=True, check=True, timeout=240)
    parts = run.stdout.replace(",", "\n").splitlines()
    return {int(part.split("/")[0].split()[-1]) for part in parts if "/open/" in part}


def scan(house):
    """Every TCP port of a controller, from a neighbour on its network."""
    name = f"ywscan{os.getpid() % 100000}"
    bridge = house.control_bridge(house.plan["teams"][0])
    address = {machine["machine"]: machine["nics"][0]["address"].split("/")[0]
               for machine in house.plan["machines"]}
    try:
        for words in (["netns", "add", name],
                      ["link", "add", name, "type", "veth", "peer", "name", "scan0", "netns", name],
                      ["-n", name, "address", "add", CASE, "dev", "scan0"],
                      ["-n", name, "link", "set", "scan0", "up"],
                      ["link", "set", name, "master", bridge, "up"]):
            subprocess.run(["ip", *words], check=True)
        # a scan that misses what is open proves nothing: then again
        found = wait_for("a scan that finds the usual ports", 200, lambda: (
            lambda ports: ports if USUAL <= ports else None)(
                open_ports(name, address[SCANNED], "-p-", "--max-rate", RATE)))
        print(f"{SCANNED}: open ports {sorted(found)}")
        assert found == USUAL, found
    finally:
        subprocess.run(["ip", "link", "delete", name], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)


def keep_capture(house):
    """What control does when a capture was refused: it starts it again."""
    answer = house.ask(f"/drills/{house.id}/captures") or {"captures": []}
    for capture in answer["captures"]:
        if not capture["on"]:
            print(f"the capture is off: {capture['detail']}")
            house.call("capture", "start", house.id,
                       f"{capture['team']}/{capture['network']}", check=False)


def came_true(house):
    keep_capture(house)
    state = house.state()
    if state is None:
        return False  # a daemon that is busy
    works = state["plants"]["blue"]
    return (works["open"]["worst_level"] == 5 and
            works["guarded"]["tags"]["f1_kmol_h"].get("truth", 1) < 0.5)


def play_safety(house):
    house.scenario = f"{sys.argv[2]}/tests/rehearsal/safety"
    run = house.run(speed=10)
    house.learn()
    run.wait_said("drill running", 180)
    wait_for("a rupture here and a trip there", 180, lambda: came_true(house), 0.5)
    house.ask(f"/drills/{house.id}/pause", "POST", {"reason": "a scan of the ports"})
    scan(house)
    house.ask(f"/drills/{house.id}/end", "POST", {"reason": "all is seen"})
    run.wait_said("report:", 120)
    assert run.wait(60) == 0, run.text()
    assert house.left_over() == [], house.left_over()
    check_trips(house.journal())
    check_wire(house)
