/* Captures: by the scenario and by control, their files by drill time, what ends them and what
 * does not, and who may see them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, packageOf, until } from './daemon.mjs';

const QUICK = 'blue-quick';
const HEADER = 24; /* a pcap without packets */
const FLOOR_MIB = 32;
let daemon;
let drill;
let disk; /* a small one, where that may be had */

const events = async (kind) => (await drill.events()).filter((event) => event.kind === kind);
const captures = async (query = '') => (await drill.get(`/captures${query}`)).body;
const network = async (team, name) => (await captures()).captures
    .find((one) => one.team === team && one.network === name);
const isOn = (team, name, on) => until(`${team}/${name} ${on ? 'on' : 'off'}`, async () =>
    (await network(team, name)).on === on);
const order = (action, name, team = QUICK, more = {}) =>
    drill.post('captures', { action, network: name, team, ...more });

function smallDisk() {
    const folder = mkdtempSync(join(tmpdir(), 'yw-disk-'));
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${4 * FLOOR_MIB}m`, 'tmpfs', folder],
                     { stdio: 'ignore' });
        return folder;
    } catch {
        rmdirSync(folder);
        return null;
    }
}

before(async () => {
    disk = smallDisk();
    daemon = disk === null ? await Daemon.start() : await Daemon.start({ data: join(disk, 'data'),
        args: ['--disk-floor', String(FLOOR_MIB)] });
    const pack = await packageOf();
    const was = pack.files['scenario.lua'];
    pack.files['scenario.lua'] = was.replace(/(network "control"\s*\{)/, '$1 capture = true,');
    assert.notEqual(pack.files['scenario.lua'], was);
    drill = await daemon.create({ pack, speed: 1 });
});
after(async () => {
    const status = await daemon?.close();
    if (disk !== null) {
        execFileSync('umount', [disk]);
        rmdirSync(disk);
    }
    assert.equal(status, 0);
});

test('before a range there is nothing to capture', async () => {
    const { status, body } = await order('start', 'it');
    assert.equal(status, 409);
    assert.match(body.error.message, /no network of it is there now/);
    assert.ok((await captures()).captures.every((one) => !one.on && one.capture === 0));
});

test('the scenario\'s captures begin with the range, of each team', async () => {
    await drill.run();
    await isOn(QUICK, 'control', true);
    await isOn('blue-slow', 'control', true);
    assert.equal((await network(QUICK, 'it')).on, false);
    const { files, left_off: left } = await captures();
    assert.deepEqual(files.map((file) => [file.team, file.network, file.bytes, file.host]).sort(),
                     [[QUICK, 'control', HEADER, ''], ['blue-slow', 'control', HEADER, '']]);
    assert.equal(left, 0);
    assert.deepEqual((await captures('?files=1')).files.length, 1);
    assert.equal((await captures('?files=1')).left_off, 1);
    for (const wrong of ['x', '201', '-1']) {
        assert.equal((await drill.get(`/captures?files=${wrong}`)).status, 400, wrong);
    }
});

test('control begins and ends them, and is told what cannot be', async () => {
    assert.equal((await order('start', 'it', QUICK, { size_mib: 1, files: 2 })).status, 200);
    await isOn(QUICK, 'it', true);
    const begun = await network(QUICK, 'it');
    assert.deepEqual([begun.size_mib, begun.files, begun.kept_files], [1, 2, 1]);
    const refusals = [
        [order('start', 'it'), 409, /captured already/],
        [order('stop', 'it', 'blue-slow'), 409, /not captured/],
        [order('start', 'nowhere'), 404, /no network 'nowhere'/],
        [order('start', 'it', 'nobody'), 404, /no team 'nobody'/],
        [order('start', 'it', QUICK, { files: 1 }), 400, /\/files/],
    ];
    for (const [asked, status, why] of refusals) {
        const answer = await asked;
        assert.equal(answer.status, status, JSON.stringify(answer.body));
        assert.match(`${answer.body.error.path} ${answer.body.error.message}`, why);
    }
    assert.equal((await order('stop', 'it')).status, 200);
    await isOn(QUICK, 'it', false);
    const [ended] = (await events('capture-changed')).filter(({ payload }) => !payload.on);
    assert.deepEqual([ended.payload.ok, ended.payload.files, ended.payload.bytes], [true, 1, HEADER]);
});

test('a file is fetched whole, by control alone, and no other file is', async () => {
    const [file] = (await captures()).files;
    const got = await fetch(`${daemon.url}${drill.path}/captures/${file.file}`,
                            { headers: { Authorization: `Bearer ${daemon.control}` } });
    assert.equal(got.status, 200);
    const now = (await drill.get()).body.clock.drill_ms;
    assert.ok(0 <= file.from_drill_ms && file.from_drill_ms <= file.to_drill_ms &&
              file.to_drill_ms <= now, `${JSON.stringify(file)}, now ${now}`);
    assert.equal(Buffer.from(await got.arrayBuffer()).toString('hex').slice(0, 8), 'd4c3b2a1');
    assert.equal((await drill.get(`/captures/${file.file}`, drill.tokens[QUICK])).status, 403);
    assert.equal((await drill.get('/captures', drill.tokens[QUICK])).status, 403);
    const wrong = ['x.pcap', '..%2fjournal.db', file.file.replace('_00001_', '_1_'),
        file.file.replace('.1_', '.1.East_'), file.file.replace('.1_', '.1._')];
    for (const name of wrong) {
        assert.equal((await drill.get(`/captures/${name}`)).status, 404, name);
    }
    for (const audience of ['', drill.tokens[QUICK]]) {
        const seen = JSON.stringify((await drill.get('', audience)).body);
        assert.doesNotMatch(seen, /capture/);
    }
});

test('below the disk\'s floor all end in order, and none begins', async (t) => {
    if (disk === null) {
        t.skip('a small disk needs root');
        return;
    }
    await writeFile(join(disk, 'full'), Buffer.alloc((3 * FLOOR_MIB + 8) << 20));
    await isOn(QUICK, 'control', false);
    await isOn('blue-slow', 'control', false);
    const all = await drill.events();
    const told = all.find((event) => event.kind === 'disk-state' && !event.payload.ok);
    const ends = all.filter((event) => event.kind === 'capture-ordered' && !event.payload.on &&
        event.seq > told.seq);
    assert.deepEqual(ends.map((event) => event.payload.reason),
                     ['the disk is below its floor', 'the disk is below its floor']);
    for (const { seq } of ends) {
        const outcome = await until('the end', async () => (await drill.events()).find((event) =>
            event.kind === 'capture-changed' && event.causes.includes(seq)));
        assert.deepEqual([outcome.payload.ok, outcome.payload.on], [true, false]);
    }
    const { status, body } = await order('start', 'control');
    assert.equal(status, 422, JSON.stringify(body));
    assert.match(body.error.message, /below its floor/);
    assert.match((await network(QUICK, 'control')).detail, /below its floor/);
    await rm(join(disk, 'full'));
    await until('room again', async () => (await events('disk-state')).length === 2);
    assert.equal((await network(QUICK, 'control')).on, false, 'what was ended stays so');
    assert.equal((await order('start', 'control')).status, 200);
    await isOn(QUICK, 'control', true);
});

test('what is captured goes with the range, its files stay', async () => {
    await drill.verb('end');
    assert.equal((await drill.verb('down')).status, 200);
    await isOn(QUICK, 'control', false);
    const before = (await captures()).files;
    assert.ok(before.length >= 3);
    assert.equal((await drill.get(`/captures/${before[0].file}`)).status, 200);
    assert.equal((await order('start', 'control')).status, 409);
});
