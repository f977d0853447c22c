/* A whole drill through HTTP alone. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Daemon, newKey, packageOf, PROGRAM, until } from './daemon.mjs';

const run = promisify(execFile);
const SPEED = 60;
let daemon;

before(async () => {
    daemon = await Daemon.start();
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0, 'it ends cleanly');
        assert.deepEqual(daemon.log.filter((line) => /\berror\b/i.test(line)), []);
    }
});

const kinds = async (drill) => (await drill.events()).map((event) => event.kind);
const count = async (drill, kind) => (await kinds(drill)).filter((one) => one === kind).length;
const error = ({ status, body }) => [status, body.error?.code, body.error?.path];

/* The layer of techniques is, byte for byte, what the verb writes of the same journal. */
async function sameLayer(drill) {
    for (const lang of ['zh', 'en']) {
        const answer = await fetch(`${daemon.url}${drill.path}/report?format=navigator&lang=${lang}`,
                                   { headers: { Authorization: `Bearer ${daemon.control}` } });
        const served = await answer.text();
        const { stdout } = await run(PROGRAM, ['report', drill.id, '--navigator', '--lang', lang,
            '--data', daemon.data]);
        assert.equal(answer.status, 200, served);
        assert.equal(answer.headers.get('content-type'), 'application/json');
        assert.equal(served, stdout);
        const layer = JSON.parse(served);
        assert.equal(layer.versions.layer, '4.5');
        assert.ok(layer.techniques.some((one) => one.techniqueID === 'T0836'), served);
    }
}

test('create, up, start, answer, act, report, rule, pause, end, report, down', async (t) => {
    const drill = await daemon.create({ speed: SPEED });
    const [quick, slow] = [drill.tokens['blue-quick'], drill.tokens['blue-slow']];
    let question;

    await t.test('what is not yet possible is refused and leaves no trace', async () => {
        assert.equal(await drill.phase(), 'planned');
        const before = (await drill.events()).length;
        for (const verb of ['start', 'pause', 'resume']) {
            assert.equal((await drill.verb(verb)).status, 409, verb);
        }
        assert.equal((await drill.events()).length, before);
        const plan = (await drill.get('/plan')).body;
        assert.equal(Object.keys(plan.machines).length, 6);
    });

    await t.test('up and start', async () => {
        const up = await drill.verb('up');
        assert.deepEqual([up.status, up.body.phase], [200, 'ready']);
        assert.equal((await drill.verb('up')).status, 409, 'not twice');
        const start = await drill.verb('start');
        assert.deepEqual([start.status, start.body.phase], [200, 'running']);
        const { machines } = await drill.state();
        for (const team of ['blue-quick', 'blue-slow']) {
            assert.deepEqual(Object.values(machines[team]).map((one) => one.state),
                             ['serving', 'serving', 'serving']);
        }
    });

    await t.test('a question: the wrong role, team, token, variable, then right', async () => {
        question = await drill.question('blue-quick');
        assert.equal(question.role, 'ir_lead');
        assert.deepEqual(error(await drill.answer(question, { role: 'operator' })),
                         [403, 'denied', '/role']);
        assert.equal((await drill.answer(question, { token: slow })).status, 404);
        assert.equal((await drill.answer(question, { token: drill.control })).status, 403);
        assert.equal((await drill.answer(question, { token: null })).status, 401);
        assert.equal((await drill.answer(question, { token: 'wrong' })).status, 401);
        for (const [vars, path] of [
            [{ tampered: 'perhaps', source: 'x' }, '/vars/tampered'],
            [{ tampered: 'true' }, '/vars/source'],
            [{ tampered: 'true', source: 'x', more: 'y' }, '/vars/more'],
            [{ tampered: true, source: 'x' }, '/vars/tampered'],
        ]) {
            const answer = await drill.answer(question, { vars });
            assert.deepEqual([answer.status, answer.body.error.path], [400, path]);
        }
        assert.equal(await count(drill, 'step-answered'), 0);
        assert.equal((await drill.answer({ ...question, run: 999 })).status, 404);
        const right = await drill.answer(question);
        assert.equal(right.status, 200);
        const event = (await drill.events()).find((one) => one.seq === right.body.seq);
        assert.equal(event.kind, 'step-answered');
        assert.equal((await drill.answer(question)).status, 409, 'it is no longer open');
        assert.equal(await count(drill, 'step-answered'), 1);
    });

    await t.test('the playbook cuts the intruder off and the points say why', async () => {
        const own = await until('the jump host to be cut off', async () => {
            const state = await drill.state();
            return state.machines['blue-quick'].jump.link === 'down' && state;
        });
        assert.equal(own.machines['blue-slow'].jump.link, 'up', 'the other team is untouched');
        await until('points', async () => (await drill.state()).teams['blue-quick'].points > 150);
        const why = (await drill.get('/why?team=blue-quick', null)).body;
        assert.match(JSON.stringify(why), /"contained"/);
        assert.equal((await drill.get('/why?team=nobody', null)).status, 404);
    });

    await t.test('a team operates its own panel and nothing else', async () => {
        const act = (machine, argv, token = quick) =>
            drill.post('actions', { machine, argv }, { token });
        const done = await act('hmi1', ['operate', 'set-point', '100']);
        assert.deepEqual([done.status, done.body.exit], [200, 0]);
        assert.match(done.body.output, /"new":100/);
        const scan = ['modbus', 'scan', '10.20.2.0/24'];
        assert.equal((await act('plc1', scan)).status, 403);
        assert.equal((await act('jump', scan)).status, 404, 'a hidden machine is not there');
        assert.equal((await act('hmi1', ['sh', '-c', 'id'])).status, 403);
        assert.equal((await act('hmi9', ['operate', 'set-point', '1'])).status, 404);
        assert.equal((await act('hmi1', [])).status, 400);
        assert.equal((await act('hmi1', ['operate', 'set-point', '1'], drill.control)).status, 403);
    });

    await t.test('reports and rulings', async () => {
        const report = await drill.post('reports', { text: '40 号寄存器被改写，已恢复。' },
                                        { token: quick });
        assert.equal(report.status, 200);
        assert.equal((await drill.post('reports', { text: '' }, { token: quick })).status, 400);
        const before = (await drill.state()).teams['blue-slow'].points;
        const ruling = await drill.post('rulings',
            { team: 'blue-slow', points: -20, reason: '未按时上报' });
        assert.equal(ruling.status, 200);
        assert.equal((await drill.state()).teams['blue-slow'].points, before - 20);
        const lines = JSON.stringify((await drill.get('/why?team=blue-slow', null)).body);
        assert.match(lines, /未按时上报/);
        assert.match(lines, new RegExp(`\\b${ruling.body.seq}\\b`));
        for (const [body, path] of [
            [{ team: 'blue-slow', points: 1.5, reason: 'x' }, '/points'],
            [{ team: 'blue-slow', points: 5, reason: '' }, '/reason'],
            [{ team: 'blue-slow', points: 5 }, '/reason'],
        ]) {
            const refused = await drill.post('rulings', body);
            assert.deepEqual(error(refused), [400, 'invalid', path]);
        }
        assert.equal((await drill.post('rulings',
            { team: 'nobody', points: 5, reason: 'x' })).status, 404);
        assert.equal((await drill.post('rulings',
            { team: 'blue-slow', points: 5, reason: 'x' }, { token: slow })).status, 403);
    });

    await t.test('a pause stops the drill clock, and teams cannot pause', async () => {
        assert.equal((await drill.post('pause', { reason: 'x' }, { token: slow })).status, 403);
        assert.equal((await drill.verb('pause', '核对记录')).body.phase, 'paused');
        assert.equal((await drill.post('clock', { speed: 30 })).status, 200);
        const at = await until('the clock to stand', async () => {
            const { clock } = await drill.state();
            return clock.running ? null : clock;
        });
        await new Promise((done) => setTimeout(done, 300));
        assert.equal((await drill.state()).clock.drill_ms, at.drill_ms);
        assert.equal((await drill.verb('resume')).body.phase, 'running');
        await until('the clock to run', async () => (await drill.state()).clock.running);
        assert.equal((await drill.state()).clock.speed, 30);
        assert.deepEqual(error(await drill.post('clock', { speed: 0 })), [400, 'invalid', '/speed']);
        assert.deepEqual(error(await drill.post('clock', { speed: 1001 })),
                         [400, 'invalid', '/speed']);
    });

    await t.test('end, the report in both languages and forms, down', async () => {
        assert.equal((await drill.verb('end', '目标已达成')).body.phase, 'ended');
        assert.equal((await drill.post('actions', { machine: 'hmi1',
            argv: ['operate', 'set-point', '1'] }, { token: quick })).status, 409);
        for (const lang of ['zh', 'en']) {
            for (const format of ['md', 'html']) {
                const { status, body } = await drill.get(`/report?lang=${lang}&format=${format}`);
                assert.equal(status, 200);
                assert.match(body, lang === 'zh' ? /得分依据/ : /ruling|Ruling/);
                assert.match(body, /未按时上报/, 'what people wrote stands as they wrote it');
                assert.match(body, /#\d+/);
                assert.equal(/<script/i.test(body), false);
            }
        }
        await sameLayer(drill);
        assert.equal((await drill.get('/report?format=navigator', quick)).status, 403);
        assert.equal((await drill.get('/report?lang=fr')).status, 400);
        assert.equal((await drill.get('/report?format=pdf')).status, 400);
        assert.equal((await drill.get('/report', quick)).status, 403);
        assert.equal((await drill.verb('down')).body.phase, 'archived');
        const { machines } = await drill.state();
        assert.deepEqual(Object.values(machines).flatMap((team) => Object.values(team))
            .filter((one) => one.state !== 'down').map((one) => one.state), []);
        assert.equal((await drill.verb('up')).status, 409);
    });
});

test('a repeated key: the same answer, one event, whatever became possible since', async () => {
    const drill = await daemon.create({ speed: SPEED });
    await drill.run();
    const token = drill.tokens['blue-slow'];
    const twice = async (rest, body, options) => {
        const key = newKey();
        const before = (await drill.events()).length;
        const first = await drill.post(rest, body, { ...options, key });
        const grown = (await drill.events()).filter((one) => one.key === key).length;
        const second = await drill.post(rest, body, { ...options, key });
        assert.deepEqual(second.body, first.body, rest);
        assert.equal(second.status, first.status, rest);
        assert.equal(first.status, 200, rest);
        assert.ok((await drill.events()).length > before);
        assert.equal((await drill.events()).filter((one) => one.key === key).length, grown, rest);
    };
    await twice('rulings', { team: 'blue-slow', points: 7, reason: '值守台账完整' });
    await twice('reports', { text: 'Alarm on the dosing line.' }, { token });
    await twice('actions', { machine: 'hmi1', argv: ['operate', 'set-point', '90'] }, { token });
    await twice('pause', { reason: 'twice' });
    await twice('resume', { reason: 'twice' });
    const question = await drill.question('blue-slow');
    await twice(`questions/${question.run}/answer`, { step: question.step, role: 'ir_lead',
        vars: { tampered: 'true', source: '10.20.2.66' } }, { token });
    assert.equal((await drill.state()).teams['blue-slow'].points % 1, 0);
    assert.equal((await kinds(drill)).filter((kind) => kind === 'ruling').length, 1);
    assert.equal(await count(drill, 'step-answered'), 1);
    await twice('end', { reason: 'twice' });
    await twice('down', { reason: 'twice' });
});

test('two requests with one key at the same moment make one event', async () => {
    const drill = await daemon.create({ speed: SPEED });
    await drill.run();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => drill.post('rulings',
        { team: 'blue-quick', points: 3, reason: 'at once' }, { key })));
    assert.equal(await count(drill, 'ruling'), 1);
    assert.equal((await drill.state()).teams['blue-quick'].points, 3);
    const good = answers.filter(({ status }) => status === 200);
    assert.ok(good.length >= 1);
    good.forEach(({ body }) => assert.deepEqual(body, good[0].body));
    answers.filter(({ status }) => status !== 200).forEach(({ status }) =>
        assert.equal(status, 409, 'still under way'));
    await drill.verb('down');
});

test('a key belongs to one caller and one request', async () => {
    const drill = await daemon.create({ speed: SPEED });
    await drill.run();
    const key = newKey();
    const quick = await drill.post('reports', { text: 'Ours' },
                                   { token: drill.tokens['blue-quick'], key });
    const slow = await drill.post('reports', { text: 'Theirs' },
                                  { token: drill.tokens['blue-slow'], key });
    assert.equal(quick.status, 200);
    assert.equal(slow.status, 200);
    assert.notEqual(slow.body.seq, quick.body.seq, 'another team may choose the same key');
    assert.equal(await count(drill, 'report-filed'), 2);
    await drill.verb('down');
});

test('created twice with one key is created once, with the same tokens', async () => {
    const key = newKey();
    const first = await daemon.create({ speed: SPEED });
    await first.verb('down');
    
    const body = { ...await packageOf(), teams: ['a'], seed: 1, speed: 1 };
    const ask = () => daemon.ask('POST', '/api/v1/drills', { token: daemon.control, key, body });
    const [one, two] = [await ask(), await ask()];
    assert.equal(one.status, 201);
    assert.deepEqual(two, one);
    await daemon.ask('POST', `/api/v1/drills/${one.body.id}/down`,
                     { token: daemon.control, body: { reason: 'x' } });
});
