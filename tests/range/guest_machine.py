"""A micro machine under plain QEMU, and the host's side of its two ports, written here a second
time on purpose: the format is checked by somebody who did not write the guest."""

import os
import select
import socket
import struct
import subprocess
import time

PATIENCE = 90  # seconds, for what must come: a busy host may take its time
HELLO, DONE, LINE = 1, 2, 3
PING, CONFIGURE, PUT, START, RUN, LINK = 16, 17, 18, 19, 20, 21
READ = 23
MAGIC = 0x31465759
VALUES = 64
FIELD = struct.Struct(f"<IHHII{VALUES}d{VALUES}d")


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<I", len(data)) + data


class Stream:
    """A byte stream on a unix socket with a deadline on everything. What had come when one
    passed is there the next time."""

    def __init__(self, path):
        self.held = b""
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.connect(path)
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def read(self, size, deadline):
        data, self.held = self.held[:size], self.held[size:]
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                self.held = data
                raise TimeoutError("nothing from the guest")
            got = self.socket.recv(size - len(data))
            if not got:
                raise EOFError("port closed")
            data += got
        return data


class Channel(Stream):
    def __init__(self, path):
        super().__init__(path)
        self.lines = []

    def message(self, seconds):
        deadline = time.monotonic() + seconds
        head = self.read(4, deadline)
        try:
            body = self.read(struct.unpack("<I", head)[0], deadline)
        except TimeoutError:
            self.held = head + self.held
            raise
        kind, request = struct.unpack("<BI", body[:5])
        return kind, request, body[5:]

    def hello(self, seconds=PATIENCE):
        kind, request, body = self.message(seconds)
        assert (kind, request) == (HELLO, 0), (kind, request)
        version, size = struct.unpack("<II", body[:8])
        assert version == 1
        image = body[8 : 8 + size].decode()
        return image, body[12 + size :].decode()

    def send(self, kind, request, body=b""):
        message = struct.pack("<BI", kind, request) + body
        self.socket.sendall(struct.pack("<I", len(message)) + message)

    def done(self, request, seconds=PATIENCE):
        while True:
            kind, number, body = self.message(seconds)
            if kind == LINE:
                self.lines.append(body[4:].decode())
            elif kind == DONE and number == request:
                code, size = struct.unpack("<II", body[:8])
                assert size == len(body) - 8
                return code, body[8:].decode()

    def ask(self, kind, request, body=b"", seconds=PATIENCE):
        self.send(kind, request, body)
        return self.done(request, seconds)

    def configure(self, request, host, nics, settings=(), gateway=""):
        """nics: pairs of MAC and address, all /24."""
        body = text(host) + struct.pack("<qqI", int(time.time() * 1e6), 42, len(nics))
        for mac, address in nics:
            body += text(mac) + text(address) + struct.pack("<I", 24)
        body += text(gateway) + struct.pack("<I", len(settings))
        for name, value in settings:
            body += text(name) + text(value)
        return self.ask(CONFIGURE, request, body)

    def run(self, request, *argv, deadline_ms=60000):
        body = struct.pack("<I", len(argv)) + b"".join(text(word) for word in argv)
        return self.ask(RUN, request, body + struct.pack("<I", deadline_ms))

    def put(self, request, name, data):
        for offset in range(0, len(data), 3000):
            chunk = data[offset : offset + 3000]
            body = text(name) + struct.pack("<II", offset, len(data)) + text(chunk)
            code, output = self.ask(PUT, request, body)
            assert code == 0, output
            request += 1
        return request

    def get(self, request, path):
        return self.ask(READ, request, text(path) + struct.pack("<qI", 0, 1024))

    def more_lines(self, seconds, *wanted):
        """Lines that come until each of these words stands in one and it is quiet for that
        long."""
        while True:
            missing = [word for word in wanted if not any(word in line for line in self.lines)]
            try:
                kind, _, body = self.message(PATIENCE if missing else seconds)
            except TimeoutError:
                assert not missing, (missing, self.lines)
                return self.lines
            if kind == LINE:
                self.lines.append(body[4:].decode())


class Field(Stream):
    scan = None  # the number of the last record

    def send(self, values):
        padded = list(values) + [0.0] * (VALUES - len(values))
        self.socket.sendall(FIELD.pack(MAGIC, len(values), 0, 0, 0, *padded, *[0.0] * VALUES))

    def record(self, seconds=PATIENCE):
        data = FIELD.unpack(self.read(FIELD.size, time.monotonic() + seconds))
        assert data[0] == MAGIC
        self.scan = data[3]
        return list(data[5 : 5 + data[1]]), list(data[5 + VALUES : 5 + VALUES + data[2]])

    def record_where(self, wanted, seconds=PATIENCE):
        """The first record that is as wanted: what waited in the port is older."""
        deadline = time.monotonic() + seconds
        while True:
            outputs, views = self.record(seconds)
            if wanted(outputs, views):
                return outputs, views
            if time.monotonic() > deadline:
                raise TimeoutError(f"last record: {outputs} {views}")


class Serial:
    """The operator prompt at the machine's serial line."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)

    def type(self, text):
        self.socket.sendall(text.encode())

    def until(self, wanted, seconds=PATIENCE):
        """Everything up to and with `wanted`."""
        seen = ""
        deadline = time.monotonic() + seconds
        while wanted not in seen:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            chunk = self.socket.recv(4096)
            assert chunk, f"closed after {seen!r}"
            seen += chunk.decode(errors="replace")
        return seen

    def ask(self, line, wanted):
        self.type(line + "\r")
        return self.until(wanted)


class Machine:
    def __init__(self, images, folder, name, nics):
        """nics: pairs of tap and MAC, eth0 first."""
        self.channel_path = f"{folder}/{name}.channel"
        self.field_path = f"{folder}/{name}.field"
        self.serial_path = f"{folder}/{name}.serial"
        self.console = f"{folder}/{name}.console"
        self.log = open(f"{folder}/{name}.qemu", "wb")
        ports = []
        for index, (path, port) in enumerate(
            [(self.channel_path, "org.yanwu.agent.0"), (self.field_path, "org.yanwu.field.0")]
        ):
            ports += ["-chardev", f"socket,id=c{index},path={path},server=on,wait=off"]
            ports += ["-device", f"virtserialport,chardev=c{index},name={port}"]
        cards = []
        for index, (card, mac) in enumerate(nics):
            cards += ["-netdev", f"tap,id=n{index},ifname={card},script=no,downscript=no"]
            cards += ["-device", f"virtio-net-pci,netdev=n{index},mac={mac},romfile="]
        own = f"{images}/{name}.cpio.gz"  # of an image that carries programs
        initrd = own if os.path.exists(own) else f"{images}/micro.cpio.gz"
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg,tb-size=32", "-machine", "q35,usb=off",
             "-m", "96", "-nodefaults", "-display", "none", "-no-reboot",
             "-kernel", f"{images}/vmlinux", "-initrd", initrd,
             "-append", "panic=-1 quiet no_timer_check cryptomgr.notests ipv6.disable=1 audit=0 "
             "console=ttyS0 mitigations=off psi=0 tsc=reliable nowatchdog "
             f"yanwu.image={name}",
             "-chardev", f"socket,id=con,path={self.serial_path},server=on,wait=off,"
             f"logfile={self.console}", "-serial", "chardev:con", "-device", "virtio-serial-pci,max_ports=4",
             *ports, *cards],
            stdout=self.log, stderr=self.log)

    def serial(self):
        return Serial(self.serial_path)

    def channel(self):
        return Channel(self.channel_path)

    def field(self):
        return Field(self.field_path)

    def cpu_ticks(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def private_network():
    """A network namespace of our own: bridge, taps and all vanish with this process."""
    os.unshare(os.CLONE_NEWNET) if hasattr(os, "unshare") else unshare_by_libc()
    for command in [
        "ip link set lo up",
        "ip link add br0 type bridge",
        "ip addr add 10.20.2.1/24 dev br0",
        "ip link set br0 up",
    ]:
        subprocess.run(command.split(), check=True)


def unshare_by_libc():
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def tap(name, bridge="br0"):
    for command in [
        f"ip tuntap add {name} mode tap",
        f"ip link set {name} master {bridge}",
        f"ip link set {name} up",
    ]:
        subprocess.run(command.split(), check=True)
