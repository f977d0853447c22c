#!/usr/bin/python3
"""Full images, built by their recipes and brought up by the real daemon as copies of their
golden machines: each one's service answers and does what the image is for beside a real
controller, and what reads a controller comes back by itself from every link cut and every
reset of it. Arguments: program, folder of the sources, image.
Prints the figures: seconds to build, to come up cold and as a copy, memory, size."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

from drill_console import check_screen
from drill_house import Probe, attend, wait_for
from drill_points import execute

CUTS, RESETS = 20, 5  # of the operator station; others read by the same few lines
FEW_CUTS, FEW_RESETS = 3, 1
ONLINE, OFFLINE = "Controller online", "does not answer"
PATIENCE = 900  # seconds: a machine without acceleration, on a host that has more to do

SCENARIO = """scenario "full" {{
  title = {{ zh = "完整镜像", en = "Full images" }}, sector = "water", mode = "drill", length = "2h",
}}
local control = network "control" {{ cidr = "10.20.2.0/24", zone = "L2" }}
local works   = plant   "works"   {{ model = "water-dosing" }}
local plc     = machine "plc1"    {{ image = "plc", at = {{ control ".11" }}, field = works, program = "files/dosing.st" }}
machine "hmi1" {{ image = "hmi", at = {{ control ".21" }}, serves = plc }}
machine "one" {{ image = "{image}", at = {{ control ".31" }}, ram_mib = {ram}, serves = plc{more} }}
story(function (s) s:wait "2h" end)
"""


def order(house, *words, seconds=60):
    """A verb that has to succeed; what it said, in words, when it does not."""
    run = house.call(*words, seconds=seconds, check=False)
    assert run.returncode == 0, run
    return run.stdout


def run_in(house, *words):
    """A program of the machine `one`: whether it exited 0, and its words. On a host that is
    busy the channel's deadline may pass first; who waits for something asks again."""
    try:
        run = execute(house, "one", *words)
    except subprocess.TimeoutExpired:
        return False, ""
    return run.returncode == 0, run.stdout.strip()


def memory_mib(house):
    """Proportional set of the machine's process: what it costs beside its copies."""
    pid = house.qemus()[house.machine("blue", "one")["domain"]]
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss: +(\d+)", file.read(), re.M).group(1)) // 1024


def cpu_s(house):
    pid = house.qemus()[house.machine("blue", "one")["domain"]]
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def healthy(house):
    return run_in(house, "/usr/lib/yanwu/health")[0]


# ---- what reads the controller: a number that grows with each new value, 0 for none ----

def of_historian(house):
    """When the newest value in the database was taken, by its own client, without Debian's
    choice of versions around it, which takes longer than the client."""
    good, told = run_in(house, "setpriv", "--reuid", "postgres", "--regid", "postgres",
                        "--clear-groups", "/usr/lib/postgresql/15/bin/psql", "-d", "history",
                        "-At", "-c", "select extract(epoch from coalesce(max(at), 'epoch')) "
                        "from samples where tag = 'level_m'")
    return float(told) if good else 0


def of_opcua(house):
    """When the server last had a good value, by an OPC UA client beside it."""
    told = house.seat.run(f"{os.path.dirname(os.path.abspath(__file__))}/opcua_read.py",
                          "10.20.2.31", "level_m")
    value = json.loads(told) if told else {"status": 1}
    return value["at"] if value["status"] == 0 else 0


def of_scada(house):
    """When FUXA last had a value of the controller, by its own interface on the network."""
    told = house.seat.get('http://10.20.2.31:1881/api/getTagValue?ids=["level_m"]')
    value = json.loads(told)[0] if told else {}
    return value.get("ts") or 0 if value.get("value") is not None else 0


READERS = {"deb-historian": of_historian, "deb-opcua": of_opcua, "deb-scada": of_scada}


def tap_of(house, machine):
    """The interface of the machine on its bridge."""
    bridge = house.machine("blue", machine)["nics"][0]["bridge"]
    address = house.machine("blue", machine)["nics"][0]["mac"][2:]
    links = json.loads(subprocess.run(["ip", "-json", "link", "show", "master", bridge],
                                      capture_output=True, text=True, check=True).stdout)
    return next(link["ifname"] for link in links if link["address"][2:] == address)


def advance(house, read, why, beyond=None):
    """Waits until a value newer than `beyond` was read; the last one."""
    floor = read(house) if beyond is None else beyond
    wait_for(f"a new value {why}", PATIENCE, lambda: read(house) > floor, 0.5)
    return read(house)


def stalls(house, read):
    """Waits until no new value comes; the last one."""
    def stands():
        before = read(house)
        time.sleep(4)
        return read(house) == before
    wait_for("the values to stand still", PATIENCE, stands)
    return read(house)


class Seat(Probe):
    """A host of the control network with a browser; a page fetched from there costs the
    machines no program of their own."""

    def look(self):
        pass

    def run(self, *words):
        """A program in Python, from here; "" unless it ends well."""
        try:
            run = subprocess.run(["ip", "netns", "exec", self.name, "/usr/bin/python3", *words],
                                 capture_output=True, text=True, check=False, timeout=100)
        except subprocess.TimeoutExpired:
            return ""
        return run.stdout if run.returncode == 0 else ""

    def get(self, url):
        return self.run("-c", "import sys, urllib.request as u\n"
                        "sys.stdout.buffer.write(u.urlopen(sys.argv[1], timeout=30).read())",
                        quote(url, safe=":/?="))


def hmi_says(house, words):
    """Our own operator station, beside it."""
    return words in house.seat.get("http://10.20.2.21/en/values")


def await_hmi(house, words):
    wait_for(f"the hmi's '{words}'", PATIENCE, lambda: hmi_says(house, words), 0.5)


def check_link(house, read, with_hmi):
    cuts, resets = (CUTS, RESETS) if with_hmi else (FEW_CUTS, FEW_RESETS)
    last = advance(house, read, "at first")
    for cut in range(cuts):
        tap = tap_of(house, "plc1")
        subprocess.run(["ip", "link", "set", tap, "down"], check=True)
        last = max(last, stalls(house, read))
        if with_hmi:
            await_hmi(house, OFFLINE)
        subprocess.run(["ip", "link", "set", tap, "up"], check=True)
        last = advance(house, read, f"after cut {cut + 1}", last)
        print(f"cut {cut + 1}", flush=True)
        if with_hmi:
            await_hmi(house, ONLINE)
    for reset in range(resets):
        order(house, "reset", house.id, "blue", "plc1", seconds=300)
        last = advance(house, read, f"after reset {reset + 1}", last)
        print(f"reset {reset + 1}", flush=True)
        if with_hmi:
            await_hmi(house, ONLINE)
    print(f"read on after {cuts} link cuts and {resets} resets", flush=True)


# ---- what the others are for ----

def await_words(house, words, *argv):
    """A program of the machine says so: an emulated one may need more than one deadline."""
    def said():
        good, told = run_in(house, *argv)
        return good and words in told
    wait_for(f"'{words}' of {argv}", PATIENCE, said, 1)
    print(f"seen: {words} of {argv[0]}", flush=True)


def run_script(house, words, text):
    """Longer than a word of a command may be."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(text)
        file.flush()
        order(house, "put", house.id, "one", file.name, "/root/script.py", seconds=120)
    await_words(house, words, "python3", "/root/script.py")


READ_40 = """from pymodbus.client import ModbusTcpClient
client = ModbusTcpClient("10.20.2.11", timeout=20)
client.connect()
print(type(client.read_holding_registers(40, 1, slave=1)).__name__)
"""
WHO_HAS = """from scapy.layers.l2 import ARP, Ether
from scapy.sendrecv import srp1
asked = Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(pdst="10.20.2.11")
print("is at", srp1(asked, iface="eth0", timeout=20, verbose=0).psrc)
"""


def try_attacker(house):
    """Its tools against the controller."""
    await_words(house, "[40]:", "mbpoll", "-m", "tcp", "-0", "-1", "-a", "1", "-t", "4", "-r",
                "40", "10.20.2.11")
    await_words(house, "502/tcp open", "nmap", "-n", "-Pn", "-sT", "-p", "502", "10.20.2.11")
    run_script(house, "ReadHoldingRegistersResponse", READ_40)
    for tool in ("hydra", "tcpreplay", "ettercap", "tshark"):
        await_words(house, f"/{tool}", "sh", "-c", f"command -v {tool}")
    run_script(house, "is at 10.20.2.11", WHO_HAS)


def greeting(house, port):
    """The first bytes that a server of the machine says by itself."""
    return house.seat.run("-c", "import socket, sys\n"
                          "s = socket.create_connection(('10.20.2.31', int(sys.argv[1])), 30)\n"
                          "s.settimeout(30)\nprint(s.recv(64))", str(port))


def try_corp(house):
    """Web and SSH from the network; a share by its client."""
    wait_for("its page", PATIENCE, lambda: "Plant intranet" in house.seat.get(
        "http://10.20.2.31/"), 1)
    wait_for("its SSH", PATIENCE, lambda: "SSH-2.0-OpenSSH" in greeting(house, 22), 1)
    await_words(house, "blocks of size", "smbclient", "-U", "lina%lina@2024",
                "//10.20.2.31/engineering", "-c", "ls")
    print("seen: web, SSH, shares", flush=True)


def try_engineering(house):
    """The program that runs in the controller, read, compiled and compared; a desktop."""
    await_words(house, "run", "plc", "status")
    await_words(house, "bytes in", "plc", "upload", "/root/programs/copy.st")
    await_words(house, "", "st", "check", "/root/programs/copy.st")
    await_words(house, "", "st", "compare", "/root/programs/main.st", "/root/programs/copy.st")
    changed = run_in(house, "sh", "-c", "cd /root/programs && sed 's/1/2/' copy.st >new.st && "
                     "st compare copy.st new.st")
    assert not changed[0] and changed[1], changed
    print("seen: a change in the program:", changed[1].splitlines()[0], flush=True)
    check_screen(house, "one")
    print("seen: the desktop", flush=True)


TRIALS = {"deb-attacker": try_attacker, "deb-corp": try_corp,
          "deb-engineering": try_engineering}


def build(house, image):
    """By its recipe; then once more, which finds it done."""
    began = time.monotonic()
    told = order(house, "image", "build", image, "--json", seconds=3600)
    took = time.monotonic() - began
    lines = [json.loads(line) for line in told.splitlines()]
    assert lines[-1]["id"] == image and len(lines[-1]["recipe"]) == 64, lines[-1]
    steps = [line["step"] for line in lines[:-1]]
    assert steps == sorted(steps), steps
    again = order(house, "image", "build", image, "--json", seconds=PATIENCE)
    assert again.splitlines() == told.splitlines()[-1:], again
    print(f"{image}: built in {took:.0f} s ({len(steps)} steps), "
          f"{lines[-1]['size_bytes'] >> 20} MiB, needs {lines[-1]['ram_mib']} MiB",
          flush=True)
    return lines[-1]


def play(house, image):
    made = build(house, image)
    with open(f"{house.scenario}/scenario.lua", "w", encoding="utf-8") as file:
        file.write(SCENARIO.format(image=image, ram=made["ram_mib"],
                                   more=", display = true" if image == "deb-engineering"
                                   else ""))
    house.serve_ready()
    began = time.monotonic()
    house.id = json.loads(order(house, "up", house.scenario, "--json", seconds=3000))["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    print(f"{image}: up in {time.monotonic() - began:.0f} s, its golden machine made on the "
          f"way; {cpu_s(house):.1f} s of processor time", flush=True)
    began = time.monotonic()
    wait_for("its service", PATIENCE, lambda: healthy(house), 0.5)
    print(f"{image}: its service answered {time.monotonic() - began:.1f} s later; "
          f"{memory_mib(house)} MiB", flush=True)
    with Seat(house, "blue", 1) as house.seat:
        if image in READERS:
            check_link(house, READERS[image], image == "deb-scada")
        if image in TRIALS:
            TRIALS[image](house)
    wait_for("the point of the start", 300,
             lambda: order(house, "checkpoint", "list", house.id))
    began = time.monotonic()
    order(house, "reset", house.id, "blue", "one", seconds=600)
    wait_for("its service after a reset", PATIENCE, lambda: healthy(house), 0.5)
    print(f"{image}: reset to a service that answers in {time.monotonic() - began:.1f} s; "
          f"{memory_mib(house)} MiB", flush=True)
    started = order(house, "journal", house.id, "--json")
    assert '"how":"shared"' in started or '"how":"saved"' in started, "it is a copy"
    order(house, "down", house.id, seconds=300)


def check_images(house):
    with tempfile.TemporaryDirectory() as folder:
        house.scenario = f"{folder}/full"
        os.makedirs(f"{house.scenario}/files")
        shutil.copy(f"{sys.argv[2]}/scenarios/water-dosing/files/dosing.st",
                    f"{house.scenario}/files/")
        play(house, sys.argv[3])


if __name__ == "__main__":
    sys.exit(attend(check_images))
