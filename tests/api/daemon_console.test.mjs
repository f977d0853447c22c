/* Consoles: who may sit where, who has the keys, what is kept of it, and floods. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { Sitter } from './console.mjs';
import { Daemon, packageOf, pause, until } from './daemon.mjs';

const QUICK = 'blue-quick';
const SLOW = 'blue-slow';
let daemon;
let drill;

/* The shipped scenario, with the HMI's console open to its team. */
async function openPackage() {
    const pack = await packageOf();
    const before = pack.files['scenario.lua'];
    pack.files['scenario.lua'] = before.replace(/(machine "hmi1" \{)/, '$1 console = true,')
        .replace(/machine "jump"(\s+)\{/, 'machine "jump"$1{ display = true,');
    assert.notEqual(pack.files['scenario.lua'], before);
    return pack;
}

const sit = (machine, options) => Sitter.open(drill, machine, options);
const asControl = (machine, options) =>
    sit(machine, { token: daemon.control, team: QUICK, ...options });
const asTeam = (machine, options) => sit(machine, { token: drill.tokens[QUICK], ...options });

async function changes() {
    return (await drill.events()).filter((one) => one.kind === 'console-changed');
}

before(async () => {
    daemon = await Daemon.start();
    drill = await daemon.create({ pack: await openPackage(), speed: 1 });
    assert.equal((await drill.verb('up')).status, 200);
});

after(async () => {
    assert.equal(await daemon.close(), 0);
});

test('control works at the prompt of any machine', async () => {
    const one = await asControl('plc1');
    assert.equal(one.hello.type, 'hello');
    assert.equal(one.hello.mode, 'type');
    assert.equal(one.hello.form, 'serial');
    assert.equal(one.hello.typist, 'control');
    await one.sees('plc1> ');
    await one.asks('help', 'modbus scan CIDR');
    await one.asks('status', 'role plc');
    const hidden = await asControl('jump');
    await hidden.asks('ip', '10.20.2.66');
    hidden.close();
    one.close();
});

test('a team sits at its own open machines and nowhere else', async () => {
    const own = await asTeam('hmi1');
    assert.equal(own.hello.mode, 'type');
    assert.equal(own.hello.typist, `team:${QUICK}`);
    await own.asks('status', 'role hmi');
    own.close();
    const refusals = [
        [asTeam('plc1'), 4403, /does not open its consoles/],
        [asTeam('jump'), 4404, /no machine 'jump'/],
        [asTeam('nothing'), 4404, /no machine 'nothing'/],
        [asTeam('hmi1', { team: SLOW }), 4404, /no machine 'hmi1'/],
        [asTeam('hmi1', { form: 'vnc' }), 4404, /has no screen/],
        [sit('hmi1', { first: {} }), 4401, /a token is needed/],
        [sit('hmi1', { token: 'wrong' }), 4401, /no such token/],
        [sit('hmi1', { token: daemon.control }), 4410, /whose machine/],
        [sit('hmi1', { token: daemon.control, team: 'nobody' }), 4404, /no team/],
    ];
    for (const [opening, code, why] of refusals) {
        const one = await opening;
        const closed = await one.ends();
        assert.equal(closed.code, code, closed.why);
        assert.match(closed.why, why);
        assert.equal(one.shown, '');
    }
});

test('the handshake is guarded', async () => {
    const cases = [
        [{ origin: 'http://elsewhere.example' }, 403],
        [{ protocol: 'yanwu.v1' }, 404],
        [{ form: 'parallel' }, 404],
    ];
    for (const [options, status] of cases) {
        const one = await asControl('plc1', options);
        assert.equal(one.status, status, JSON.stringify(options));
        one.close();
    }
    assert.notEqual((await asControl('plc1', { protocol: 'chat' })).status, 101);
    const late = await asControl('plc1', { first: { token: daemon.control, mode: 'x'.repeat(600) } });
    assert.equal((await late.ends()).code, 1009);
});

test('one types, the others watch, and the keys change hands', async () => {
    const control = await asControl('hmi1');
    const team = await asTeam('hmi1');
    assert.equal(team.hello.mode, 'view');
    assert.equal(team.hello.typist, 'control');
    await control.asks('status', 'role hmi');
    await team.sees('role hmi');
    team.type('log\r');
    assert.ok(await control.seesNothing(), control.shown);
    team.send({ type: 'take' });
    await until('a refusal', () => team.text('refused'));
    assert.match(team.text('refused').why, /control has the keys/);
    control.send({ type: 'yield' });
    await control.becomes('view');
    team.send({ type: 'take' });
    await team.becomes('type');
    await team.asks('ip', '10.20.2.21');
    await control.sees('10.20.2.21');
    control.send({ type: 'take' });
    await control.becomes('type');
    await team.becomes('view');
    assert.equal(team.text('state').typist, 'control');
    team.type('help\r');
    assert.ok(await control.seesNothing());
    team.close();
    control.close();
    const last = await until('the events', async () => {
        const all = await changes();
        return all.at(-1).payload.hash ? all : null;
    });
    const told = last.filter((one) => one.payload.machine === 'hmi1').slice(-8)
        .map(({ actor, payload }) => `${actor} ${payload.on ? payload.mode : 'leaves'}`);
    assert.ok(told.includes(`team:${QUICK} type`) && told.includes(`team:${QUICK} leaves`), told);
    assert.ok(last.some(({ payload }) => payload.detail === `took the keys from team:${QUICK}`));
});

test('a session is kept as a recording with its hash', async () => {
    const one = await asControl('plc1');
    await one.asks('modbus read holding 92 1', '{"values":[');
    one.close();
    const { payload } = await until('the end in the journal', async () =>
        (await changes()).find((event) => event.payload.console === one.hello.console &&
            !event.payload.on));
    assert.match(payload.recording, /^console-\d+$/);
    const list = (await drill.get('/recordings')).body.recordings;
    assert.ok(list.some((row) => row.recording === payload.recording && row.bytes === payload.bytes));
    const { status, body } = await drill.get(`/recordings/${payload.recording}`);
    assert.equal(status, 200);
    const [head, ...events] = body.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(head.version, 2);
    assert.equal(head.yanwu.machine, 'plc1');
    assert.equal(head.yanwu.team, QUICK);
    assert.equal(typeof head.yanwu.drill_ms, 'number');
    const all = (kind) => events.filter(([, k]) => k === kind).map(([, , text]) => text).join('');
    assert.equal(all('i'), 'modbus read holding 92 1\r');
    assert.match(all('o'), /"values":\[\d+\]/);
    assert.match(all('m'), /control sits down to type.*control leaves/);
    const file = `${daemon.data}/drills/${drill.id}/recordings/${payload.recording}.cast`;
    assert.equal((await readFile(file)).length, payload.bytes);
    assert.equal(execFileSync('b2sum', ['-l', '256', file]).toString().split(' ')[0], payload.hash);
    assert.equal((await drill.get(`/recordings/${payload.recording}`, drill.tokens[QUICK])).status, 403);
    assert.equal((await drill.get('/recordings', drill.tokens[QUICK])).status, 403);
    for (const name of ['console-999', '..%2f..%2fapi.json', 'console-1.cast', 'console-']) {
        assert.equal((await drill.get(`/recordings/${name}`)).status, 404, name);
    }
});

/* The verb of the terminal, with what is typed from a pipe. */
function consoleVerb(words, typed) {
    return new Promise((done) => {
        const child = spawn(process.env.YW_PROGRAM, ['console', '--data', daemon.data, ...words],
            { env: { ...process.env, YW_LANG: 'en' } });
        let shown = '';
        let said = '';
        child.stdout.on('data', (chunk) => { shown += chunk; });
        child.stderr.on('data', (chunk) => { said += chunk; });
        child.on('exit', (status) => done({ status, shown, said }));
        child.stdin.end(typed);
    });
}

test('yanwu console types, watches and is refused', async () => {
    const typed = await consoleVerb([drill.id, `${QUICK}/plc1`], 'status\r');
    assert.equal(typed.status, 0, typed.said);
    assert.match(typed.shown, /plc1, role plc/);
    assert.match(typed.said, /you type/);
    const seat = await asControl('plc1');
    const watched = await consoleVerb([drill.id, `${QUICK}/plc1`, '--view'], 'status\r');
    assert.doesNotMatch(watched.shown, /role plc/);
    assert.match(watched.said, /view only; .*typing: control/);
    const took = await consoleVerb([drill.id, `${QUICK}/plc1`, '--take'], '');
    assert.match(took.said, /you type/);
    await seat.becomes('view');
    seat.close();
    for (const words of [['nothing', 'plc1'], [drill.id, `${QUICK}/nothing`]]) {
        const { status, said } = await consoleVerb(words, '');
        assert.equal(status, 2);
        assert.match(said, /no (drill|machine) 'nothing'/);
    }
    assert.equal((await consoleVerb([drill.id, 'a b'], '')).status, 2);
});

test('yanwu console reads a file, and nothing, as it reads a pipe', async () => {
    const file = `${daemon.data}/typed`;
    await writeFile(file, 'status\r');
    for (const [input, wanted] of [[file, /plc1, role plc/], ['/dev/null', /plc1> /]]) {
        const stdin = openSync(input, 'r');
        const child = spawn(process.env.YW_PROGRAM, ['console', '--data', daemon.data, drill.id,
            `${QUICK}/plc1`], { stdio: [stdin, 'pipe', 'ignore'] });
        let shown = '';
        child.stdout.on('data', (chunk) => { shown += chunk; });
        const [status] = await once(child, 'exit');
        closeSync(stdin);
        assert.equal(status, 0, input);
        assert.match(shown, wanted, input);
    }
});

async function rssMib() {
    const status = await readFile(`/proc/${daemon.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

/* One who types without end and reads nothing, and a machine that answers it all. */
test('a flood costs its own session and no memory', async () => {
    const other = await asControl('plc1');
    const flood = await asControl('hmi1');
    await flood.sees('> ');
    flood.socket.pause();
    const before = await rssMib();
    const line = Buffer.from('help\r'.repeat(800));
    for (let i = 0; i < 400; i++) {
        flood.type(line);
        if (i % 50 === 0) {
            await other.asks('status', 'role plc');
        }
    }
    await pause(1000);
    await other.asks('ip', '10.20.2.11');
    assert.ok(await rssMib() - before < 24, `${before} MiB became ${await rssMib()}`);
    flood.socket.destroy();
    other.close();
    const again = await until('the line is free again', async () => {
        const one = await asControl('hmi1');
        return one.hello?.mode === 'type' ? one : (one.close(), pause(500));
    });
    await again.asks('\x03status', 'role hmi');
    again.close();
});

/* RFB by hand, as far as the first picture. */
async function viewer(options) {
    const one = await asControl('jump', { form: 'vnc', ...options });
    let taken = 0;
    const take = async (size) => {
        await until(`${size} bytes of the screen`, () =>
            Buffer.concat(one.bytes).length >= taken + size);
        taken += size;
        return Buffer.concat(one.bytes).subarray(taken - size, taken);
    };
    one.update = (incremental) => one.type(Buffer.from([3, incremental, 0, 0, 0, 0, 0, 64, 0, 48]));
    one.key = (key) => one.type(Buffer.from([4, 1, 0, 0, 0, 0, 0, key]));
    one.picture = async () => (await take(16 + 64 * 48 * 4))[16];
    one.pending = () => Buffer.concat(one.bytes).length - taken;
    assert.equal((await take(12)).toString(), 'RFB 003.008\n');
    one.type('RFB 003.008\n');
    assert.deepEqual([...await take(2)], [1, 1]);
    one.type(Buffer.from([1]));
    assert.deepEqual([...await take(4)], [0, 0, 0, 0]);
    one.type(Buffer.from([0]));
    await take(4 + 16 + 4 + 6);
    one.update(0);
    one.colour = await one.picture();
    return one;
}

test('a screen: the watcher sees, and his keys go nowhere', async () => {
    const typist = await viewer();
    const watcher = await viewer();
    assert.equal(typist.hello.mode, 'type');
    assert.equal(watcher.hello.mode, 'view');
    assert.equal(watcher.hello.typist, 'control');
    typist.update(1);
    watcher.update(1);
    watcher.key(0x41);
    watcher.type(Buffer.from([5, 1, 0, 1, 0, 1])); /* the pointer */
    await pause(300);
    assert.equal(typist.pending() + watcher.pending(), 0);
    typist.key(0x42);
    assert.equal(await typist.picture(), 0x42);
    assert.equal(await watcher.picture(), 0x42);
    watcher.send({ type: 'take' });
    await watcher.becomes('type');
    await typist.becomes('view');
    watcher.update(1);
    typist.key(0x43);
    watcher.key(0x44);
    assert.equal(await watcher.picture(), 0x44);
    typist.type(Buffer.from([99]));
    assert.equal((await typist.ends()).code, 1008);
    watcher.close();
    const all = await until('both to leave', async () => {
        const told = (await changes()).filter(({ payload }) => payload.form === 'vnc');
        return told.filter(({ payload }) => !payload.on).length === 2 ? told : null;
    });
    assert.ok(all.every(({ payload }) => payload.recording === ''));
});

test('bounds: at a machine, and taking the keys', async () => {
    const many = [];
    for (let i = 0; i < 8; i++) {
        many.push(await asControl('jump', { mode: 'view' }));
    }
    const ninth = await asControl('jump', { mode: 'view' });
    assert.equal((await ninth.ends()).code, 4429);
    const refusal = () => many[0].text('refused') ?? many[1].text('refused');
    for (let i = 0; i < 30 && !refusal(); i++) {
        many[i % 2].send({ type: 'take' });
        await until('the keys', () => refusal() ?? many[i % 2].text('state')?.mode === 'type');
        await until('the former to know', () => refusal() ??
            many[(i + 1) % 2].text('state')?.mode !== 'type');
    }
    assert.match(refusal().why, /more than 20 times a minute/);
    many.forEach((one) => one.close());
});

test('fifty at once, each at its own machine or sharing one', async () => {
    const teams = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const large = await daemon.create({ pack: await openPackage(), speed: 1, teams });
    assert.equal((await large.verb('up')).status, 200);
    const seats = [];
    for (let i = 0; i < 50; i++) {
        const team = teams[i % teams.length];
        const machine = ['plc1', 'hmi1', 'jump'][Math.floor(i / teams.length) % 3];
        const seat = await Sitter.open(large, machine,
            { token: daemon.control, team, mode: i < 21 ? 'type' : 'view' });
        assert.equal(seat.hello?.type, 'hello', JSON.stringify(seat.closed));
        seats.push(seat);
    }
    await Promise.all(seats.slice(0, 21).map((seat) => seat.asks('ip', '10.20.2.')));
    await Promise.all(seats.map((seat) => seat.sees('10.20.2.')));
    /* one of them reads no more, while its machine shows more than anybody keeps for him */
    const slow = seats[21];
    const [typist] = seats;
    const beside = seats[42];
    slow.socket.pause();
    const before = await rssMib();
    for (let i = 0; i < 6; i++) {
        typist.type(Buffer.from('help\r'.repeat(100)));
        await pause(100);
    }
    await Promise.all(seats.slice(1, 21).map((seat) => seat.asks('status', ', role ')));
    await typist.asks('\x03status', 'plc1, role plc');
    await beside.sees('plc1, role plc');
    assert.ok(await rssMib() - before < 24, `${before} MiB became ${await rssMib()}`);
    assert.doesNotMatch(slow.shown, /role plc/);
    slow.socket.resume();
    await slow.sees('plc1, role plc'); /* he is where the others are, whatever he missed */
    seats.forEach((seat) => seat.close());
    await until('all have left', async () =>
        (await large.events()).filter((one) => one.kind === 'console-changed' &&
            !one.payload.on).length === 50);
});

test('taking the range down ends what is open', async () => {
    const one = await asControl('plc1');
    assert.equal((await drill.verb('down')).status, 200);
    const closed = await one.ends();
    assert.equal(closed.code, 4410);
    const after = await asControl('plc1');
    assert.ok([4409, 4404].includes((await after.ends()).code));
});
