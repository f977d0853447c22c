"""An outstation and a sensor on machines that are up, seen by clients of others: scapy's layer of
IEC 60870-5-104, nmap's scripts, the attacker's applets and Wireshark's dissector."""

import json
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.request

from guest_machine import LINK, PATIENCE, START, text

STATION = 7
CONFIGURATION = """station 7
sensor naoh_mg_l 0 20000
sensor level_m 0 1.6
output dose_mg_l 0 20000 100
output pump 0 1 1
point 1001 M_DP_TB_1 pump
point 2001 M_ME_TF_1 naoh_mg_l deadband 5
point 2002 M_ME_NB_1 level_m scale 0.001
point 3001 C_DC_NA_1 pump select 5000
point 4001 C_SE_NC_1 dose_mg_l
"""


def start(channel, request, role, configuration):
    request = channel.put(request, "role.conf", configuration.encode())
    code, output = channel.ask(START, request, text(role))
    assert code == 0, output
    return request + 1


class Master:
    """A master that packs and dissects with scapy alone."""

    def __init__(self, address):
        from scapy.contrib.scada import iec104

        self.layer = iec104
        self.sent = self.received = 0
        self.data = b""
        self.socket = socket.create_connection((address, 2404), timeout=PATIENCE)
        self.send(iec104.IEC104_U_Message(startdt_act=1))
        assert self.next().startdt_con == 1

    def send(self, message):
        self.socket.sendall(bytes(message))

    def ask(self, io, cause=6):
        self.send(self.layer.IEC104_I_Message_SingleIOA(
            tx_seq_num=self.sent, rx_seq_num=self.received, io=io, cot=cause,
            common_asdu_address=STATION, origin_address=3))
        self.sent += 1

    def next(self):
        while len(self.data) < 2 or len(self.data) < 2 + self.data[1]:
            more = self.socket.recv(4096)
            assert more, "closed"
            self.data += more
        frame, self.data = self.data[: 2 + self.data[1]], self.data[2 + self.data[1]:]
        message = self.layer.IEC104_APDU.dispatch_hook(frame)(frame)
        if isinstance(message, self.layer.IEC104_I_Message):
            assert message.tx_seq_num == self.received, message
            self.received += 1
        return message

    def until(self, type_id, cause):
        """What came until then, with it; all frames."""
        seen = []
        while not seen or (seen[-1].type_id, seen[-1].cot) != (type_id, cause):
            message = self.next()
            if isinstance(message, self.layer.IEC104_I_Message):
                seen.append(message)
        return seen


def check_scapy(address, field):
    master = Master(address)
    layer = master.layer
    master.ask(layer.IEC104_IO_C_IC_NA_1_IOA(information_object_address=0, qoi=20))
    seen = master.until(100, 10)
    values = {io.information_object_address: io for message in seen if message.cot == 20
              for io in message.io}
    assert sorted(values) == [1001, 2001, 2002], values
    assert abs(struct.unpack("<f", bytes(values[2001])[3:7])[0] - 100) < 0.01, values[2001]
    assert values[1001].dpi_value == 2 and values[1001].iv == 0, values[1001]
    assert {message.common_asdu_address for message in seen} == {STATION}
    for select, outcome in ((0, 1), (1, 0), (0, 0)):  # refused, selected, executed
        master.ask(layer.IEC104_IO_C_DC_NA_1_IOA(information_object_address=3001, dcs=1,
                                                 s_or_e=select))
        answer = master.until(46, 7)[-1]
        assert answer.ack == outcome and answer.origin_address == 3, answer
    assert master.until(46, 10)[-1].ack == 0
    field.record_where(lambda o, v: o == [100, 0])
    event = master.until(31, 3)[-1]
    assert event.io[0].information_object_address == 1001 and event.io[0].dpi_value == 1
    master.ask(layer.IEC104_IO_C_DC_NA_1_IOA(information_object_address=9, dcs=1))
    assert master.until(46, 47)[-1].ack == 1, "an unknown object"
    field.send([180.0, 0.9])
    event = master.until(36, 3)[-1]
    assert event.io[0].information_object_address == 2001, event
    master.socket.close()


def check_nmap(address):
    run = subprocess.run(
        ["nmap", "-Pn", "-n", "-p", "502,2404", "--script", "iec-identify,modbus-discover", address],
        capture_output=True, text=True, timeout=120)
    out = run.stdout
    assert re.search(r"2404/tcp\s+open", out) and "ASDU address: 7" in out, out
    assert "Information objects: 3" in out, out
    assert "modbus-discover" in out and re.search(r"sid 0x[0-9a-f]+", out), out


def check_attacker(red, address, field, request):
    code, output = red.run(request, "iec104", "interrogate", address, str(STATION))
    assert code == 0 and len(json.loads(output)["points"]) == 3, output
    code, output = red.run(request + 1, "iec104", "operate", address, str(STATION), "C_DC_NA_1",
                           "3001", "2")
    assert (code, json.loads(output)["done"]) == (0, "executed"), output
    code, output = red.run(request + 2, "iec104", "setpoint", address, str(STATION), "4001", "11100")
    assert code == 0, output
    field.record_where(lambda o, v: o == [11100, 1])


def check_log(channel, attacker):
    lines = [json.loads(line) for line in channel.more_lines(0.5, '"ioa":4001')]
    commands = [line for line in lines if line["kind"] == "iec104-command"
                and line["from"] == attacker and line["mode"] != "select"]
    assert [(one["ioa"], one["old"], one["new"]) for one in commands] == [
        (3001, 0, 1), (4001, 100, 11100)], lines
    assert [line["why"] for line in lines if line["kind"] == "iec104-refused"] == ["not selected"]


def check_sensor(channel, request, attacker, address):
    """It sat on the wire since before the masters came, and knew one of them."""
    alerts = [json.loads(line) for line in channel.more_lines(0.5, "write-from-unknown")]
    writes = {(one["from"], one["to"], one["service"]) for one in alerts
              if one.get("alert") == "write-from-unknown"}
    assert writes == {(attacker, address, "iec104")}, alerts
    code, output = channel.run(request, "assets")
    assets = {one["address"]: one for one in json.loads(output)["assets"]}
    assert code == 0 and assets[address]["serves"] == ["modbus", "iec104"], output
    assert assets[attacker]["asks"] == ["iec104"], output


def ask_historian(address, path):
    return json.loads(urllib.request.urlopen(f"http://{address}{path}", timeout=PATIENCE).read())


def check_historian(channel, address, station, watched, field, request):
    """It keeps what the outstation's mirror says, and comes back after each cut by itself."""
    start(channel, request, "historian", f"plc {watched} 7\npace 200\n"
          "tag naoh_mg_l mg/l input 0 1 0 20000 浓度 Concentration\n")
    request += 10
    for value in (300.0, 400.0, 500.0):
        field.send([value, 0.9])
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                tags = ask_historian(address, "/tags")
                if tags["fresh"] and tags["tags"][0]["value"] == value:
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline, f"{value} never came"
            time.sleep(0.1)
        assert station.ask(LINK, request, struct.pack("<II", 0, 0))[0] == 0
        time.sleep(1)
        assert station.ask(LINK, request + 1, struct.pack("<II", 0, 1))[0] == 0
        request += 2
    rows = ask_historian(address, "/query?tag=naoh_mg_l")["rows"]
    values = [row[1] for row in rows]
    assert values == sorted(values) and {300, 400, 500} <= set(values), rows
    csv = urllib.request.urlopen(f"http://{address}/csv?tag=naoh_mg_l", timeout=PATIENCE).read().decode()
    assert csv.splitlines()[0] == "time_ms,value,good" and len(csv.splitlines()) > len(rows), csv


def check_capture(path):
    run = subprocess.run(
        ["tshark", "-r", path, "-Y", "iec60870_104 || iec60870_asdu || _ws.malformed", "-T", "fields",
         "-e", "iec60870_asdu.typeid", "-e", "_ws.malformed", "-E", "separator=/t"],
        capture_output=True, text=True, timeout=PATIENCE, check=True)
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    assert not [row for row in rows if len(row) > 1 and row[1]], run.stdout
    types = {kind for row in rows for kind in row[0].split(",")}
    assert {"3", "11", "13", "31", "36", "46", "50", "100"} <= types, types
    print(f"{len(rows)} IEC-104 frames, none malformed")


def check_station(station, watcher, red, field, addresses, folder):
    """station, watcher, red: channels of machines that are up; addresses in that order and the
    test's own, then the watcher's. The outstation was an hmi, the watcher a plc: roles are started anew."""
    address, attacker, own, historian = addresses
    request = 1000  # above all that were asked before
    subprocess.run("ip link set br0 type bridge ageing_time 0".split(), check=True)
    capture = None
    if shutil.which("dumpcap") and shutil.which("tshark"):
        capture = subprocess.Popen(["dumpcap", "-q", "-i", "br0", "-f", "tcp port 2404", "-w",
                                    f"{folder}/station.pcapng"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        start(watcher, request, "sensor", f"learn 3600\nmasters {own}\n")
        start(station, request, "rtu", CONFIGURATION)
        field.send([100.0, 0.8])
        field.record_where(lambda o, v: o == [100, 1] and v == [100, 0.8])
        watcher.lines.clear()
        station.lines.clear()
        check_scapy(address, field)
        check_attacker(red, address, field, request)
        check_log(station, attacker)
        check_nmap(address)
        check_sensor(watcher, request + 10, attacker, address)
        check_historian(watcher, historian, station, address, field, request + 20)
    finally:
        if capture is not None:
            capture.terminate()
            capture.wait()
    if capture is not None:
        check_capture(f"{folder}/station.pcapng")
