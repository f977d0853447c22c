/* POST /drills with what should not be there: each is refused with a place and a reason,
 * and nothing is created. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, packageOf } from './daemon.mjs';

let daemon;
let good;

before(async () => {
    daemon = await Daemon.start();
    good = { ...await packageOf(), teams: ['a', 'b'], seed: 1, speed: 1 };
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0);
    }
});

const post = (body, token = daemon.control) =>
    daemon.ask('POST', '/api/v1/drills', { token, body });

/* 400: wrong; 422: right in form, and too much. */
async function refused(body, said, status = 400) {
    const answer = await post(body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.deepEqual(Object.keys(answer.body), ['error']);
    const { code, path, message } = answer.body.error;
    assert.ok(code && typeof path === 'string' && message);
    assert.match(`${path}: ${message}`, said);
    assert.deepEqual((await daemon.ask('GET', '/api/v1/drills')).body.drills, []);
    assert.deepEqual(await readdir(join(daemon.data, 'drills')), []);
}

const without = (member) => Object.fromEntries(Object.entries(good)
    .filter(([name]) => name !== member));
const withFiles = (files) => ({ ...good, files: { ...good.files, ...files } });
const withScenario = (change) => withFiles({ 'scenario.lua': change(good.files['scenario.lua']) });
const swap = (from, to) => withScenario((text) => {
    assert.ok(text.includes(from), from);
    return text.replace(from, to);
});

const BODIES = [
    ['not JSON', '{"name":', /JSON|expected|end|near/i],
    ['not an object', '[]', /object/],
    ['text after the end', `${JSON.stringify({ name: 'x' })} x`, /./],
    ['a name twice', '{"name":"a","name":"b"}', /name|duplicate/i],
    ['an unknown member', { ...{}, name: 'x', filez: {} }, /\/filez/],
    ['no name', () => without('name'), /\/name/],
    ['no files', () => without('files'), /\/files/],
    ['no teams', () => without('teams'), /\/teams/],
    ['no team in teams', () => ({ ...good, teams: [] }), /\/teams/],
    ['a team twice', () => ({ ...good, teams: ['a', 'a'] }), /\/teams\/1.*twice/],
    ['a team with a path', () => ({ ...good, teams: ['../a'] }), /\/teams\/0/],
    ['a team of another type', () => ({ ...good, teams: [7] }), /\/teams\/0/],
    ['too many teams', () => ({ ...good, teams: Array.from({ length: 400 }, (_, i) => `t${i}`) }),
     /\/teams/],
    ['a name with a path', () => ({ ...good, name: '../../etc' }), /\/name/],
    ['a long name', () => ({ ...good, name: 'a'.repeat(300) }), /\/name/],
    ['a seed below 0', () => ({ ...good, seed: -1 }), /\/seed/],
    ['half a seed', () => ({ ...good, seed: 0.5 }), /\/seed/],
    ['no speed at all', () => ({ ...good, speed: 0 }), /\/speed/],
    ['a speed above the limit', () => ({ ...good, speed: 1000.5 }), /\/speed/],
    ['a speed in words', () => ({ ...good, speed: 'fast' }), /\/speed/],
    ['a table in words', () => ({ ...good, tabletop: 'yes' }), /\/tabletop/],
    ['no scenario.lua', () => ({ ...good, files: { 'x.lua': '' } }), /scenario\.lua/],
    ['a file that climbs out', () => withFiles({ '../x': '' }), /\/files/],
    ['a file from the root', () => withFiles({ '/etc/passwd': '' }), /\/files/],
    ['a hidden file', () => withFiles({ '.git/config': '' }), /\/files/],
    ['a file that is no text', () => withFiles({ 'x.lua': 7 }), /\/files\/x\.lua/],
    ['a file above the limit', () => withFiles({ 'x.txt': 'x'.repeat(256 * 1024 + 1) }),
     /\/files\/x\.txt/, 422],
    ['too many files', () => withFiles(Object.fromEntries(Array.from({ length: 65 },
        (_, i) => [`f${i}`, '']))), /\/files/, 422],
];

const SCENARIOS = [
    ['a field that does not exist', () => swap('length = "15m"', 'lenght = "15m"'),
     /scenario\.lua:3.*lenght.*length/],
    ['a machine on no network', () => swap('at = { control ".21" }', 'at = { office ".21" }'),
     /scenario\.lua:12/],
    ['an address outside its network', () => swap('control ".21"', 'control ".300"'),
     /scenario\.lua:\d+/],
    ['an address used twice', () => swap('control ".21"', 'control ".11"'), /scenario\.lua:\d+/],
    ['a syntax error', () => withScenario((text) => `${text}\n)`), /scenario\.lua:\d+/],
    ['an unknown plant model', () => swap('model = "water-dosing"', 'model = "water-dozing"'),
     /water-dozing.*water-dosing/s],
    ['a playbook that is not there', () => swap('ics-tampering.json', 'nothing.json'),
     /nothing\.json/],
    ['a PLC program that is not there', () => swap('files/dosing.st', 'files/none.st'), /none\.st/],
    ['a PLC program that is wrong', () => withFiles({ 'files/dosing.st': 'PROGRAM x\nIF\nEND' }),
     /dosing\.st/],
    ['an infinite loop in declare', () => withScenario((text) => `${text}\nwhile true do end`),
     /scenario\.lua:80.*budget of instructions/, 422],
    ['an infinite loop under pcall', () => withScenario((text) =>
        `${text}\nwhile true do pcall(function () while true do end end) end`),
     /scenario\.lua:80.*budget of instructions/, 422],
    ['memory without end', () => withScenario((text) =>
        `${text}\nlocal t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end`),
     /scenario\.lua:80.*more memory/, 422],
    ['a pattern without end', () => withScenario((text) =>
        `${text}\nlocal _ = (("a"):rep(40000)):find((".-"):rep(40) .. "b")`), /./],
    ['a file of the host', () => withScenario((text) => `${text}\nio.open("/etc/passwd")`),
     /scenario\.lua:\d+/],
    ['a program of the host', () => withScenario((text) => `${text}\nos.execute("id")`),
     /scenario\.lua:\d+/],
    ['bytecode', () => withScenario(() => '\u001bLua'), /scenario\.lua|binary|text/],
    ['nothing', () => withScenario(() => ''), /scenario/],
];

for (const [what, make, said, status] of [...BODIES, ...SCENARIOS]) {
    test(what, async () => refused(typeof make === 'function' ? make() : make, said, status));
}

test('a body above the limit is refused before it is read', async () => {
    const answer = await post({ ...good, files: { 'scenario.lua': 'x'.repeat(8 * 1024 * 1024) } })
        .catch((failure) => ({ status: 0, failure }));
    assert.ok([413, 0].includes(answer.status), `${answer.status}`); /* 0: it hung up on us */
    assert.equal((await daemon.ask('GET', '/api/v1/status')).status, 200);
});

test('a wrong type of content, no key, a long key, no token', async () => {
    const send = (headers) => fetch(`${daemon.url}/api/v1/drills`, { method: 'POST', headers,
        body: JSON.stringify(good) }).then((response) => response.status);
    const Authorization = `Bearer ${daemon.control}`;
    const json = 'application/json';
    assert.equal(await send({ Authorization, 'Idempotency-Key': 'k', 'Content-Type': 'text/plain' }),
                 415);
    assert.equal(await send({ Authorization, 'Content-Type': json }), 400);
    assert.equal(await send({ Authorization, 'Idempotency-Key': 'k'.repeat(65),
                              'Content-Type': json }), 400);
    assert.equal(await send({ 'Idempotency-Key': 'k', 'Content-Type': json }), 401);
    assert.deepEqual((await daemon.ask('GET', '/api/v1/drills')).body.drills, []);
});

test('and after all that a good one is created', async () => {
    const answer = await post(good);
    assert.equal(answer.status, 201);
    assert.match(answer.body.id, /^dosing-line-[a-z0-9]+$/);
    const other = await post({ ...good, teams: ['a'] });
    const down = (id, token) => daemon.ask('POST', `/api/v1/drills/${id}/down`,
                                           { token, body: { reason: 'x' } });
    const { token } = answer.body.teams.a;
    assert.equal((await daemon.ask('POST', `/api/v1/drills/${other.body.id}/reports`,
        { token, body: { text: 'x' } })).status, 403, 'a token is for one drill');
    assert.equal((await down(answer.body.id, token)).status, 403);
    for (const { body } of [answer, other]) {
        assert.equal((await down(body.id, daemon.control)).status, 200);
    }
});

const validate = (body, token = daemon.control, query = '') =>
    daemon.ask('POST', `/api/v1/playbooks/validate${query}`, { token, body });

test('a playbook is checked by the same rules as on the command line', async () => {
    const text = await readFile(new URL('../../playbooks/ics-tampering.json', import.meta.url),
        'utf8');
    const sound = await validate(text);
    assert.equal(sound.status, 200);
    assert.deepEqual(sound.body, { file: '', findings: [], ok: true, profile: 'strict' });
    const bad = { ...JSON.parse(text), priority: 101 };
    const strict = await validate(bad);
    assert.equal(strict.body.ok, false);
    assert.equal(strict.body.findings[0].code, 'P01');
    assert.equal(strict.body.findings[0].path, '/priority');
    const lenient = await validate(bad, daemon.control, '?profile=lenient');
    assert.equal(lenient.body.ok, true);
    assert.equal(lenient.body.findings[0].severity, 'warning');
});

test('what is no playbook, or not asked for by anybody, is refused', async () => {
    assert.equal((await validate('{"a":1,"a":2}')).status, 400);
    assert.match((await validate('{')).body.error.message, /line 1/);
    assert.equal((await validate('{}', daemon.control, '?profile=odd')).status, 400);
    assert.equal((await validate('{}', '')).status, 401);
    const large = await validate(`{"a":"${'x'.repeat(1024 * 1024)}"}`)
        .catch((failure) => ({ status: 0, failure }));
    assert.ok([413, 0].includes(large.status), `${large.status}`); /* 0: it hung up on us */
});
