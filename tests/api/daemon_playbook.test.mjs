/* Playbooks through HTTP: who may answer, confirm, prove and step in, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Daemon, ROOT, packageOf, until } from './daemon.mjs';

const BLUE = 'blue';
let daemon;

before(async () => {
    daemon = await Daemon.start();
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0, 'it ends cleanly');
    }
});

/* The playbook of the sweeps; `change` alters what the step "Look" says in our extension. */
async function begin(change = {}, alter = () => {}) {
    const pack = await packageOf(join(ROOT, 'tests/sim/branches'));
    const playbook = JSON.parse(pack.files['files/branches.json']);
    const look = Object.values(playbook.workflow).find((step) => step.name === 'Look');
    look.timeout = 3600000;
    Object.assign(Object.values(look.step_extensions)[0], { deadline_ms: 3000000 }, change);
    alter(playbook);
    pack.files['files/branches.json'] = JSON.stringify(playbook);
    const drill = await daemon.create({ pack, teams: [BLUE, 'green'], speed: 1 });
    await drill.run();
    return drill;
}

const asked = (drill, name, team = BLUE, state = 'open') => until(`${team} is asked ${name}`,
    async () => Object.values((await drill.state()).questions ?? {})
        .find((one) => one.team === team && one.name.en === name && one.state === state));
const count = async (drill, kind, team = 0) =>
    (await drill.events()).filter((one) => one.kind === kind && one.team === team).length;
const say = (drill, question, word, body, token = drill.tokens[BLUE]) =>
    drill.post(`questions/${question.run}/${word}`,
               { step: question.step, role: question.role, ...body }, { token });
const yanwu = (...words) => promisify(execFile)(process.env.YW_PROGRAM,
    [...words, '--data', daemon.data], { env: { ...process.env, YW_LANG: 'en' } });
const error = ({ status, body }) => [status, body.error?.path];

test('two hundred answers at once: the first in the journal counts', async () => {
    const drill = await begin();
    const look = await asked(drill, 'Look');
    /* 0: a starved machine let the connection go; what came of it stands in the journal */
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
        say(drill, look, 'answer', { vars: { zone: `z${i}` } }).catch(() => ({ status: 0 }))));
    const took = answers.filter((one) => one.status === 200);
    const lost = answers.filter((one) => one.status === 0);
    assert.ok(took.length === 1 || (took.length === 0 && lost.length > 0), String(took.length));
    answers.filter((one) => one.status !== 200).forEach((one) =>
        assert.ok([0, 409, 429, 503].includes(one.status), String(one.status)));
    await asked(drill, 'Look', BLUE, 'answered');
    assert.equal(await count(drill, 'step-answered'), 1);
    await drill.verb('end');
});

test('a file from elsewhere: refused, or put right when the scenario says so', async () => {
    const pack = await packageOf(join(ROOT, 'tests/sim/branches'));
    const playbook = JSON.parse(pack.files['files/branches.json']);
    const look = Object.values(playbook.workflow).find((step) => step.name === 'Look');
    delete playbook.id;
    playbook.created = '2023-05-01T08:00:00+08:00';
    look.on_failure = 'action--nowhere';
    look.timeout = -1;
    pack.files['files/branches.json'] = JSON.stringify(playbook);
    await assert.rejects(daemon.create({ pack, teams: [BLUE] }), /\/id: missing/);
    pack.files['scenario.lua'] = pack.files['scenario.lua']
        .replace('file = "branches.json"', 'file = "branches.json", lenient = true');
    const drill = await daemon.create({ pack, teams: [BLUE], speed: 1 });
    await drill.run();
    const question = await asked(drill, 'Look');
    await daemon.end('SIGKILL');
    await daemon.run();
    assert.equal((await say(drill, question, 'answer', { vars: { zone: 'control' } })).status, 200);
    await asked(drill, 'Look', BLUE, 'answered');
    const { stdout } = await yanwu('playbook', 'export', drill.id, String(question.run));
    assert.equal(JSON.parse(stdout).name, playbook.name);
    await drill.verb('end');
});

test('two persons, a wrong role, evidence first', async () => {
    const drill = await begin({ ack: 'two_person', evidence: ['text', 'file'] });
    const look = await asked(drill, 'Look');
    const right = { vars: { zone: 'control' }, person: 'Li' };
    assert.equal(look.needs, 'text file');
    assert.deepEqual(error(await say(drill, look, 'answer', { ...right, role: 'liaison' })),
                     [403, '/role']);
    assert.deepEqual(error(await say(drill, look, 'answer', right)), [409, '/evidence']);
    assert.equal((await say(drill, look, 'answer', right, drill.tokens.green)).status, 404);
    assert.deepEqual(error(await say(drill, look, 'evidence', { form: 'rumour', text: 'x' })),
                     [400, '/form']);
    assert.deepEqual(error(await say(drill, look, 'evidence', { form: 'text' })),
                     [400, '/text']);
    assert.deepEqual(error(await say(drill, look, 'evidence', { form: 'file', data: '!' })),
                     [400, '/data']);
    assert.equal((await say(drill, look, 'evidence', { form: 'text', text: '现场无异常' })).status,
                 200);
    const data = Buffer.from('a log').toString('base64');
    assert.equal((await say(drill, look, 'evidence', { form: 'file', name: 'a.log', data })).status,
                 200);
    const given = (await drill.events()).filter((one) => one.kind === 'step-evidence');
    assert.equal(given.length, 2);
    const kept = join(daemon.data, 'drills', drill.id, 'answers', given[1].payload.hash);
    assert.equal(await readFile(kept, 'utf8'), 'a log');
    assert.deepEqual(error(await say(drill, look, 'confirm', { person: 'Wang' })),
                     [409, '/step']);
    assert.equal((await say(drill, look, 'answer', right)).status, 200);
    const waiting = await asked(drill, 'Look', BLUE, 'confirming');
    assert.equal(waiting.answered_by, `team:${BLUE}/ir_lead/Li`);
    assert.deepEqual(error(await say(drill, look, 'confirm', { person: 'Li' })),
                     [403, '/person']);
    const back = { person: 'Wang', agrees: false, note: '区域有误' };
    assert.equal((await say(drill, look, 'confirm', back)).status, 200);
    assert.equal((await asked(drill, 'Look')).sent_back, '区域有误');
    assert.equal((await say(drill, look, 'answer', right)).status, 200);
    assert.equal((await say(drill, look, 'confirm', { person: 'Wang' })).status, 200);
    assert.equal((await asked(drill, 'Look', BLUE, 'answered')).confirmed_by,
                 `team:${BLUE}/ir_lead/Wang`);
    await drill.verb('end');
});

test('two persons with tokens of their own: a token names its person', async () => {
    const drill = await begin({ ack: 'two_person' });
    const look = await asked(drill, 'Look');
    const hand = (person, token) => drill.post('tokens', { team: BLUE, person }, { token });
    assert.equal((await hand('Li', drill.tokens[BLUE])).status, 403, 'control alone');
    assert.deepEqual(error(await hand('a/b')), [400, '/person']);
    assert.deepEqual(error(await hand('x'.repeat(33))), [400, '/person']);
    assert.deepEqual(error(await drill.post('tokens', { team: 'none', person: 'Li' })),
                     [404, '/team']);
    const li = await hand('Li');
    assert.equal(li.status, 201);
    const { stdout } = await yanwu('token', drill.id, BLUE, '王芳');
    const wang = stdout.trim();
    const vars = { vars: { zone: 'control' } };
    assert.deepEqual(error(await say(drill, look, 'answer', { ...vars, person: 'Li' })),
                     [403, '/person'], 'the team speaks for nobody now');
    assert.deepEqual(error(await say(drill, look, 'answer', { ...vars, person: '王芳' },
                                     li.body.token)), [403, '/person']);
    assert.equal((await say(drill, look, 'answer', vars, li.body.token)).status, 200);
    assert.equal((await asked(drill, 'Look', BLUE, 'confirming')).answered_by,
                 `team:${BLUE}/ir_lead/Li`);
    assert.deepEqual(error(await say(drill, look, 'confirm', {}, li.body.token)),
                     [403, '/person']);
    assert.deepEqual(error(await say(drill, look, 'confirm', { person: 'Zhao' })),
                     [403, '/person']);
    await daemon.end('SIGKILL');
    await daemon.run();
    assert.equal((await say(drill, look, 'confirm', {}, wang)).status, 200);
    assert.equal((await asked(drill, 'Look', BLUE, 'answered')).confirmed_by,
                 `team:${BLUE}/ir_lead/王芳`);
    const anew = (await hand('Li')).body.token;
    assert.notEqual(anew, li.body.token);
    assert.equal((await drill.get('', li.body.token)).status, 401, 'the older has ended');
    assert.equal((await drill.get('', anew)).status, 200);
    await drill.verb('end');
});

test('control steps in, with a reason; teams do not', async () => {
    const drill = await begin();
    const look = await asked(drill, 'Look');
    const step = (body, token = drill.control) =>
        drill.post(`playbooks/${look.run}/control`, { reason: 'as the exercise asks', ...body },
                   { token });
    const refused = async (body, path) =>
        assert.equal((await step(body)).body.error?.path, path, JSON.stringify(body));

    assert.equal((await step({ verb: 'pause' }, drill.tokens[BLUE])).status, 403);
    await refused({ verb: 'pause', reason: '' }, '/reason');
    await refused({ verb: 'hurry' }, '/verb');
    await refused({ verb: 'set', name: 'more', value: 'perhaps' }, '/value');
    await refused({ verb: 'set', name: 'nothing', value: 'x' }, '/name');
    await refused({ verb: 'rewind', step: 'end--1' }, '/step');
    assert.equal((await step({ verb: 'resume' })).status, 409);
    assert.equal((await step({ verb: 'pause' })).status, 200);
    assert.deepEqual(error(await say(drill, look, 'answer', { vars: { zone: 'x' } })),
                     [409, '/step']);
    assert.equal((await step({ verb: 'resume' })).status, 200);
    assert.equal((await step({ verb: 'skip', step: look.step })).status, 200);
    await until('the step is skipped', async () =>
        Object.values((await drill.state()).playbooks[look.run].steps)
            .some((one) => one.step === look.step && one.status === 'skipped'));
    assert.equal((await step({ verb: 'abort' })).status, 200);
    const run = await until('the run is over', async () => {
        const one = (await drill.state()).playbooks[look.run];
        return !one.active && one;
    });
    assert.equal(run.detail, 'as the exercise asks');
    const orders = (await drill.events()).filter((one) => one.kind === 'playbook-controlled');
    assert.deepEqual(orders.map((one) => [one.actor, one.payload.verb]),
                     ['pause', 'resume', 'skip', 'abort'].map((verb) => ['control', verb]));
    const conduct = (...words) => yanwu('playbook', ...words);
    const again = await conduct('start', drill.id, 'branches', BLUE, '--reason', 'once more');
    assert.equal(again.stdout, 'Done.\n');
    await assert.rejects(conduct('start', drill.id, 'branches', BLUE), /--reason: say why/);
    await assert.rejects(conduct('pause', drill.id, String(look.run), '--reason', 'x'), /is over/);
    await until('a second run', async () =>
        Object.values((await drill.state()).playbooks)
            .some((one) => one.team === BLUE && one.run !== look.run && one.active));
    assert.equal((await drill.post('playbooks',
        { team: BLUE, playbook: 'nothing', reason: 'x' })).status, 404);
    await drill.verb('end');
});

test('what a team is asked stands still in a pause, of a red playbook too', async () => {
    const red = 'marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1';
    const drill = await begin({}, (playbook) => Object.assign(playbook, { markings: [red],
        data_marking_definitions: { [red]: { type: 'marking-tlp', id: red, tlpv2_level: 'TLP:RED',
            created: '2022-10-01T00:00:00.000Z', created_by: playbook.created_by } } }));
    const look = await asked(drill, 'Look');
    const step = (verb) => drill.post(`playbooks/${look.run}/control`, { verb, reason: 'x' });
    const mine = async (token = drill.tokens[BLUE]) => Object.values((await drill.state(token)).questions)
        .find((one) => one.name.en === 'Look');
    assert.deepEqual((await drill.state(drill.tokens[BLUE])).playbooks, {}, 'it does not see the run');
    assert.equal((await mine()).paused_ms, undefined);
    assert.equal((await step('pause')).status, 200);
    const still = await until('it stands still', async () => (await mine()).paused_ms !== undefined && mine(), 60000);
    assert.equal(still.deadline_ms, look.deadline_ms);
    await until('the drill goes on', async () =>
        (await drill.state()).clock.drill_ms > still.paused_ms + 1000, 60000);
    assert.equal((await mine()).paused_ms, still.paused_ms);
    assert.equal((await step('resume')).status, 200);
    const later = await until('it goes on', async () => (await mine()).paused_ms === undefined && mine(), 60000);
    assert.ok(later.deadline_ms > look.deadline_ms + 1000, 'by as long as it stood');
    assert.deepEqual(later.deadline_ms, (await mine(undefined)).deadline_ms, 'as control sees it');
    await drill.verb('end');
});

test('a pause of a run is a pause of what it called', async () => {
    const drill = await begin();
    const look = await asked(drill, 'Look');
    const step = (verb, run, name) => drill.post(`playbooks/${run}/control`,
        { verb, reason: 'as the exercise asks', step: name });
    const ongoing = async () => Object.values((await drill.state()).playbooks)
        .filter((one) => one.team === BLUE && one.active);
    const paused = (wanted) => until(`${wanted} are paused`, async () =>
        (await ongoing()).filter((one) => one.paused).length === wanted, 60000);
    assert.equal((await say(drill, look, 'answer', { vars: { zone: 'control' } })).status, 200);
    assert.equal((await say(drill, await asked(drill, 'Watch'), 'answer',
                            { vars: { more: 'false' } })).status, 200);
    assert.equal((await say(drill, await asked(drill, 'Ask the manager'), 'answer',
                            { role: 'leader', vars: { decision: 'true' } })).status, 200);
    const deeper = await asked(drill, 'Write it down');
    assert.notEqual(deeper.run, look.run);
    assert.equal((await step('pause', look.run)).status, 200);
    await paused(2);
    assert.deepEqual(error(await say(drill, deeper, 'answer', { vars: {} })), [409, '/step']);
    await daemon.end('SIGKILL');
    await daemon.run();
    await paused(2);
    assert.equal((await step('resume', look.run)).status, 200);
    await paused(0);
    /* one that control paused by itself stays so */
    assert.equal((await step('pause', deeper.run)).status, 200);
    assert.equal((await step('pause', look.run)).status, 200);
    assert.equal((await step('resume', look.run)).status, 200);
    await paused(1);
    assert.equal((await step('resume', deeper.run)).status, 200);
    assert.equal((await say(drill, deeper, 'answer', { vars: {} })).status, 200);
    await until('both are over', async () => (await ongoing()).length === 0, 60000);
    await drill.verb('end');
});

test('a restart in the middle goes on where it was', async () => {
    const drill = await begin({ ack: 'two_person' });
    const look = await asked(drill, 'Look');
    assert.equal((await say(drill, look, 'answer', { vars: { zone: 'control' }, person: 'Li' }))
        .status, 200);
    await daemon.end('SIGKILL');
    await daemon.run();
    const back = await asked(drill, 'Look', BLUE, 'confirming');
    assert.equal(back.exec, look.exec);
    assert.equal((await say(drill, look, 'confirm', { person: 'Wang' })).status, 200);
    await until('the commands of the next step', async () =>
        await count(drill, 'command-ended') === 2);
    assert.equal(await count(drill, 'command-ordered'), 2);
    await drill.verb('end');
});

/* A playbook of one step: it asks in base64, or calls another. */
const STEP = ['start', 'work', 'end'].map((_, i) => `${i}`);
function small(n, body, head = {}) {
    const id = (type, k) => `${type}--${String(n).padStart(8, '0')}-0000-4000-8000-00000000000${k}`;
    const type = body.playbook_id ? 'playbook-action' : 'action';
    return JSON.stringify({ type: 'playbook', spec_version: 'cacao-2.0', id: id('playbook', 0), name: `p${n}`,
        created_by: id('identity', 9), created: '2026-11-21T00:00:00.000Z', modified: '2026-11-21T00:00:00.000Z',
        playbook_variables: { __who__: { type: 'string', value: 'blue' } },
        workflow_start: id('start', STEP[0]), workflow: {
            [id('start', STEP[0])]: { type: 'start', on_completion: id(type, STEP[1]) },
            [id(type, STEP[1])]: { type, name: `work ${n}`, on_success: id('end', STEP[2]), ...body },
            [id('end', STEP[2])]: { type: 'end' } },
        agent_definitions: { [id('group', 8)]: { type: 'group', name: 'people' } }, ...head });
}
const bookId = (n) => `playbook--${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const asks = (n) => ({ agent: `group--${String(n).padStart(8, '0')}-0000-4000-8000-000000000008`,
    commands: [{ type: 'manual', command_b64: Buffer.from('Is it you, __who__:value?').toString('base64') }] });

async function small_drill(books, head = '') {
    const names = Object.keys(books);
    const scenario = `scenario "calls" { title = { zh = "调用", en = "Calls" }, sector = "water",
        mode = "tabletop", length = "1h" ${head} }
${names.map((name) => `playbook "${name}" { file = "${name}.json", starts_on = answered "nothing" }`).join('\n')}
story(function (s) s:wait "1h" end)
`;
    const files = Object.fromEntries(names.map((name) => [`files/${name}.json`, books[name]]));
    return daemon.create({ speed: 1, teams: [BLUE], pack: { name: 'calls', files: { ...files, 'scenario.lua': scenario } } });
}
const ended = (drill, run) => until(`run ${run} is over`, async () => {
    const one = (await drill.state()).playbooks[run];
    return one && !one.active && one;
}, 60000);
const startBook = (drill, playbook) => drill.post('playbooks', { team: BLUE, playbook, reason: 'a test' });

test('playbooks do not call themselves, nor without end; a pinned version is honoured', async () => {
    const chain = Object.fromEntries(Array.from({ length: 10 }, (_, i) => i + 1).map((n) =>
        [`p${n}`, small(n, n === 10 ? asks(n) : { playbook_id: bookId(n + 1) })]));
    const drill = await small_drill({ ...chain, self: small(20, { playbook_id: bookId(20) }) });
    await drill.run();
    assert.equal((await startBook(drill, 'p1')).status, 200);
    assert.equal((await ended(drill, 1)).ok, false);
    const events = await drill.events();
    assert.equal(events.filter((one) => one.kind === 'playbook-started').length, 8, 'no deeper');
    assert.ok(events.some((one) => one.kind === 'step-ended' &&
        one.payload.detail.includes('too many playbooks call each other')));
    assert.equal((await startBook(drill, 'self')).status, 200);
    assert.equal((await ended(drill, 9)).ok, false);
    assert.ok((await drill.events()).some((one) => one.kind === 'step-ended' &&
        one.payload.detail.includes('the playbook would call itself')));
    await drill.verb('end');
    const pinned = (version) => small_drill({ p1: small(1, { playbook_id: bookId(2), playbook_version: version }),
        p2: small(2, asks(2)) });
    await assert.rejects(pinned('2026-01-01T00:00:00.000Z'),
        /of 2026-01-01T00:00:00.000Z; the exercise has that of 2026-11-21/);
    await (await pinned('2026-11-21T00:00:00.000Z')).verb('end');
});

test('what is not valid on the day of the exercise starts by a logged word alone', async () => {
    const until2027 = { valid_from: '2026-01-01T00:00:00.000Z', valid_until: '2027-01-01T00:00:00.000Z' };
    for (const [head, day, barred] of [[{ revoked: true }, '2026-12-31', 'it is revoked'],
        [until2027, '2027-01-02', 'it is valid no longer'], [until2027, '2026-12-31', ''],
        [until2027, '2025-12-31', 'it is not valid yet']]) {
        const drill = await small_drill({ p1: small(1, asks(1), head) },
            `, rules = { "SAFETY-2007" }, date = "${day} 08:30"`);
        await drill.run();
        assert.equal((await drill.post('playbooks', { team: BLUE, playbook: 'p1' })).status, 400, 'no word');
        assert.equal((await startBook(drill, 'p1')).status, 200);
        const [started] = (await drill.events()).filter((one) => one.kind === 'playbook-started');
        assert.equal(started.payload.override, barred ? 'a test' : '', `${day} ${barred}`);
        assert.equal((await asked(drill, 'work 1')).asks.en, 'Is it you, blue?', 'decoded, then filled in');
        await drill.verb('end');
    }
});
