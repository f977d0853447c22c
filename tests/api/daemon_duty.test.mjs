/* Duties through HTTP: who may enter what, what each sees, what a restart keeps. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { Sitter } from './console.mjs';
import { Daemon, newKey, packageOf, until } from './daemon.mjs';

const PATIENCE_MS = 90000;
let daemon;
let drill;
let county;
let blue;
let green;

const SCENARIO = `
scenario "duty-api" {
  title = { zh = "报告", en = "Reports" }, sector = "water", length = "3h", resets = 3,
  rules = { "CAC-REPORT-2025", "CQ-DRAFT-2020" }, region = "CN-CQ", date = "2026-11-20 08:30",
}
local control = network "control" { cidr = "10.20.2.0/24" }
local works = plant "works" { model = "water-dosing" }
machine "plc1" { image = "plc", at = { control ".11" }, field = works, program = "files/dosing.st", important = true, console = true }
machine "ews" { image = "attacker", at = { control ".31" } }
tier "enterprise" { people = true, roles = { "ir_lead", "reporter" } }
tier "county" { people = true, roles = { "duty_officer", "director" }, leader = "director" }
playbook "intake" { file = "report-received.json", office = "county" }
tier "city" { receives = "1s", relays = "1s" }
limit "county-first" { duty = "CQ.LADDER.1", within = "20m" }
story(function (s) s:wait "3h" end)
`;

const code = ({ status, body }) => [status, body.error?.code];
const enter = (noun, body, options) => drill.post(`duty/${noun}`, body, options);
const duty = async (token) => (await drill.state(token)).duty;
const report = { form: 'cac_art7', to: 'county_jingxin', role: 'reporter', grade: 2,
    items: { 1: '水厂', 2: '08:30' }, claims: { people_affected: '120000' } };

before(async () => {
    daemon = await Daemon.start();
    const pack = await packageOf();
    delete pack.files['rehearsal.lua'];
    pack.files['scenario.lua'] = SCENARIO;
    drill = await daemon.create({ speed: 1, pack, teams: ['blue', 'green'] });
    [blue, green] = [drill.tokens.blue, drill.tokens.green];
    county = drill.offices.county;
    await drill.run();
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0, 'it ends cleanly');
    }
});

test('only offices that people play have a token, and it opens nothing else', async () => {
    assert.deepEqual(Object.keys(drill.offices), ['county']);
    for (const [path, body] of [['resets', {}], ['exec', { team: 'blue', machine: 'plc1', argv: ['x'] }],
        ['stop', { reason: 'x' }], ['rulings', { team: 'blue', points: 1, reason: 'x' }],
        ['reports', { text: 'x' }], ['actions', { machine: 'hmi1', argv: ['operate', 'x'] }]]) {
        assert.equal((await drill.post(path, body, { token: county })).status, 403, path);
    }
    assert.equal((await drill.get('/journal', county)).status, 403);
    const state = await drill.state(county);
    assert.equal(state.machines, undefined);
    assert.deepEqual([state.questions, state.playbooks], [{}, {}], 'its own, and there are none yet');
    assert.ok(state.duty.tiers.county.people);
    assert.equal((await drill.state(null)).duty, undefined, 'nothing for the public');
});

test('who enters what is checked, and what it says', async () => {
    const denied = [
        ['metric', { metric: 'deaths', value: '1' }, blue], ['grade', { grade: 2 }, county],
        ['receipt', { report: 1 }, blue], ['period', { state: 'CQ.KEYPERIOD', on: true }, blue],
        ['report', { ...report, role: 'janitor' }, blue], ['verdict', { fault: 'x', verdict: 'upheld' }, blue],
        ['incident', { mark: 'occurred', hidden: true, role: 'ir_lead' }, blue],
        ['report', { ...report, from: 'county_jingxin' }, blue],
    ];
    for (const [noun, body, token] of denied) {
        assert.deepEqual(code(await enter(noun, body, { token })), [403, 'denied'], noun);
        assert.equal((await enter(noun, body, { token: null })).status, 401, noun);
    }
    const wrong = [
        ['report', { ...report, form: 'cac_art8' }, /cac_art7|cac_art8_summary/],
        ['report', { ...report, to: 'county_jinxin' }, /did you mean 'county_jingxin'/],
        ['report', { ...report, items: { 9: 'x' } }, /items 1 to 8/],
        ['report', { ...report, claims: { people_affected: 'many' } }, /expected a number/],
        ['report', { ...report, tiers: 31 }, /unknown member/],
        ['report', { ...report, relays: 1 }, /does not pass on/],
        ['incident', { mark: 'dicovered', role: 'ir_lead' }, /no 'dicovered'/],
        ['grade', { grade: 5, role: 'ir_lead' }, /1 .* to 4/],
        ['report', { ...report, to: '' }, /goes to somebody/],
    ];
    for (const [noun, body, says] of wrong) {
        const answer = await enter(noun, body, { token: blue });
        assert.equal(answer.status, 400, `${noun} ${says}`);
        assert.match(answer.body.error.message, says);
    }
    assert.equal((await enter('raport', {}, { token: blue })).status, 404);
    assert.match((await enter('raport', {}, { token: blue })).body.error.message, /report/);
});

test('a report is seen by whom it goes to, received once, and passed on', async () => {
    assert.equal((await enter('incident', { mark: 'discovered', role: 'ir_lead' }, { token: blue })).status, 200);
    const key = newKey();
    const sent = await enter('report', report, { token: blue, key });
    assert.equal(sent.status, 200);
    assert.deepEqual((await enter('report', report, { token: blue, key })).body, sent.body, 'once');
    const number = String(sent.body.seq);
    const inbox = (await duty(county)).teams.blue.reports;
    assert.deepEqual(Object.keys(inbox), [number]);
    assert.equal(inbox[number].items[1], '水厂');
    assert.equal((await drill.state(green)).duty.teams.blue, undefined);
    const relay = { to: 'city_jingxin', role: 'duty_officer' };
    assert.equal((await enter('report', relay, { token: county })).status, 404, 'nothing is received yet');
    assert.equal((await enter('receipt', { role: 'duty_officer' }, { token: county })).status, 200,
        'the oldest that waits');
    assert.equal((await enter('receipt', { report: sent.body.seq, role: 'duty_officer' },
        { token: county })).status, 409);
    assert.equal((await enter('receipt', { role: 'duty_officer' }, { token: county })).status, 404);
    assert.equal((await enter('report', { ...relay, relays: sent.body.seq + 1 }, { token: county })).status, 404);
    const passed = await enter('report', relay, { token: county });
    assert.equal(passed.status, 200);
    const told = (await duty()).teams.blue.reports[passed.body.seq];
    assert.deepEqual([told.from, told.relays, told.items, told.claims, told.grade],
        ['county_jingxin', sent.body.seq, report.items, report.claims, 2], 'as it was told');
    assert.equal((await enter('report', relay, { token: county })).status, 404, 'and once');
    const own = (await duty(blue)).teams.blue;
    assert.ok(own.reports[number].received.county.at_ms >= own.reports[number].at_ms);
    assert.deepEqual(Object.keys(own.reports), [number], 'what offices tell each other is theirs');
    await until('the city by itself', async () => Object.values((await duty()).teams.blue.reports)
        .some((one) => one.from === 'city_jingxin' && one.relays > 0), PATIENCE_MS);
});

const question = (name, state = 'open', token = county) => until(name, async () =>
    Object.values((await drill.state(token)).questions ?? {})
        .find((one) => one.name.en === name && one.state === state), PATIENCE_MS);

test('a report starts the plan of the office that it comes to, and nobody else works on it', async () => {
    const note = await question('Take note of the report');
    assert.deepEqual([note.office, note.team, note.role], ['county', '', 'duty_officer']);
    assert.match(note.asks.zh, /blue/, 'who reports');
    const answer = { step: note.step, role: 'duty_officer', vars: {} };
    const at = (what, run = note.run) => `questions/${run}/${what}`;
    assert.equal((await drill.post(at('answer'), answer, { token: blue })).status, 404, 'a team');
    assert.equal((await drill.post(at('answer'), answer, { token: green })).status, 404);
    assert.equal((await drill.post(at('answer'), answer, { token: null })).status, 401);
    assert.equal((await drill.post(at('answer'), answer)).status, 403, 'control has a role of its own');
    assert.deepEqual(code(await drill.post(at('answer'), { ...answer, role: 'director' }, { token: county })),
        [403, 'denied'], 'a wrong role');
    assert.equal((await drill.post(at('answer'), answer, { token: county })).status, 409, 'proof is missing');
    const proof = { step: note.step, role: 'duty_officer', form: 'text', text: '08:41 电话接报' };
    assert.equal((await drill.post(at('evidence'), proof, { token: blue })).status, 404);
    assert.equal((await drill.post(at('evidence'), proof, { token: county })).status, 200);
    assert.equal((await drill.post(at('answer'), answer, { token: county })).status, 200);
    const verify = await question('Verify the report');
    const found = { step: verify.step, role: 'duty_officer', vars: { confirmed: 'true', grade: '5' } };
    assert.match((await drill.post(at('answer'), found, { token: county })).body.error.message, /at most 4/);
    found.vars.grade = '2';
    assert.equal((await drill.post(at('answer'), found, { token: county })).status, 200);
    const own = await drill.state(blue);
    assert.ok(!Object.values(own.playbooks).some((run) => run.office !== undefined));
    assert.ok(!Object.values(own.questions).some((one) => one.office !== undefined));
    assert.equal((await drill.get(`/runs/${note.run}/export?format=md`, county)).status, 200);
    assert.equal((await drill.get(`/runs/${note.run}/export?format=md`, blue)).status, 404);
});

test('people of an office have names, and its leader confirms what another did', async () => {
    assert.equal((await drill.post('tokens', { team: '@city', person: 'wu' })).status, 404, 'a desk of the system');
    assert.equal((await drill.post('tokens', { team: '@moon', person: 'wu' })).status, 404);
    const token = async (person) => (await drill.post('tokens', { team: '@county', person })).body.token;
    const [wang, li] = [await token('wang'), await token('li')];
    const pass = await question('Pass the report on');
    assert.deepEqual([pass.ack, pass.confirms], ['tier_leader', 'director'], 'as the scenario says');
    const say = (what, body, by) => drill.post(`questions/${pass.run}/${what}`,
        { step: pass.step, role: 'duty_officer', ...(what === 'answer' && { vars: {} }), ...body }, { token: by });
    assert.match((await say('answer', {}, county)).body.error.message, /tokens of their own/);
    assert.equal((await say('evidence', { form: 'text', text: '09:02 已转报' }, wang)).status, 200);
    assert.equal((await say('answer', { person: 'li' }, wang)).status, 403, 'in another name');
    assert.equal((await say('answer', {}, wang)).status, 200);
    assert.deepEqual(code(await say('confirm', { agrees: true }, li)), [403, 'denied'], 'a wrong role');
    assert.equal((await say('confirm', { agrees: true, role: 'leader' }, li)).status, 403, 'who has another name here');
    assert.equal((await say('confirm', { agrees: true, role: 'director' }, blue)).status, 404);
    assert.equal((await say('confirm', { agrees: true, role: 'director' }, li)).status, 200);
    const told = (await drill.events()).filter((one) => one.payload.run === pass.run && one.payload.step === pass.step);
    const actor = (kind) => told.find((one) => one.kind === kind).actor;
    assert.equal(actor('step-answered'), 'office:county/duty_officer/wang');
    assert.equal(actor('step-confirmed'), 'office:county/director/li');
    assert.equal((await question('Give instructions', 'open', wang)).role, 'director');
    assert.equal((await enter('warning', { team: 'green', level: 'blue',
        title: { zh: '提示', en: 'a hint' } }, { token: li })).status, 200);
    assert.equal((await drill.events()).findLast((one) => one.kind === 'warning-issued').actor, 'office:county/li');
});

test('clocks run by what each may know, and a fault is disputed and ruled on', async () => {
    assert.equal((await enter('metric', { team: 'blue', metric: 'people_affected', value: '120000' })).status, 200);
    assert.equal((await enter('fact', { team: 'blue', metric: 'direct_loss_cny' })).status, 200);
    assert.equal((await enter('metric', { team: 'blue', metric: 'direct_loss_cny', value: '6000000' })).status, 200);
    const first = 'CQ.LADDER.1:enterprise:county_jingxin';
    assert.equal((await duty(blue)).teams.blue.clocks[first].state, 'met');
    assert.ok((await duty(blue)).teams.blue.clocks[first].house, 'no law: the house');
    assert.equal((await enter('report', { ...report, to: 'cac_provincial' }, { token: blue })).status, 200);
    const faults = (await duty()).teams.blue.faults;
    const concealed = Object.keys(faults).find((name) => faults[name].code === 'CONCEAL');
    assert.ok(concealed, JSON.stringify(faults));
    assert.equal(faults[concealed].truth, '6000000');
    assert.deepEqual((await duty(blue)).teams.blue.faults, {}, 'it does not know of it');
    const dispute = { fault: concealed, role: 'ir_lead', reason: '当时未核实' };
    const verdict = { team: 'blue', fault: concealed, reason: '日志已载明' };
    assert.equal((await enter('verdict', { ...verdict, verdict: 'served' })).status, 200);
    assert.equal((await duty(blue)).teams.blue.faults[concealed].verdict, 'served');
    assert.equal((await duty(blue)).teams.blue.faults[concealed].truth, undefined);
    assert.equal((await enter('dispute', { ...dispute, fault: 'LATE:x:1' }, { token: blue })).status, 404);
    assert.equal((await enter('dispute', dispute, { token: blue })).status, 200);
    assert.equal((await enter('verdict', { ...verdict, verdict: 'dismissed' })).status, 200);
    assert.equal((await duty()).teams.blue.faults[concealed].disputed, true);
    assert.equal((await duty()).teams.blue.faults[concealed].verdict, 'dismissed');
});

test('presence checks, warnings and a freeze', async () => {
    assert.equal((await enter('check', { team: 'green' })).status, 200);
    const [asked] = Object.values((await duty(green)).teams.green.checks);
    const answer = { check: asked.check, officer: 'li' };
    assert.equal((await enter('presence', answer, { token: blue })).status, 404, 'not its own');
    assert.equal((await enter('presence', answer, { token: green })).status, 200);
    assert.equal((await enter('presence', answer, { token: green })).status, 409);
    assert.equal((await enter('warning', { level: 'orange', title: { zh: '漏洞', en: 'a flaw' },
        source: 'miit' })).status, 200, 'to all');
    const [warning] = Object.values((await duty(blue)).teams.blue.warnings);
    assert.equal(warning.level, 'orange');
    assert.equal((await enter('warning-answer', { warning: warning.warning, answer: 'maybe' },
        { token: blue })).status, 400);
    assert.equal((await enter('warning-answer', { warning: warning.warning, answer: 'receipt', role: 'reporter' },
        { token: blue })).status, 200);
    assert.equal(Object.values((await duty()).teams.blue.warnings)[0].answers !== undefined, true);
    assert.equal((await enter('period', { state: 'CQ.KEYPERIOD', on: true, freeze: true })).status, 200);
    const reset = (body) => drill.post('resets', { machine: 'plc1', ...body }, { token: blue });
    assert.deepEqual(code(await reset({})), [403, 'denied']);
    assert.equal((await reset({ reason: '控制器失控' })).status, 200);
    assert.ok(Object.values((await duty(blue)).teams.blue.faults)
        .some((fault) => fault.code === 'FROZEN_CHANGE'));
});

test('in a freeze consoles only show, and a change by the network is found', async () => {
    const seat = await Sitter.open(drill, 'plc1', { token: green });
    assert.equal(seat.hello.mode, 'view');
    seat.close();
    const turned = await drill.post('exec', { team: 'green', machine: 'ews',
        argv: ['engineering', 'mode', '10.20.2.11', '1111', 'program'] });
    assert.equal(turned.body.exit, 0, JSON.stringify(turned.body));
    const found = await until('the fault', async () => Object.values((await duty(green)).teams.green.faults)
        .find((fault) => fault.code === 'FROZEN_CHANGE'), PATIENCE_MS);
    const [told] = (await drill.events()).filter((one) => one.kind === 'change-frozen' && one.actor === 'core');
    assert.deepEqual([told.payload.machine, told.payload.what, told.payload.reason],
        ['plc1', 'mode', 'from 10.20.2.31']);
    assert.equal(found.seq, told.seq, 'its evidence');
    assert.equal((await enter('period', { state: 'CQ.KEYPERIOD', on: false })).status, 200);
    const free = await Sitter.open(drill, 'plc1', { token: green });
    assert.equal(free.hello.mode, 'type');
    free.close();
});

test('each recipient of a warning answers for itself', async () => {
    const { warning } = (await enter('warning', { level: 'red', title: { zh: '勒索', en: 'ransom' } })).body;
    const mine = async (token, team) => Object.values((await duty(token)).teams[team].warnings)
        .find((one) => one.level === 'red');
    const number = warning ?? (await mine(blue, 'blue')).warning;
    for (const answer of ['receipt', 'self-check', 'rectification']) {
        assert.equal((await enter('warning-answer', { warning: number, answer, role: 'reporter', text: answer },
            { token: blue })).status, 200, answer);
    }
    assert.equal((await enter('warning-answer', { warning: number, answer: 'receipt', role: 'reporter' },
        { token: green })).status, 200);
    assert.deepEqual(Object.values((await mine(blue, 'blue')).answers).map((one) => one.answer),
        ['receipt', 'self-check', 'rectification']);
    assert.deepEqual(Object.values((await mine(green, 'green')).answers).map((one) => one.answer), ['receipt']);
});

test('a warning is for offices too: each answers, and enterprises see their own alone', async () => {
    const text = { level: 'yellow', title: { zh: '漏洞通报', en: 'a flaw at large' } };
    assert.deepEqual(code(await enter('warning', { ...text, to: 'county province' })), [400, 'invalid'],
        'no such office here');
    assert.deepEqual(code(await enter('warning', { ...text, to: 'village' })), [400, 'invalid']);
    assert.equal((await enter('warning', { ...text, to: 'county city enterprise' })).status, 200);
    const yellow = async (token) => Object.values((await duty(token)).teams.blue.warnings)
        .find((one) => one.level === 'yellow');
    const { warning, to } = await yellow(county);
    assert.equal(to, 'county city enterprise');
    for (const [token, role] of [[county, 'duty_officer'], [blue, 'reporter'], [green, 'reporter']]) {
        assert.equal((await enter('warning-answer', { warning, answer: 'receipt', role }, { token })).status, 200);
    }
    await until('the city, which acts by itself', async () =>
        Object.values((await yellow()).answers).some((one) => one.by === 'city'));
    const by = async (token) => Object.values((await yellow(token)).answers).map((one) => one.by).sort();
    assert.deepEqual(await by(), ['city', 'county', 'enterprise']);
    assert.deepEqual(await by(county), ['city', 'county', 'enterprise']);
    assert.deepEqual(await by(blue), ['enterprise']);
    const before = (await duty()).teams.blue.anchors;
    assert.equal((await enter('warning', { ...text, level: 'blue', to: 'county' })).status, 200);
    assert.equal(Object.values((await duty(blue)).teams.blue.warnings).some((one) => one.to === 'county'), false);
    assert.deepEqual((await duty()).teams.blue.anchors, before, 'none of its clocks start');
    const other = Object.values((await duty(county)).teams.blue.warnings).find((one) => one.to === 'county');
    assert.deepEqual(code(await enter('warning-answer', { warning: other.warning, answer: 'receipt',
        role: 'reporter' }, { token: blue })), [404, 'not-found']);
});

test('what law was applied is in the journal', async () => {
    const [plan] = (await drill.events()).filter((one) => one.kind === 'duty-planned');
    for (const name of ['CAC-REPORT-2025', 'CQ-DRAFT-2020', 'names', 'calendar']) {
        const file = `${name}.json`;
        const text = await readFile(new URL(`../../playbooks/rules/${file}`, import.meta.url));
        const digest = createHash('sha256').update(text).digest('hex');
        assert.equal(plan.payload.digests[plan.payload.digests[name] ? name : file], digest, name);
    }
    assert.equal((await duty()).differs, undefined);
});

test('a daemon killed in the middle knows all of it again', async () => {
    const before = (await duty()).teams;
    await daemon.end('SIGKILL');
    await daemon.run();
    const again = await until('the drill', async () => {
        const answer = await drill.get();
        return answer.status === 200 && answer.body.drill.phase === 'running' && answer.body;
    }, PATIENCE_MS);
    for (const team of ['blue', 'green']) {
        for (const part of ['reports', 'faults', 'checks', 'warnings', 'anchors', 'grades']) {
            assert.deepEqual(again.duty.teams[team][part], before[team][part], `${team} ${part}`);
        }
    }
    assert.equal((await drill.state(county)).duty.teams.blue.reports !== undefined, true, 'its token too');
});
