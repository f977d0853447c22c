/* Points in time, stops, programs and files through HTTP: who may, how often, what comes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, newKey, packageOf, until } from './daemon.mjs';

let daemon;
let drill;
let quick;

const code = ({ status, body }) => [status, body.error?.code];
const kinds = async (one = drill) => (await one.events()).map((event) => event.kind);

before(async () => {
    daemon = await Daemon.start();
    const pack = await packageOf();
    pack.files['scenario.lua'] = pack.files['scenario.lua']
        .replace(/length\s*=/, 'resets = 2, length =');
    assert.match(pack.files['scenario.lua'], /resets = 2/);
    drill = await daemon.create({ speed: 1, pack });
    quick = drill.tokens['blue-quick'];
    await drill.run();
    await until('the points of both teams', async () =>
        (await kinds()).filter((kind) => kind === 'checkpoint-ended').length === 2);
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0, 'it ends cleanly');
    }
});

test('what only control may is refused to teams and to nobody', async () => {
    const before = (await drill.events()).length;
    for (const [path, body] of [
        ['stop', { reason: 'x' }], ['checkpoints', {}], ['checkpoints/1/restore', {}],
        ['checkpoints/1/drop', {}], ['checkpoints/1/fork', {}],
        ['evidence', { team: 'blue-quick', machine: 'plc1' }],
        ['exec', { team: 'blue-quick', machine: 'plc1', argv: ['acl', ''] }],
        ['files', { team: 'blue-quick', machine: 'plc1', path: '/tmp/x' }],
    ]) {
        assert.equal((await drill.post(path, body, { token: quick })).status, 403, path);
        assert.equal((await drill.post(path, body, { token: null })).status, 401, path);
    }
    assert.equal((await drill.get('/checkpoints', quick)).status, 403);
    assert.equal((await drill.post('resets', { machine: 'plc1' }, { token: null })).status, 401);
    assert.equal((await kinds()).filter((kind) => /stop|evidence|exec|file/.test(kind)).length, 0);
    assert.ok((await drill.events()).length >= before);
});

test('a team resets its own machines within its quota, control always', async () => {
    const own = (body, key) => drill.post('resets', body, { token: quick, key });
    const left = async () => (await drill.state(quick)).teams['blue-quick'].resets_left;
    assert.equal(await left(), 2);
    assert.equal((await own({ machine: 'jump' })).status, 404, 'hidden');
    assert.equal((await own({ team: 'blue-slow', machine: 'plc1' })).status, 404, 'not its own');
    assert.deepEqual(code(await own({ machine: 'plc1', to: 'c9' })), [403, 'denied']);
    assert.equal((await own({ machine: '../x' })).status, 400);
    const key = newKey();
    assert.equal((await own({ machine: 'plc1' }, key)).status, 200);
    assert.equal((await own({ machine: 'plc1' }, key)).status, 200, 'the same one');
    assert.equal(await left(), 1);
    assert.equal((await own({})).status, 200, 'the whole team');
    assert.deepEqual(code(await own({ machine: 'plc1' })), [403, 'denied']);
    assert.equal(await left(), 0);
    assert.equal((await drill.state(drill.tokens['blue-slow'])).teams['blue-slow'].resets_left, 2);
    assert.equal((await drill.state(null)).teams['blue-quick'].resets_left, undefined);
    assert.equal((await drill.post('resets', { team: 'blue-quick', machine: 'jump' })).status, 200);
    assert.equal((await drill.post('resets', { team: 'nobody' })).status, 404);
    const { body } = await drill.get('/journal?from=1');
    const hidden = body.split('\n').filter((line) => line.includes('"reset-')
        && line.includes('"machine":"jump"'));
    assert.equal(hidden.length, 2);
    const seen = JSON.stringify(Object.values((await drill.state(quick)).events));
    assert.ok(!seen.includes('jump'), 'a team does not hear of a hidden machine');
});

test('a checkpoint: made, listed, gone back to, dropped; the clock goes on', async () => {
    const made = await drill.post('checkpoints', { label: 'before' });
    assert.equal(made.status, 200);
    const { checkpoint } = made.body;
    const listed = (await drill.get('/checkpoints')).body.checkpoints;
    assert.deepEqual(listed.map((one) => one.label), ['start', 'start', 'before']);
    const clockBefore = (await drill.state()).clock.drill_ms;
    assert.equal((await drill.post(`checkpoints/${checkpoint}/restore`, {})).status, 200);
    assert.ok((await drill.state()).clock.drill_ms >= clockBefore);
    assert.equal((await drill.post('checkpoints/99/restore', {})).status, 404);
    assert.equal((await drill.post('checkpoints/x/restore', {})).status, 404);
    assert.equal((await drill.post(`checkpoints/${checkpoint}/drop`, {})).status, 200);
    assert.equal((await drill.post(`checkpoints/${checkpoint}/restore`, {})).status, 404);
    assert.equal((await drill.post('checkpoints', { label: 'A B' })).status, 400);
});

test('a program of control, with its exit status and words with blanks', async () => {
    const ran = await drill.post('exec', { team: 'blue-quick', machine: 'plc1',
                                           argv: ['acl', '0.0.0.0/0'] });
    assert.deepEqual([ran.status, ran.body.exit], [200, 0]);
    const event = (await drill.events()).find((one) => one.kind === 'exec-ordered');
    assert.equal(event.payload.argv, 'acl 0.0.0.0/0');
    assert.equal(event.actor, 'control');
    assert.equal((await drill.post('exec', { machine: 'plc1', argv: ['x'] })).status, 400, 'whose');
    assert.equal((await drill.post('exec', { team: 'blue-quick', machine: 'none', argv: ['x'] }))
        .status, 404);
});

test('a file in and out again, byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 150000 }, (_, i) => i * 7 % 256));
    const where = { team: 'blue-quick', machine: 'hmi1', path: '/tmp/rules' };
    const put = await drill.post('files', { ...where, data: bytes.toString('base64') });
    assert.deepEqual([put.status, put.body.bytes], [200, bytes.length], JSON.stringify(put.body));
    const got = await drill.post('files', where);
    assert.equal(got.status, 200);
    assert.ok(Buffer.from(got.body.data, 'base64').equals(bytes));
    const moved = (await drill.events()).filter((one) => one.kind === 'file-moved');
    assert.deepEqual(moved.map((one) => [one.payload.put, one.payload.ok]),
                     [[true, true], [false, true]]);
    assert.equal(moved[0].payload.hash, moved[1].payload.hash);
    const large = Buffer.alloc(512 * 1024 + 1).toString('base64');
    const refused = await drill.post('files', { ...where, data: large });
    assert.equal(refused.status, 422, JSON.stringify(refused.body));
    assert.equal((await drill.post('files', { ...where, path: 'rules' })).status, 400);
});

test('stop, refuse, resume, go on', async () => {
    const stop = await drill.post('stop', { reason: 'smoke in the hall' });
    assert.equal(stop.status, 200, JSON.stringify(stop.body));
    const stopped = await drill.state();
    assert.deepEqual([stopped.drill.phase, stopped.drill.stopped], ['paused', true]);
    await until('the clock stands', async () => !(await drill.state()).clock.running);
    assert.match(JSON.stringify((await drill.state(null)).events), /smoke in the hall/);
    for (const [path, body] of [['resets', { team: 'blue-quick' }], ['checkpoints', {}],
                                ['exec', { team: 'blue-quick', machine: 'plc1', argv: ['x'] }]]) {
        assert.equal((await drill.post(path, body)).status, 409, path);
    }
    const key = newKey();
    const resume = await drill.post('resume', { reason: 'air is clear' }, { key });
    assert.equal(resume.status, 200, JSON.stringify(resume.body));
    await until('it runs', async () => (await drill.phase()) === 'running');
    assert.equal((await drill.state()).drill.stopped, undefined);
    assert.equal((await drill.post('resume', { reason: 'air is clear' }, { key })).status, 200);
    const tail = (await kinds()).filter((kind) => /^(stop|thaw)-/.test(kind));
    assert.deepEqual(tail, ['stop-ordered', 'stop-ended', 'thaw-ordered', 'thaw-ended']);
});

test('a fork stands paused with tokens of its own, and survives a restart', async () => {
    const { checkpoint } = (await drill.post('checkpoints', { label: 'whole' })).body;
    assert.equal((await drill.post('checkpoints/1/fork', {})).status, 409, 'of one team only');
    const key = newKey();
    const made = await drill.post(`checkpoints/${checkpoint}/fork`, {}, { key });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual(Object.keys(made.body.teams), ['blue-quick', 'blue-slow']);
    const path = `/api/v1/drills/${made.body.id}`;
    const state = async () => (await daemon.ask('GET', path, { token: daemon.control })).body;
    assert.equal((await state()).drill.phase, 'paused');
    const token = made.body.teams['blue-quick'].token;
    assert.equal((await daemon.ask('GET', path, { token })).status, 200);
    assert.equal((await daemon.ask('GET', path, { token: quick })).status, 403);
    const resumed = await daemon.ask('POST', `${path}/resume`, { token: daemon.control,
        body: { reason: 'now' } });
    assert.deepEqual([resumed.status, resumed.body.phase], [200, 'running']);
    const down = await daemon.ask('POST', `${path}/down`, { token: daemon.control,
        body: { reason: 'seen enough' } });
    assert.equal(down.status, 200, JSON.stringify(down.body));
    assert.equal(await drill.phase(), 'running', 'the other drill goes on');
});

test('taken down while it comes up: nothing is left, and who waited hears of it', async () => {
    const other = await daemon.create({ speed: 1 });
    const [up, down] = await Promise.all([other.verb('up'), other.verb('down')]);
    assert.equal(down.status, 200, JSON.stringify(down.body));
    assert.ok([200, 409, 499, 500, 502, 503].includes(up.status), JSON.stringify(up));
    assert.equal(await other.phase(), 'archived');
});
