#!/usr/bin/python3
"""Boots real micro machines under TCG and plays a PLC, its HMI and an attacker with them.
Arguments: folder of the images, folder of the sources."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from guest_station import check_station
from guest_machine import (LINK, PATIENCE, PING, RUN, START, Machine, private_network, tap, text)

SKIP = 77
CUTS = 3  # twenty of them, and resets, beside full machines: full_images.py
PLC, HMI, RED = "10.20.2.11", "10.20.2.20", "10.20.2.66"


def mbpoll(*words):
    """The value that an independent client reads or writes."""
    run = subprocess.run(["mbpoll", "-m", "tcp", "-0", "-1", "-a", "1", "-o", "3", *words],
                         capture_output=True, text=True, timeout=PATIENCE)
    found = re.search(r"^\[\d+\]:\s+(\d+)", run.stdout, re.M)
    return int(found.group(1)) if found else run.stdout + run.stderr


class Capture:
    """What passes the bridge on port 502, for a dissector that knows Modbus."""

    def __init__(self, folder):
        self.path = f"{folder}/modbus.pcapng"
        self.process = None
        if shutil.which("dumpcap") and shutil.which("tshark"):
            self.process = subprocess.Popen(
                ["dumpcap", "-q", "-i", "br0", "-f", "tcp port 502", "-w", self.path],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def check(self):
        if self.process is None:
            print("no dumpcap or tshark: frames not checked")
            return
        run = subprocess.run(
            ["tshark", "-r", self.path, "-Y", "modbus || _ws.malformed", "-T", "fields",
             "-e", "modbus.func_code", "-e", "_ws.malformed", "-E", "separator=/t"],
            capture_output=True, text=True, timeout=PATIENCE, check=True)
        rows = [line.split("\t") for line in run.stdout.splitlines()]
        assert not [row for row in rows if len(row) > 1 and row[1]], run.stdout
        codes = {code for row in rows for code in row[0].split(",")}
        assert {"1", "2", "3", "4", "5", "6", "43"} <= codes, codes
        print(f"{len(rows)} Modbus frames, none malformed")


def start(channel, request, role):
    code, output = channel.ask(START, request, text(role))
    assert code == 0, output


def check_plc(plc, field, program):
    code, output = plc.configure(1, "plc1", [("52:54:00:aa:00:11", PLC)])
    assert (code, output) == (0, ""), output
    request = plc.put(2, "program.st", program)
    start(plc, request, "plc")
    field.record(60)
    assert field.scan == 1, f"the field port was noticed at scan {field.scan} only"
    field.send([100.0, 2.45, 0.9, 100.0])
    outputs, views = field.record_where(lambda o, v: o[0] == 100 and v[0] == 100)
    assert outputs == [100.0, 1.0, 1.0], outputs
    assert abs(views[2] - 0.9) < 1e-9, views
    assert mbpoll("-t", "4", "-r", "40", PLC) == 100
    assert mbpoll("-t", "3", "-r", "0", PLC) == 1000
    return request + 1


def check_again(plc, field, request):
    """A role that is started anew: its ports have the numbers of those it had before."""
    for number in (request, request + 1):
        start(plc, number, "plc")
        field.send([100.0, 2.45, 0.9, 100.0])
        field.record_where(lambda o, v: o[0] == 100 and v[0] == 100)
        assert mbpoll("-t", "3", "-r", "0", PLC) == 1000
        with socket.create_connection((PLC, 20547), timeout=PATIENCE) as wire:
            wire.settimeout(PATIENCE)
            assert wire.recv(4) == b"220 "
    return request + 2


def check_rest(plc):
    """The kernel knows how its processor sleeps, and so stops its tick: vm-images/idle.asl."""
    code, driver = plc.get(120, "/sys/devices/system/cpu/cpuidle/current_driver")
    assert (code, driver.strip()) == (0, "acpi_idle"), driver


def check_refusals(channel):
    """Requests that cannot be done say why, and the machine goes on."""
    code, output = channel.configure(101, "plc1", [("52:54:00:aa:00:11", "10.20.2")])
    assert (code, output) == (1, '{"error":"nic 0: Invalid argument"}'), output
    channel.put(102, "program.st", b"PROGRAM t\nx := 1;\nEND_PROGRAM")
    code, output = channel.ask(START, 103, text("plc"))
    assert (code, output) == (1, """{"error":"program.st: line 2, column 1: unknown name 'x'"}"""), output
    code, output = channel.ask(START, 104, text("toaster"))
    assert (code, output) == (1, '{"error":"no such role"}'), output
    code, output = channel.ask(99, 105)
    assert (code, output) == (1, '{"error":"message not understood"}'), output
    code, output = channel.ask(LINK, 106, struct.pack("<II", 5, 1))
    assert code == 1, output


def check_engineering(plc, first):
    """The engineering port of a real machine: reads without a password, writes with the
    factory's one, a program that goes out as it came, and a key that shuts it."""
    request = first
    with socket.create_connection((PLC, 20547), timeout=PATIENCE) as wire, \
            wire.makefile("rwb", buffering=0) as port:
        def ask(*words):
            wire.sendall((" ".join(words) + "\n").encode())
            answer = port.readline().decode()
            if answer.startswith("211 "):
                return read_all(port, int(answer.split()[1])).decode()
            return answer
        assert port.readline().startswith(b"220 ")
        assert "mode=run\nkey=remote\nprogram=dosing\n" in ask("STATUS")
        assert ask("FORCE", "dose_cmd", "7").startswith("430 ")
        source = ask("UPLOAD")
        assert source.rstrip().endswith("END_PROGRAM"), source
        assert ask("LOGIN", "1111").startswith("200 ")
        assert ask("EDIT", str(len(source.encode()) + 8)).startswith("200 send")
        wire.sendall(b"(* x *) " + source.encode())
        assert port.readline().startswith(b"200 dosing ")
        assert plc.run(request, "key", "run") == (0, "{}")
        assert ask("MODE", "stop").startswith("423 the key stands at run")
        assert plc.run(request + 1, "key", "remote") == (0, "{}")
        assert ask("MODE", "run").startswith("200 ")
    kinds = [json.loads(line)["kind"] for line in plc.more_lines(0.5)]
    for kind in ("plc-refused", "plc-upload", "plc-login", "plc-edit", "plc-key"):
        assert kind in kinds, kinds
    return request + 2


def read_all(port, size):
    data = b""
    while len(data) < size:
        piece = port.read(size - len(data))
        assert piece, data
        data += piece
    return data


def start_attacker(red):
    """Two interfaces, in the order of the machine's cards, before and after."""
    cards = json.loads(red.run(100, "addr")[1])["interfaces"]
    assert [card["mac"][-2:] for card in cards] == ["02", "09"], cards
    code, output = red.configure(1, "jump", [("52:54:00:aa:00:66", RED),
                                             ("52:54:00:aa:04:66", "10.20.4.66")])
    assert (code, output) == (0, ""), output
    start(red, 2, "attacker")
    cards = json.loads(red.run(9, "addr")[1])["interfaces"]
    assert [(card["mac"], card["address"], card["prefix"], card["up"]) for card in cards] == [
        ("52:54:00:aa:00:66", RED, 24, True),
        ("52:54:00:aa:04:66", "10.20.4.66", 24, True)], cards


def check_deadline(red):
    code, output = red.run(15, "ping", "10.20.2.99", deadline_ms=300)
    assert (code, output) == (124, '{"error":"deadline"}'), output
    for number in range(16, 20):  # four at once, the fifth is told to come again
        body = struct.pack("<I", 2) + text("ping") + text("10.20.2.99")
        red.send(RUN, number, body + struct.pack("<I", 1500))
    assert red.run(20, "ping", "10.20.2.99") == (125, '{"error":"busy"}')
    for number in range(16, 20):
        assert red.done(number)[0] in (1, 124), "nobody there, or no time left"
    assert red.run(20, "ping", PLC)[0] == 0, "busy is not remembered"


def check_attack(red, plc, field):
    code, output = red.run(3, "modbus", "scan", "10.20.2.0/24")
    found = json.loads(output)["found"]
    assert code == 0 and [one["address"] for one in found] == [PLC], output
    assert found[0]["vendor"], output
    code, output = red.run(4, "modbus", "write", PLC, "1", "holding", "40", "11100")
    assert (code, json.loads(output)) == (0, {"old": 100, "new": 11100}), output
    # The same request again: remembered, not done twice.
    assert red.run(4, "modbus", "write", PLC, "1", "holding", "40", "11100") == (code, output)
    assert mbpoll("-t", "4", "-r", "40", PLC) == 11100
    field.record_where(lambda o, v: o[0] == 11100)
    lines = [json.loads(line) for line in plc.more_lines(0.5, "modbus-write")]
    writes = [line for line in lines if line["kind"] == "modbus-write"]
    assert writes == [{"kind": "modbus-write", "from": RED, "fc": 6, "table": "holding",
                       "address": 40, "old": 100, "new": 11100}], lines
    assert red.run(5, "modbus", "read", PLC, "1", "holding", "300", "1")[0] == 1
    assert red.run(6, "ping", "10.20.2.99")[0] == 1
    assert red.run(7, "ping", PLC) == (0, '{"reachable":true}')
    assert red.run(8, "no-such-program")[0] == 127


def check_hmi(hmi, field):
    deadline = time.monotonic() + PATIENCE
    page = ""
    while 'class="good" id="link"' not in page and time.monotonic() < deadline:
        time.sleep(0.3)
        page = urllib.request.urlopen(f"http://{HMI}/zh/values", timeout=PATIENCE).read().decode()
    assert "控制器在线" in page and "11100 mg/L" in page, page
    english = urllib.request.urlopen(f"http://{HMI}/en", timeout=PATIENCE).read().decode()
    assert "Dosing room operator station" in english and 'src="/en/values"' in english
    values = urllib.request.urlopen(f"http://{HMI}/en/values", timeout=PATIENCE).read().decode()
    assert "Controller online" in values
    for page, part in (("alarms", "Operator's log"), ("trend", "<polyline"),
                       ("mimic", 'id="mimic"')):
        shown = urllib.request.urlopen(f"http://{HMI}/en/{page}", timeout=PATIENCE).read().decode()
        assert part in shown, shown
    code, output = hmi.run(3, "operate", "set-point", "100")
    assert (code, json.loads(output)) == (0, {"old": 11100, "new": 100}), output
    field.record_where(lambda o, v: o[0] == 100)
    form = urllib.parse.urlencode({"stop": 1}).encode()
    urllib.request.urlopen(f"http://{HMI}/en", data=form, timeout=PATIENCE).read()
    field.record_where(lambda o, v: o[:2] == [0, 0])
    lines = [json.loads(line) for line in hmi.more_lines(0.5, "set-point", "stop-pump")]
    assert lines == [
        {"kind": "operator", "action": "set-point", "value": 100, "done": True},
        {"kind": "operator", "action": "stop-pump", "value": 1, "done": True}], lines


def await_hmi(words):
    deadline = time.monotonic() + PATIENCE
    page = ""
    while words not in page:
        assert time.monotonic() < deadline, (words, page)
        time.sleep(0.2)
        page = urllib.request.urlopen(f"http://{HMI}/en/values", timeout=PATIENCE).read().decode()


def check_hmi_comes_back(card):
    """The controller's cable out and in again: the station says so, and reads on by itself."""
    for _ in range(CUTS):
        subprocess.run(["ip", "link", "set", card, "down"], check=True)
        await_hmi("does not answer")
        subprocess.run(["ip", "link", "set", card, "up"], check=True)
        await_hmi("Controller online")


def check_acl(red, plc, request):
    assert plc.run(request, "acl", HMI)[0] == 0
    code, output = red.run(10, "modbus", "write", PLC, "1", "holding", "40", "9999")
    assert (code, output) == (1, '{"error":"exception 1"}'), output
    assert mbpoll("-t", "4", "-r", "40", PLC) == 100
    lines = [json.loads(line)["kind"] for line in plc.more_lines(0.5, "modbus-refused")]
    assert "modbus-refused" in lines, lines


def check_libmodbus(plc):
    """What that library's own unit-test-client does, where the library is installed."""
    if not os.environ.get("YW_LIBMODBUS"):
        print("no libmodbus: its client did not ask")
        return
    run = subprocess.run([os.environ["YW_LIBMODBUS"], PLC, "502"], capture_output=True, text=True,
                         timeout=120, check=False)
    assert run.stdout == "agreed\n", run.stdout + run.stderr
    plc.more_lines(0.5, '"modbus-write"')


def modbus(address):
    stream = socket.create_connection((address, 502), timeout=PATIENCE)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


READ_40 = bytes([0, 9, 0, 0, 0, 6, 1, 3, 0, 40, 0, 1])


def check_hostile_clients(plc):
    """What ics.md asks a server to survive; after each an honest client is answered."""
    neighbour = subprocess.run(["ip", "neigh", "show", PLC], capture_output=True, text=True)
    assert "52:54:00:aa:00:11" in neighbour.stdout, neighbour.stdout
    first = modbus(PLC)
    crowd = [modbus(PLC) for _ in range(80)]
    assert first.recv(1) == b"", "the oldest idle connection makes room"
    crowd[-1].sendall(READ_40 * 20)
    answers = b""
    while len(answers) < 20 * 11:
        answers += crowd[-1].recv(4096)
    assert answers == answers[:11] * 20 and answers[9:11] == struct.pack(">H", 100), answers
    for byte in READ_40:
        crowd[-2].sendall(bytes([byte]))
    assert len(crowd[-2].recv(100)) == 11
    crowd[-3].sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert crowd[-3].recv(100) == b"", "no Modbus stream: closed"
    crowd[-4].sendall(READ_40[:7])  # half a request, for ever
    crowd[-5].sendall(READ_40[:2] + b"\0\1" + READ_40[4:] + READ_40)
    assert len(crowd[-5].recv(100)) == 11, "a foreign protocol id is skipped"
    crowd[-6].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    crowd[-6].settimeout(2)
    try:  # asks and never reads
        for _ in range(2000):
            crowd[-6].sendall(READ_40 * 50)
    except OSError:
        pass
    assert mbpoll("-t", "4", "-r", "40", PLC) == 100
    for stream in crowd:
        stream.close()
    assert plc.ask(PING, 900)[0] == 0


def check_write_flood(plc):
    """One request that writes a hundred registers, more than the channel takes at once: it
    answers meanwhile, and each of the writes is told, in order."""
    stream = modbus(PLC)
    values = struct.pack(">100H", *range(1, 101))
    stream.sendall(struct.pack(">HHHBBHHB", 1, 0, 207, 1, 16, 100, 100, 200) + values)
    assert stream.recv(64)[7:8] == b"\x10"
    assert plc.ask(PING, 901, seconds=60)[0] == 0
    told = []
    deadline = time.monotonic() + 90
    while len(told) < 100:
        assert time.monotonic() < deadline, told
        lines = [json.loads(line) for line in plc.more_lines(0.2)]
        told = [line["address"] for line in lines
                if line["kind"] == "modbus-write" and line["fc"] == 16 and 100 <= line["address"] < 200]
    assert told == list(range(100, 200)), told


def check_link(red):
    assert red.ask(LINK, 11, struct.pack("<II", 0, 0))[0] == 0
    assert red.run(12, "ping", PLC)[0] == 1
    assert red.ask(LINK, 13, struct.pack("<II", 0, 1))[0] == 0
    assert red.run(14, "ping", PLC)[0] == 0


def check_prompt(machines, plc):
    """An operator at the serial lines; one that types and never reads harms nobody."""
    serial = machines["plc"].serial()
    serial.ask("", "plc1> ")
    serial.ask("status", "plc1, role plc\r\nmode run, scan ")
    serial.ask("modbus read holding 40 1", '{"values":[')
    serial.ask("log", '"kind":"modbus-write"')
    serial.ask("modbus write holding 40 1", "unknown command")
    other = machines["hmi"].serial()
    other.ask("", "hmi1> ")
    other.ask(f"modbus read {PLC} 1 holding 40 1", '{"values":[')
    other.ask("ping 10.20.2.11", '{"reachable":true}')
    other.socket.close()
    serial.socket.settimeout(0.2)
    try:
        for _ in range(20000):
            serial.type("help\r")
    except socket.timeout:
        pass
    assert plc.ask(PING, 950)[0] == 0
    serial.socket.close()
    again = machines["plc"].serial()
    deadline = time.monotonic() + PATIENCE
    while True:  # until the backlog of answers is out, what is typed is dropped
        try:
            again.type("\x03status\r")
            again.until("role plc", 1)
            break
        except socket.timeout:
            assert time.monotonic() < deadline, "the prompt does not come back"
    again.socket.close()


def check_reconnect(machine, channel, boot_id):
    """Nobody on the host side: no spinning, HELLO to whoever comes next, answers kept."""
    channel.send(PING, 200)
    answer = channel.done(200)
    assert answer == (0, boot_id)
    channel.socket.close()
    time.sleep(0.3)
    before = machine.cpu_ticks()
    time.sleep(1.5)
    spent = (machine.cpu_ticks() - before) / os.sysconf("SC_CLK_TCK")
    assert spent < 1, f"{spent} s of CPU in 1.5 s with the port closed"
    again = machine.channel()
    assert again.hello()[1] == boot_id
    assert again.ask(PING, 201) == answer
    again.socket.sendall(struct.pack("<I", 2**31))
    assert again.hello()[1] == boot_id, "a bad prefix begins the conversation again"
    assert again.ask(PING, 202) == answer


def again(machine):
    channel = machine.channel()
    channel.hello()
    return channel


def play(images, sources, folder):
    began = time.monotonic()
    machines = {}
    capture = None
    with open(f"{sources}/scenarios/water-dosing/files/dosing.st", "rb") as file:
        program = file.read()
    try:
        for index, name in enumerate(["plc", "hmi", "attacker"]):
            nics = [(f"t{index}", f"52:54:00:00:00:0{index}")]
            if name == "attacker":
                nics.append(("t9", "52:54:00:00:00:09"))
            for card, _ in nics:
                tap(card)
            machines[name] = Machine(images, folder, name, nics)
        channels = {name: machine.channel() for name, machine in machines.items()}
        boots = {}
        for name, channel in channels.items():
            image, boots[name] = channel.hello()
            assert image == name
        print(f"three machines said HELLO after {time.monotonic() - began:.1f} s")
        plc, hmi, red = channels["plc"], channels["hmi"], channels["attacker"]
        field = machines["plc"].field()
        check_refusals(plc)
        capture = Capture(folder)
        check_rest(plc)
        request = check_again(plc, field, check_plc(plc, field, program))
        start_attacker(red)
        check_attack(red, plc, field)
        assert hmi.configure(1, "hmi1", [("52:54:00:aa:00:20", HMI)], [("plc", PLC)])[0] == 0
        start(hmi, 2, "hmi")
        check_hmi(hmi, field)
        request = check_engineering(plc, request)
        check_prompt(machines, plc)
        capture.stop()
        check_hmi_comes_back("t0")
        check_libmodbus(plc)
        check_hostile_clients(plc)
        check_write_flood(plc)
        check_acl(red, plc, request)
        check_link(red)
        check_deadline(red)
        check_reconnect(machines["attacker"], red, boots["attacker"])
        field.socket.close()
        check_reconnect(machines["plc"], plc, boots["plc"])
        field = machines["plc"].field()
        field.record_where(lambda o, v: o[:2] == [0, 0])
        field.socket.close()
        watcher, red = again(machines["plc"]), again(machines["attacker"])
        check_station(hmi, watcher, red, machines["hmi"].field(), (HMI, RED, "10.20.2.1", PLC),
                      folder)
        print(f"all done after {time.monotonic() - began:.1f} s")
    except BaseException:
        for machine in machines.values():
            with open(machine.console, errors="replace") as console:
                print(f"--- {machine.console}\n{console.read()[-2000:]}")
        raise
    finally:
        if capture is not None:
            capture.stop()
        for machine in machines.values():
            machine.stop()
    capture.check()


def main():
    images, sources = sys.argv[1:3]
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        print("skipped: needs root and /dev/net/tun")
        sys.exit(SKIP)
    private_network()
    with tempfile.TemporaryDirectory(prefix="ywg") as folder:
        play(images, sources, folder)


if __name__ == "__main__":
    main()
