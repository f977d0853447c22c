"""What the tests of whole drills share: a drill run by the product's own command in a data
directory of its own, processes and interfaces of this drill only, a probe inside the range."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

SKIP = 77
PATIENCE_S = 120  # for what must come: a busy host may take its time
CONTROL_NET = "10.20.2."


def fit():
    """Why this host cannot play a drill, or None."""
    if os.geteuid() != 0:
        return "not root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "no /dev/net/tun"
    for tool in ("ip", "mbpoll", "qemu-system-x86_64"):
        if shutil.which(tool) is None:
            return f"no {tool}"
    return None


def wait_for(what, seconds, condition, step=0.1):
    """The first true value of `condition`, or a failure that says what was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(step)
    raise AssertionError(f"not within {seconds} s: {what}")


def argv_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [word.decode(errors="replace") for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def user_of(uuid):
    """The user that a machine runs as: virt/machine/domain_xml.c."""
    digest = hashlib.blake2b(uuid.encode(), digest_size=32).digest()
    return 0x70000000 + int.from_bytes(digest[:3], "little") % 0x00f00000


def user_of_process(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return int(re.search(r"^Uid:\t(\d+)", file.read(), re.M).group(1))
    except OSError:
        return -1


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def interfaces():
    """Name to alias of every interface of the host."""
    run = subprocess.run(["ip", "-json", "link", "show"], capture_output=True, text=True,
                         check=True)
    return {link["ifname"]: link.get("ifalias", "") for link in json.loads(run.stdout)}


class Goldens:
    """Golden machines that an earlier test made, and the proof of the accelerator: beside the
    images, so that each test need not boot them anew. A folder's name says what its machine was
    made from; what the daemon dropped as old goes from here too."""

    def __init__(self, data):
        self.store = os.path.join(os.path.dirname(os.environ["YW_IMAGES"]), "goldens")
        self.libvirt = f"{data}/libvirt"
        self.lent = self.names(self.store)

    @staticmethod
    def names(folder):
        """Of micro machines: a full one's disk stands elsewhere, too."""
        return {name for name in (os.listdir(folder) if os.path.isdir(folder) else ())
                if not name.startswith("draft-") and not os.path.exists(f"{folder}/{name}/disk")}

    @staticmethod
    def copy(origin, target):
        subprocess.run(["cp", "-a", "--sparse=always", origin, target], check=True)

    def lend(self):
        os.makedirs(f"{self.libvirt}/golden", mode=0o700)
        for name in self.lent:
            self.copy(f"{self.store}/{name}",
                      self.libvirt if name == "accelerator" else f"{self.libvirt}/golden")

    def keep(self):
        made = self.names(f"{self.libvirt}/golden")
        os.makedirs(self.store, mode=0o700, exist_ok=True)
        for name in self.lent - made - {"accelerator"}:
            shutil.rmtree(f"{self.store}/{name}")
        for name in made - self.lent:
            self.copy(f"{self.libvirt}/golden/{name}", f"{self.store}/draft-{name}")
            os.rename(f"{self.store}/draft-{name}", f"{self.store}/{name}")
        if os.path.exists(f"{self.libvirt}/accelerator"):
            shutil.copy2(f"{self.libvirt}/accelerator", self.store)


class House:
    """One data directory and what lives in it; as a bare host has it, or with golden machines."""

    def __init__(self, program, source, data=None, bare=False):
        self.program = program
        self.scenario = f"{source}/tests/drills/dosing-line"
        self.data = data or tempfile.mkdtemp(prefix="yanwu-range-")
        self.started = []
        self.id = None
        self.plan = None
        self.was_read = False  # the journal, by a verb
        self.goldens = None if bare or data else Goldens(self.data)
        if self.goldens:
            self.goldens.lend()

    # ---- processes ----

    def environment(self, **extra):
        return dict(os.environ, YW_LANG="en", **extra)

    def run(self, *words, speed=20, **extra):
        """`yanwu run`, its progress in a list that grows."""
        run = Run(self, ["run", self.scenario, "--auto", "--json", f"--speed={speed}",
                         f"--data={self.data}", *words], self.environment(**extra))
        self.started.append(run)
        return run

    def call(self, *words, check=True, seconds=PATIENCE_S, **extra):
        return subprocess.run([self.program, *words, f"--data={self.data}"], text=True,
                              capture_output=True, timeout=seconds, check=check,
                              env=self.environment(**extra))

    def api(self):
        try:
            with open(f"{self.data}/api.json", encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def ask(self, path, method="GET", body=None, timeout=PATIENCE_S):
        """The API's answer as control, or None when nobody answers."""
        api = self.api()
        if api is None:
            return None
        request = urllib.request.Request(
            f"{api['url'].rstrip('/')}/api/v1{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {api['control']}",
                     "Content-Type": "application/json",
                     "Idempotency-Key": os.urandom(8).hex()})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()}") from error
        except (OSError, ValueError):
            return None

    def state(self):
        return self.ask(f"/drills/{self.id}")

    def learn(self, seconds=PATIENCE_S):
        """The drill's name and plan, as soon as it was created."""
        def drills():
            status = self.ask("/status")
            new = [drill["id"] for drill in status["drills"]
                   if drill["phase"] != "archived"] if status else []
            return new
        self.id = wait_for("a drill that is not archived", seconds, drills)[0]
        self.plan = self.ask(f"/drills/{self.id}/plan")
        return self.plan

    def journal(self):
        self.was_read = True
        run = self.call("journal", self.id, "--json", "--all")
        return json.loads(run.stdout)["events"]

    def domains(self):
        return {machine["domain"] for machine in self.plan["machines"]}

    def bridges(self):
        return {nic["bridge"] for machine in self.plan["machines"] for nic in machine["nics"]}

    def machine(self, team, name):
        return next(machine for machine in self.plan["machines"]
                    if (machine["team"], machine["machine"]) == (team, name))

    def control_bridge(self, team):
        return next(nic["bridge"] for nic in self.machine(team, "plc1")["nics"]
                    if nic["address"].startswith(CONTROL_NET))

    def qemus(self):
        """Process of each machine of this drill, by its domain."""
        found = {}
        for pid in all_pids():
            argv = argv_of(pid)
            if len(argv) > 2 and "qemu-system" in argv[0]:
                for domain in self.domains():
                    if f"guest={domain}," in argv[2]:
                        found[domain] = pid
        return found

    def core(self):
        api = self.api()
        return api["pid"] if api and argv_of(api["pid"])[:1] == [self.program] else 0

    def keepers(self):
        """The parent of the core, when it is of this program too."""
        parent = parent_of(self.core()) if self.core() else 0
        return [parent] if argv_of(parent)[:2] == [self.program, "serve"] else []

    def of_core(self, verb):
        """Processes of this daemon with this verb; of a broker both, the outer and the inner."""
        core = self.core()
        return sorted(pid for pid in all_pids()
                      if argv_of(pid)[:2] == [self.program, verb] and
                      (self.data in argv_of(pid) or core and parent_of(pid) == core))

    def ours(self):
        """Every process of this data directory, whoever its parent is."""
        return [pid for pid in all_pids()
                if any(self.data in word for word in argv_of(pid)) and pid != os.getpid()
                and argv_of(pid)[:1] == [self.program]]

    def serve(self, *words):
        """The daemon, started by hand."""
        log = open(f"{self.data}/serve.log", "ab")
        process = subprocess.Popen([self.program, "serve", f"--data={self.data}", "--port", "0",
                                    *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True, env=self.environment())
        self.started.append(process)
        log.close()
        return process

    def serve_ready(self, *words):
        """The same, and it answers."""
        process = self.serve(*words)
        wait_for("the daemon", PATIENCE_S, lambda: self.ask("/status"))
        return process

    # ---- the end ----

    def left_over(self):
        """What a drill must not leave on the host, in words."""
        links = interfaces()
        left = [f"process {pid} {argv_of(pid)[:2]}" for pid in self.ours()]
        left += [f"machine {domain}, process {pid}" for domain, pid in self.qemus().items()]
        left += [f"interface {name}" for name, alias in links.items()
                 if name in self.bridges() or self.id in alias]
        with subprocess.Popen(["ip", "-json", "-details", "link", "show", "type", "tun"],
                              stdout=subprocess.PIPE, text=True) as run:
            for link in json.loads(run.communicate()[0] or "[]"):
                if link.get("master", "") in self.bridges():
                    left.append(f"tap {link['ifname']}")
        begins = tuple({bridge[:8] for bridge in self.bridges()})
        left += [f"interface {name}" for name in links if name.startswith(begins)]
        tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True,
                                check=True).stdout
        left += [f"rules {line}" for line in tables.splitlines()
                 if line.split()[-1].startswith(begins)]
        users = {user_of(machine["uuid"]) for machine in self.plan["machines"]}
        left += [f"process {pid} of a machine's user" for pid in all_pids()
                 if user_of_process(pid) in users]
        left += [f"control group {folder}" for folder in self.groups()]
        for folder, _, names in os.walk(self.data):
            for name in names:
                path = os.path.join(folder, name)
                inside = os.path.relpath(path, self.data)
                if not re.fullmatch(KEPT, inside) and not (
                        self.was_read and re.fullmatch(READ, inside)):
                    left.append(f"file {inside}")
        return left

    def tell(self):
        """What is needed to understand a failure."""
        for process in self.started:
            if isinstance(process, Run):
                print(process.text())
        for name in ("daemon.log", "serve.log"):
            try:
                with open(f"{self.data}/{name}", encoding="utf-8") as file:
                    print(f"--- {name}\n{file.read()[-8000:]}")
            except OSError:
                pass

    def close(self):
        """Whatever the test's outcome, nothing stays."""
        processes = [getattr(one, "process", one) for one in self.started]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        for process in processes:
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.plan:
            if self.left_over():
                self.scrub()
        if self.goldens:
            self.goldens.keep()
        shutil.rmtree(self.data, ignore_errors=True)

    def groups(self):
        """Control groups of this daemon's machines, the lowest first."""
        return [path for path, _, _ in os.walk("/sys/fs/cgroup", topdown=False)
                if f"/{self.tree()}" in path]

    def tree(self):
        """The name of the daemon's tree of control groups."""
        return "yanwu-" + hashlib.blake2b(self.data.encode(), digest_size=32).hexdigest()[:8]

    def forget_group(self):
        """An empty group, as of a daemon before, which was in another group itself. The
        folder that is to go; None where there is no such hierarchy."""
        top = "/sys/fs/cgroup/pids"
        if not os.path.isdir(top):
            return None
        folder = f"{top}/ywtest{os.getpid()}/{self.tree()}"
        os.makedirs(f"{folder}/old-drill/blue/machine")
        return folder

    def team_ceilings(self, team):
        """Bytes of memory that the team's machines may have together, where it is set."""
        found = []
        for folder in self.groups():
            for name in ("memory.limit_in_bytes", "memory.max"):
                path = f"{folder}/{name}"
                if folder.endswith(f"/{self.id}/{team}") and os.path.exists(path):
                    with open(path, encoding="ascii") as file:
                        found.append(int(file.read()))
        return found

    def scrub(self):
        for pid in self.ours() + list(self.qemus().values()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.5)
        for bridge in self.bridges() & set(interfaces()):
            subprocess.run(["ip", "link", "delete", bridge], check=False)
        for folder in self.groups():
            os.rmdir(folder)
        for family in ("bridge", "inet", "netdev"):
            for table in {bridge[:8] for bridge in self.bridges()}:
                subprocess.run(["nft", "delete", "table", family, table], check=False,
                               stderr=subprocess.DEVNULL)


# What a data directory holds when nothing runs. Empty folders of the driver are not counted.
# An SQLite reader leaves its side files, for it may not write.
READ = r"drills/[^/]+/journal\.db-(wal|shm)"
KEPT = (r"api\.json|daemon\.log|serve\.log|lock|tokens\.jsonl"
        r"|drills/[^/]+/(journal\.db(-head|-reserve)?|report\.(zh|en)\.(md|html)|package/.*"
        r"|captures/.*|evidence/.*)"
        r"|libvirt/(accelerator|broker\.lock|etc/qemu\.conf|run/qemu/(driver\.pid|autostarted)"
        r"|cache/qemu/capabilities/[0-9a-f]+\.xml"
        r"|golden/[0-9a-f]{64}/(golden|memory|state|image))")


class Run:
    """A command of ours; when it said what is known to the tenth of a second."""

    def __init__(self, house, words, environment):
        self.house = house
        self.began = time.monotonic()
        self.ended = 0.0
        self.lines = []
        self.process = subprocess.Popen([house.program, *words], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment)
        self.output = []
        self.threads = [threading.Thread(target=self.read_errors, daemon=True),
                        threading.Thread(target=self.read_output, daemon=True)]
        for thread in self.threads:
            thread.start()

    def read_errors(self):
        for line in self.process.stderr:
            self.lines.append((time.monotonic() - self.began, line.rstrip("\n")))

    def read_output(self):
        self.output.append(self.process.stdout.read())

    def said(self, words):
        """When it said so, in seconds since its start; None: not yet."""
        return next((at for at, line in list(self.lines) if words in line), None)

    def wait_said(self, words, seconds):
        def told():
            assert self.process.poll() is None or self.said(words) is not None, self.text()
            return self.said(words)
        try:
            return wait_for(f"'{words}'", seconds, told, 0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from error

    def took_down(self):
        """How long the range took to go, for the record."""
        return self.ended - self.said("taking the range down")

    def wait(self, seconds):
        status = self.process.wait(seconds)
        self.ended = time.monotonic() - self.began
        for thread in self.threads:
            thread.join(5)
        return status

    def text(self):
        return "\n".join(f"{at:6.1f} {line}" for at, line in list(self.lines))

    def document(self):
        return json.loads("".join(self.output))


class Probe:
    """A host of the control network that nobody planned: reads holding register 40 of the PLC
    with an independent client, from inside, and keeps every change it sees."""

    def __init__(self, house, team, number):
        self.name = f"ywp{os.getpid()}-{number}"
        self.veth = f"ywp{os.getpid() % 100000}{number}"
        self.seen = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.bridge = house.control_bridge(team)

    def __enter__(self):
        for words in (["netns", "add", self.name],
                      ["link", "add", self.veth, "type", "veth", "peer", "name", "probe0",
                       "netns", self.name],
                      ["link", "set", self.veth, "master", self.bridge, "up"],
                      ["-n", self.name, "address", "add", CONTROL_NET + "250/24", "dev",
                       "probe0"],
                      ["-n", self.name, "link", "set", "probe0", "up"]):
            subprocess.run(["ip", *words], check=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.stopped.is_set():
            return
        self.stopped.set()
        self.thread.join()
        subprocess.run(["ip", "link", "delete", self.veth], check=False,
                       stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "delete", self.name], check=False)

    def read(self):
        run = subprocess.run(["ip", "netns", "exec", self.name, "mbpoll", "-m", "tcp", "-0",
                              "-1", "-a", "1", "-o", "2", "-t", "4", "-r", "40",
                              CONTROL_NET + "11"],
                             capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        found = re.search(r"^\[40\]:\s+(\d+)", run.stdout, re.M)
        return int(found.group(1)) if found else None

    def look(self):
        while not self.stopped.wait(0.4):
            value = self.read()
            if value is not None and self.seen[-1:] != [value]:
                self.seen.append(value)


def attend(*checks, bare=False):
    """Plays each check in a house of its own, which tells what happened when it fails. The
    status of the test: a check may return SKIP."""
    unfit = fit()
    if unfit:
        print(f"skipped: {unfit}")
        return SKIP
    for check in checks:
        house = House(sys.argv[1], sys.argv[2], bare=bare)
        try:
            status = check(house)
        except BaseException:
            house.tell()
            raise
        finally:
            house.close()
        if status:
            return status
    print("ok")
    return 0
