#!/usr/bin/python3
"""Far hosts on one machine: runs a command with N of them beside it.

    far.py [--hosts N] [--listen none|tcp|tls] -- command…

Everything stands in namespaces of its own (processes, network, mounts), the hosts in
further ones; data lies on a tmpfs that only they see. They end with this process however
it ends, and nothing outside is touched, a libvirt daemon of the system least of all.

The command finds, for each host from 1, in its environment:

    YW_FAR<n>_ADDRESS  on the underlay; the command itself has 10.99.0.1
    YW_FAR<n>_ENTER    a command prefix: what follows runs on that host
    YW_FAR<n>_DIAL     the same over the underlay, with standard input and output, as ssh
                       would do it
    YW_FAR<n>_CUT, _HEAL              the underlay's cable, out and in
    YW_FAR<n>_STOP, _GO, _KILL, _START  its libvirt daemon
    YW_FAR<n>_DATA     a directory for a broker
    YW_FAR_PKI         good/ and wrong/ of a client, for pkipath= (tls)

Plain TCP without a password is for this private network only."""
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

SKIP = 77
PLACE = "/mnt"
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWPID, CLONE_NEWNET = (
    0x20000, 0x4000000, 0x20000000, 0x40000000)
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
START_S = 60
DIAL_PORT = 2222
libc = ctypes.CDLL(None, use_errno=True)


def check(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(kind, target, options=""):
    os.makedirs(target, exist_ok=True)
    check(libc.mount(kind.encode(), target.encode(), kind.encode(), 0, options.encode()),
          "mount " + target)


def enter_namespaces():
    """Returns in the first process of new namespaces; the one before waits for it."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET), "unshare")
    told, tell = os.pipe()
    child = os.fork()
    if child > 0:
        os.close(told)
        return child, tell
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.close(tell)
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    mount("proc", "/proc")
    mount("sysfs", "/sys")
    os.read(told, 1)  # the parent is ready, or gone
    return 0, -1


def status_of(status):
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1


def run(*argv, **options):
    subprocess.run(argv, check=True, **options)


# ---- certificates ----

def make_key(name, subject, extra, ca):
    folder = os.path.dirname(name)
    os.makedirs(folder, exist_ok=True)
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", subject,
        "-keyout", name + "key.pem", "-out", name + ".csr", stderr=subprocess.DEVNULL)
    with open(name + ".ext", "w", encoding="ascii") as file:
        file.write(extra)
    run("openssl", "x509", "-req", "-in", name + ".csr", "-CA", ca + "/cacert.pem",
        "-CAkey", ca + "/cakey.pem", "-CAcreateserial", "-days", "2", "-extfile",
        name + ".ext", "-out", name + "cert.pem", stderr=subprocess.DEVNULL)


def make_ca(folder):
    os.makedirs(folder, exist_ok=True)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=Range CA", "-keyout", folder + "/cakey.pem", "-out", folder + "/cacert.pem",
        stderr=subprocess.DEVNULL)


def make_pki(hosts):
    """One authority for servers and clients. A wrong client is signed by the same, but the
    servers pin another name: so the name decides."""
    pki = PLACE + "/pki"
    make_ca(pki)
    for kind, name in (("good", "yanwu"), ("wrong", "somebody")):
        make_key(f"{pki}/{kind}/client", f"/CN={name}", "extendedKeyUsage=clientAuth\n", pki)
        shutil.copy(pki + "/cacert.pem", f"{pki}/{kind}/cacert.pem")
    for host in range(1, hosts + 1):
        make_key(f"{pki}/h{host}/server", f"/CN=far{host}",
                 f"extendedKeyUsage=serverAuth\nsubjectAltName=IP:{address(host)}\n", pki)


# ---- a host ----

def address(host):
    return f"10.99.0.{10 + host}"


def daemon_conf(host, listen):
    pki = PLACE + "/pki"
    lines = [f'listen_tls = {int(listen == "tls")}', f'listen_tcp = {int(listen == "tcp")}',
             'listen_addr = "0.0.0.0"', 'auth_tcp = "none"', 'auth_unix_rw = "none"',
             'auth_unix_ro = "none"', 'max_workers = 32', f'log_outputs = "3:file:{PLACE}/h{host}/libvirtd.log"',
             f'host_uuid = "7c3e1f00-0000-4000-8000-00000000000{host}"']
    if listen == "tls":
        lines += [f'ca_file = "{pki}/cacert.pem"',
                  f'cert_file = "{pki}/h{host}/servercert.pem"',
                  f'key_file = "{pki}/h{host}/serverkey.pem"', 'crl_file = ""',
                  'tls_allowed_dn_list = ["CN=yanwu"]']
    return "\n".join(lines) + "\n"


START = """#!/bin/sh
[ -S /run/libvirt/virtlogd-sock ] || setsid virtlogd -d -p /run/virtlogd.pid
rm -f /run/libvirtd.pid
setsid libvirtd --listen -d -p /run/libvirtd.pid
"""


def show_user(host):
    """The driver asks for the system user that Debian's daemon packages make."""
    for original, line in (("/etc/passwd", "libvirt-qemu:x:64055:64055::/:/bin/false"),
                           ("/etc/group", "libvirt-qemu:x:64055:")):
        with open(original, encoding="utf-8") as file:
            text = file.read()
        if "\nlibvirt-qemu:" in text:
            continue
        copy = f"{PLACE}/h{host}/{os.path.basename(original)}"
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n" + line + "\n")
        check(libc.mount(copy.encode(), original.encode(), None, MS_BIND, None), original)


def prepare_host(host, listen):
    show_user(host)
    socket.sethostname(f"far{host}")
    with open(f"{PLACE}/h{host}/hosts", "w", encoding="ascii") as file:
        file.write(f"127.0.0.1 localhost\n{address(host)} far{host}\n")
    check(libc.mount(f"{PLACE}/h{host}/hosts".encode(), b"/etc/hosts", None, MS_BIND, None),
          "hosts")
    for folder in ("/run", "/var/lib/libvirt", "/var/cache/libvirt", "/var/log/libvirt"):
        mount("tmpfs", folder, "mode=755")
    mount("tmpfs", "/etc/libvirt", "mode=755")
    os.makedirs("/run/libvirt")
    os.makedirs("/run/lock")
    for folder in ("/etc/libvirt/qemu", "/var/lib/libvirt/qemu"):
        os.makedirs(folder)
    with open("/etc/libvirt/libvirtd.conf", "w", encoding="ascii") as file:
        file.write(daemon_conf(host, listen))
    with open("/etc/libvirt/qemu.conf", "w", encoding="ascii") as file:
        file.write('user = "root"\ngroup = "root"\nremember_owner = 0\n'
                   'seccomp_sandbox = 1\nnamespaces = [ ]\ncgroup_controllers = [ ]\n')
    with open(f"{PLACE}/h{host}/start", "w", encoding="ascii") as file:
        file.write(START)
    os.chmod(f"{PLACE}/h{host}/start", 0o755)


def serve_dials(host):
    door = socket.create_server((address(host), DIAL_PORT))
    while True:
        line, _ = door.accept()
        with line, line.makefile("rb", buffering=0) as words:
            argv = json.loads(words.readline())
            # Through two pipes, as from sshd.
            subprocess.Popen(["sh", "-c", 'cat | "$0" "$@" | cat', *argv], stdin=line,
                             stdout=line)


def dial(where, argv):
    line = socket.create_connection((where, DIAL_PORT), 10)
    line.settimeout(None)
    line.sendall(json.dumps(argv).encode() + b"\n")

    def outward():
        while block := os.read(0, 65536):
            line.sendall(block)
        line.shutdown(socket.SHUT_WR)

    threading.Thread(target=outward, daemon=True).start()
    while block := line.recv(65536):
        while block:
            block = block[os.write(1, block):]
    return 0


def be_host(host, listen):
    """The first process of a host: reaps, for ever."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "set", "eth0", "up")
    run("ip", "address", "add", address(host) + "/24", "dev", "eth0")
    prepare_host(host, listen)
    threading.Thread(target=serve_dials, args=(host,), daemon=True).start()
    if listen != "none":
        run(f"{PLACE}/h{host}/start")
    open(f"{PLACE}/h{host}/ready", "w", encoding="ascii").close()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            time.sleep(0.2)


def start_host(host, listen):
    """The process id of its first process."""
    os.makedirs(f"{PLACE}/h{host}/data")
    said, say = os.pipe()
    if os.fork() == 0:
        child, tell = enter_namespaces()
        if child == 0:
            os.close(say)
            be_host(host, listen)
        os.write(say, str(child).encode())
        os.close(say)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.read(os.open(f"{PLACE}/h{host}/go", os.O_RDONLY), 1)
        os.write(tell, b"!")
        os._exit(status_of(os.waitpid(child, 0)[1]))
    os.close(say)
    pid = int(os.read(said, 16))
    os.close(said)
    run("ip", "link", "add", f"u{host}", "type", "veth", "peer", "name", "eth0", "netns",
        str(pid))
    run("ip", "link", "set", f"u{host}", "master", "under0", "up")
    with open(f"{PLACE}/h{host}/go", "wb", buffering=0) as file:
        file.write(b"!")
    return pid


def environment(host, pid):
    enter = f"nsenter -t {pid} -m -u -n -p --"
    signal_to = f"{enter} sh -c 'kill -%s $(cat /run/libvirtd.pid)'"
    words = {
        "ADDRESS": address(host),
        "ENTER": enter,
        "DIAL": f"/usr/bin/python3 -B {os.path.abspath(__file__)} dial {address(host)}",
        "DATA": f"{PLACE}/h{host}/data",
        "CUT": f"ip link set u{host} down",
        "HEAL": f"ip link set u{host} up",
        "STOP": signal_to % "STOP",
        "GO": signal_to % "CONT",
        "KILL": signal_to % "KILL",
        "START": f"{enter} {PLACE}/h{host}/start",
    }
    return {f"YW_FAR{host}_{word}": value for word, value in words.items()}


def wait_ready(host, listen):
    end = time.monotonic() + START_S
    probe = f"{PLACE}/h{host}/ready"
    port = {"tcp": 16509, "tls": 16514}.get(listen)
    while time.monotonic() < end:
        if os.path.exists(probe) and (port is None or listens(host, port)):
            return
        time.sleep(0.1)
    raise TimeoutError(f"host {host} is not ready after {START_S} s")


def listens(host, port):
    try:
        socket.create_connection((address(host), port), 1).close()
        return True
    except OSError:
        return False


def be_inside(hosts, listen, command):
    mount("tmpfs", PLACE, "mode=755")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "under0", "type", "bridge")
    run("ip", "link", "set", "under0", "up")
    run("ip", "address", "add", "10.99.0.1/24", "dev", "under0")
    if listen == "tls":
        make_pki(hosts)
    env = dict(os.environ, YW_FAR_HOSTS=str(hosts), YW_FAR_PKI=PLACE + "/pki",
               YW_FAR_PLACE=PLACE)
    for host in range(1, hosts + 1):
        os.makedirs(f"{PLACE}/h{host}")
        os.mkfifo(f"{PLACE}/h{host}/go")
        env.update(environment(host, start_host(host, listen)))
    for host in range(1, hosts + 1):
        wait_ready(host, listen)
    child = subprocess.Popen(command, env=env)
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            return status_of(status)


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["dial"]:
        return dial(arguments[1], arguments[2:])
    hosts, listen = 2, "none"
    while arguments and arguments[0] != "--":
        word, value = arguments.pop(0), arguments.pop(0)
        if word == "--hosts":
            hosts = int(value)
        elif word == "--listen":
            listen = value
        else:
            sys.exit(__doc__)
    if os.geteuid() != 0:
        print("needs root")
        return SKIP
    for program in ("ip", "nsenter", "openssl") + (
            ("libvirtd", "virtlogd", "iptables") if listen != "none" else ()):
        if not shutil.which(program, path="/usr/sbin:/sbin:/usr/bin:/bin"):
            print("needs " + program)
            return SKIP
    child, tell = enter_namespaces()
    if child == 0:
        os._exit(be_inside(hosts, listen, arguments[1:]))
    os.write(tell, b"!")
    return status_of(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
