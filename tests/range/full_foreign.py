#!/usr/bin/python3
"""Images that were brought in with systems of their own, beside a controller: one with the
QEMU guest agent is told its address, runs programs, takes and gives files, goes back to
its start and is missed when it is switched off; one without runs, and says that it has
none. Arguments: program, folder of the sources."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from drill_house import SKIP, attend, wait_for
from drill_points import execute

PATIENCE = 300

SCENARIO = """scenario "brought" {
  title = { zh = "自带镜像", en = "Brought images" }, sector = "water", mode = "drill", length = "30m",
}
local control = network "control" { cidr = "10.20.2.0/24", zone = "L2" }
local works   = plant   "works"   { model = "water-dosing" }
machine "plc1" { image = "plc", at = { control ".11" }, field = works, program = "files/dosing.st" }
machine "guest" { image = "vendor", at = { control ".31" }, ram_mib = 192 }
machine "box" { image = "appliance", at = { control ".32" }, ram_mib = 192 }
story(function (s) s:wait "30m" end)
"""


def bring_in(house, folder):
    """Through quarantine, twice; an agent that nobody knows is refused."""
    disk = f"{folder}/vendor.raw"
    subprocess.run([f"{os.path.dirname(__file__)}/foreign_image", os.environ["YW_IMAGES"],
                    disk], check=True, timeout=120)
    words = ("image", "add", disk, "--format", "raw", "--ram", "192")
    for name, agent in (("vendor", "qemu-ga"), ("appliance", "none")):
        house.call(*words, "--id", name, "--agent", agent, seconds=120)
        shown = json.loads(house.call("image", "show", name, "--json").stdout)
        assert shown["agent"] == agent, shown
    wrong = house.call(*words, "--id", "other", "--agent", "qga", check=False)
    assert wrong.returncode != 0 and "'qemu-ga'" in wrong.stderr, wrong


def say(house, *words):
    run = execute(house, "guest", *words)
    assert run.returncode == 0, run
    return run.stdout.strip()


def check_programs(house):
    assert say(house, "hostname") == "guest"
    assert "10.20.2.31/24" in say(house, "ip", "addr")
    say(house, "ping", "-c", "1", "-W", "20", "10.20.2.11")
    ended = execute(house, "guest", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert ended.returncode == 7, ended
    assert "out" in ended.stdout + ended.stderr and "err" in ended.stdout + ended.stderr
    missing = execute(house, "guest", "no-such-program")
    assert missing.returncode == 127, missing


def check_files(house, folder):
    """A few pieces of the channel, of bytes that are no text."""
    content = b"".join(hashlib.sha256(bytes([i])).digest() * 16 for i in range(20))
    with open(f"{folder}/in", "wb") as file:
        file.write(content)
    house.call("put", house.id, "guest", f"{folder}/in", "/root/in")
    assert say(house, "sha256sum", "/root/in").split()[0] == \
        hashlib.sha256(content).hexdigest()
    house.call("get", house.id, "guest", "/root/in", f"{folder}/out")
    with open(f"{folder}/out", "rb") as file:
        assert file.read() == content


def check_broker(house):
    """Another broker finds both, and by whom they are spoken for."""
    for broker in house.of_core("broker"):
        with contextlib.suppress(ProcessLookupError):  # the inner goes with the outer
            os.kill(broker, signal.SIGKILL)
    wait_for("its machine found again", PATIENCE, lambda: execute(
        house, "guest", "hostname").stdout.strip() == "guest", 1)


def check_box(house):
    refused = execute(house, "box", "uname")
    assert refused.returncode == 126, refused
    assert "no agent" in refused.stdout + refused.stderr, refused


def check_end(house):
    """Whoever switches it off from inside is seen; the other one is not touched."""
    say(house, "sh", "-c", "(sleep 2; poweroff -f) >/dev/null 2>&1 &")
    machines = lambda: house.state()["machines"]["blue"]
    wait_for("its loss", PATIENCE, lambda: machines()["guest"]["state"] == "lost", 0.5)
    assert machines()["box"]["state"] == "serving", machines()


def play(house, folder):
    began = time.monotonic()
    run = house.call("up", house.scenario, "--json", seconds=900, check=False)
    assert run.returncode == 0, run
    house.id = json.loads(run.stdout)["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")
    print(f"up in {time.monotonic() - began:.0f} s", flush=True)
    check_programs(house)
    check_files(house, folder)
    check_broker(house)
    check_box(house)
    wait_for("the point of the start", 300,
             lambda: house.call("checkpoint", "list", house.id).stdout)
    began = time.monotonic()
    house.call("reset", house.id, "blue", "guest", seconds=300)
    print(f"reset in {time.monotonic() - began:.1f} s", flush=True)
    assert execute(house, "guest", "ls", "/root/in").returncode == 1, "its files went back"
    assert "10.20.2.31/24" in say(house, "ip", "addr")
    check_end(house)
    journal = house.call("journal", house.id, "--json").stdout
    assert journal.count("its image brings a system of its own") >= 2, \
        re.findall(r'"how":"[a-z]*"', journal)
    house.call("down", house.id, seconds=300)


def check_foreign(house):
    with tempfile.TemporaryDirectory() as folder:
        house.scenario = f"{folder}/brought"
        os.makedirs(f"{house.scenario}/files")
        shutil.copy(f"{sys.argv[2]}/scenarios/water-dosing/files/dosing.st",
                    f"{house.scenario}/files/")
        with open(f"{house.scenario}/scenario.lua", "w", encoding="utf-8") as file:
            file.write(SCENARIO)
        bring_in(house, folder)
        house.serve_ready()
        play(house, folder)


def missing():
    """What this host lacks to make such a disk."""
    return [tool for tool in ("qemu-ga", "busybox", "syslinux", "mcopy", "mkfs.fat")
            if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None]


if __name__ == "__main__":
    if missing():
        print("skipped: no", *missing())
        sys.exit(SKIP)
    sys.exit(attend(check_foreign))
