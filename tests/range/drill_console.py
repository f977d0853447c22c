#!/usr/bin/python3
"""Consoles of real machines: the prompt on the serial line, the screen of one that asks for it,
several at once, across a broker that dies. Arguments: program, folder of the sources."""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

from drill_house import PATIENCE_S, attend, wait_for

TEAMS = ["blue"]


class Seat:
    """A WebSocket by hand."""

    def __init__(self, house, machine, form):
        api = house.api()
        at = urllib.parse.urlparse(api["url"])
        self.socket = socket.create_connection((at.hostname, at.port), timeout=PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /api/v1/drills/{house.id}/machines/{machine}/console?form={form} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{at.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: yanwu.console.v1\r\n\r\n".encode())
        self.held = b""
        while b"\r\n\r\n" not in self.held:
            more = self.socket.recv(4096)
            assert more, "closed before the upgrade"
            self.held += more
        head, self.held = self.held.split(b"\r\n\r\n", 1)
        assert b" 101 " in head, head
        self.shown = b""
        self.send(1, json.dumps({"token": api["control"], "mode": "type"}).encode())

    def send(self, opcode, payload):
        assert len(payload) < 65536
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 \
            else b"\xfe" + struct.pack(">H", len(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + size + bytes(4) + payload)

    def type(self, data):
        self.send(2, data)

    def frame(self):
        def have(count):
            while len(self.held) < count:
                more = self.socket.recv(65536)
                assert more, "closed"
                self.held += more
        have(4)
        size, start = self.held[1] & 127, 2
        if size == 126:
            size, start = struct.unpack(">H", self.held[2:4])[0], 4
        elif size == 127:
            have(10)
            size, start = struct.unpack(">Q", self.held[2:10])[0], 10
        have(start + size)
        opcode, payload = self.held[0] & 15, self.held[start:start + size]
        self.held = self.held[start + size:]
        assert opcode != 8, payload
        return opcode, payload

    def until(self, wanted, seconds=PATIENCE_S):
        deadline = time.monotonic() + seconds
        while wanted not in self.shown:
            assert time.monotonic() < deadline, self.shown[-400:]
            self.socket.settimeout(max(0.1, deadline - time.monotonic()))
            opcode, payload = self.frame()
            if opcode == 2:
                self.shown += payload
        return self.shown

    def take(self, count):
        """So many bytes of what is shown."""
        while len(self.shown) < count:
            opcode, payload = self.frame()
            if opcode == 2:
                self.shown += payload
        taken, self.shown = self.shown[:count], self.shown[count:]
        return taken

    def ask(self, line, wanted, seconds=PATIENCE_S):
        self.shown = b""
        self.type(line.encode() + b"\r")
        return self.until(wanted, seconds)

    def close(self):
        self.socket.close()


def make_package(house):
    """The shipped scenario; one machine has a screen and opens its consoles."""
    folder = tempfile.mkdtemp(prefix="yanwu-package-")
    shutil.copytree(house.scenario, f"{folder}/consoles")
    path = f"{folder}/consoles/scenario.lua"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    changed = text.replace('machine "hmi1" {', 'machine "hmi1" { console = true, display = true,')
    assert changed != text
    with open(path, "w", encoding="utf-8") as file:
        file.write(changed)
    return folder


def create(house):
    folder = make_package(house)
    files = {}
    try:
        for at, _, names in os.walk(f"{folder}/consoles"):
            for name in names:
                with open(f"{at}/{name}", encoding="utf-8") as file:
                    files[os.path.relpath(f"{at}/{name}", f"{folder}/consoles")] = file.read()
    finally:
        shutil.rmtree(folder)
    house.id = house.ask("/drills", "POST", {"name": "consoles", "files": files, "teams": TEAMS,
                                             "seed": 1, "speed": 1})["id"]
    house.plan = house.ask(f"/drills/{house.id}/plan")


def check_serial(house):
    seat = Seat(house, "plc1", "serial")
    seat.ask("\x03status", b"plc1, role plc")
    seat.ask("modbus read holding 92 1", b'{"values":[')
    other = Seat(house, "hmi1", "serial")
    other.ask("\x03modbus read 10.20.2.11 1 holding 92 1", b'{"values":[')
    other.close()
    verb = subprocess.run([house.program, "console", house.id, "jump", f"--data={house.data}"],
                          input=b"\x03ip\r", capture_output=True, timeout=PATIENCE_S, check=True)
    assert b'"address":"10.20.2.66"' in verb.stdout, verb
    return seat


def check_many(house, holder):
    """Who sits down later watches: the keys of plc1 are taken."""
    seats = [Seat(house, machine, "serial") for machine in ("plc1", "hmi1", "jump") * 2]
    for seat in [holder, *seats[1:3]]:
        seat.type(b"\x03ip\r")
    for seat in seats:
        seat.until(b'"name":"eth0"')
        seat.close()


def check_screen(house, machine="hmi1"):
    """RFB as far as the first picture; a second viewer does not throw the first out."""
    first = Seat(house, machine, "vnc")
    second = Seat(house, machine, "vnc")
    for seat in (first, second):
        assert seat.take(12) == b"RFB 003.008\n"
        seat.type(b"RFB 003.008\n")
        count = seat.take(1)[0]
        assert 1 in seat.take(count), "no security of type none"
        seat.type(b"\1")
        assert seat.take(4) == bytes(4)
        seat.type(b"\0")  # not shared, says the viewer
        width, height = struct.unpack(">HH", seat.take(4))
        seat.take(16)
        seat.take(struct.unpack(">I", seat.take(4))[0])
        assert width > 100 and height > 100, (width, height)
        seat.type(struct.pack(">BBHi", 2, 0, 1, 0))
        seat.type(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
        assert seat.take(1) == b"\0"
        seat.take(15)
    first.type(struct.pack(">BBHHHH", 3, 0, 0, 0, 16, 16))
    first.take(16)
    first.close()
    second.close()
    for one in house.plan["machines"]:
        assert one["display"] == (one["machine"] == machine), one


def check_broker_death(house, seat):
    """The line comes back by itself."""
    for pid in house.of_core("broker"):
        with contextlib.suppress(ProcessLookupError):  # the inner goes with the outer
            os.kill(pid, signal.SIGKILL)
    seat.until(b"the line is cut")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            seat.shown = b""
            seat.type(b"\x03status\r")
            seat.until(b"role plc", 3)
            break
        except (AssertionError, socket.timeout):
            assert time.monotonic() < deadline, "the line does not come back"
    seat.close()


def recordings(house):
    folder = f"{house.data}/drills/{house.id}/recordings"
    return {f"{folder}/{name}" for name in os.listdir(folder)}


def shown_of(path):
    """What a recording holds of the screen so far; it is written every second."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file.readlines()[1:] if line.endswith("\n")]
    return "".join(line[2] for line in lines if line[1] == "o")


def check_core_death(house):
    """A session that nobody closed is whole as far as it was written, and closed by whoever
    comes next; who sat there sits down again and goes on."""
    earlier = recordings(house)
    seat = Seat(house, "plc1", "serial")
    seat.ask("\x03status", b"plc1, role plc")
    wait_for("its recording", PATIENCE_S, lambda: any(
        "role plc" in shown_of(path) for path in recordings(house) - earlier))
    before = house.core()
    os.kill(before, signal.SIGKILL)
    wait_for("another core", PATIENCE_S, lambda: house.core() not in (0, before))

    def sit_again():
        try:
            again = Seat(house, "plc1", "serial")
            again.ask("\x03status", b"role plc", 10)
            return again
        except (AssertionError, OSError):
            return None
    wait_for("the line to be back", PATIENCE_S, sit_again, 0.5).close()
    seat.close()
    closed = [event["payload"] for event in house.journal()
              if event["kind"] == "console-changed"
              and event["payload"]["detail"] == "the daemon was restarted"]
    assert len(closed) == 1 and not closed[0]["on"], closed
    path = f"{house.data}/drills/{house.id}/recordings/{closed[0]['recording']}.cast"
    with open(path, "rb") as file:
        text = file.read()
    assert len(text) == closed[0]["bytes"]
    assert hashlib.blake2b(text, digest_size=32).hexdigest() == closed[0]["hash"]
    head, *lines = [json.loads(line) for line in text.decode().splitlines()]
    assert head["yanwu"]["machine"] == "plc1", head
    assert "role plc" in "".join(line[2] for line in lines if line[1] == "o"), lines
    assert "status" in "".join(line[2] for line in lines if line[1] == "i"), lines


def break_kernel(house, machine):
    """Its last words are on its line, and then it is gone."""
    seat = Seat(house, machine, "serial")
    trigger = f"{house.data}/trigger"
    with open(trigger, "w", encoding="ascii") as file:
        file.write("c")
    subprocess.run([house.program, "put", house.id, machine, trigger, "/proc/sysrq-trigger",
                    f"--data={house.data}"], capture_output=True, timeout=PATIENCE_S, check=False)
    os.remove(trigger)
    seat.until(b"Kernel panic - not syncing: sysrq triggered crash")
    seat.close()
    (team,) = house.plan["teams"]
    wait_for("its loss", PATIENCE_S, lambda: house.state()["machines"][team][machine]["state"] == "lost")


def check_journal(house):
    changes = [event["payload"] for event in house.journal()
               if event["kind"] == "console-changed"]
    assert {one["form"] for one in changes} == {"serial", "vnc"}
    assert any(one["hash"] and one["bytes"] > 300 for one in changes), changes
    assert all(not one["recording"] for one in changes if one["form"] == "vnc"), changes
    open_ones = {one["console"] for one in changes if one["on"]}
    closed = {one["console"] for one in changes if not one["on"]}
    assert open_ones == closed, open_ones ^ closed


def play(house):
    house.serve_ready()
    create(house)
    began = time.monotonic()
    house.ask(f"/drills/{house.id}/up", "POST", {"reason": "consoles"}, timeout=120)
    print(f"up after {time.monotonic() - began:.1f} s")
    seat = check_serial(house)
    check_many(house, seat)
    check_screen(house)
    check_broker_death(house, seat)
    check_core_death(house)
    break_kernel(house, "jump")
    time.sleep(0.5)
    house.ask(f"/drills/{house.id}/down", "POST", {"reason": "done"}, timeout=120)
    check_journal(house)
    sockets = [name for _, folders, names in os.walk(f"{house.data}/libvirt")
               for name in folders + names
               if name.endswith((".serial", ".vnc"))]
    assert not sockets, sockets
    print(f"all done after {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    sys.exit(attend(play))
