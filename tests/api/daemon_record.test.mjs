/* The record of a run: as a CACAO file, as a timeline, as a picture, and for whom its marking is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Daemon, ROOT, packageOf, until } from './daemon.mjs';

const BLUE = 'blue';
const RED = 'marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1';
const RECORD = 'extension-definition--0c7d4a52-6e0b-4f0d-9a3e-5b1f2c8d7e64';
let daemon;
let folder;

before(async () => {
    daemon = await Daemon.start();
    folder = await mkdtemp(join(tmpdir(), 'yw-record-'));
});
after(async () => {
    await rm(folder, { recursive: true, force: true });
    if (daemon) {
        assert.equal(await daemon.close(), 0, 'it ends cleanly');
    }
});

const yanwu = (...words) => promisify(execFile)(process.env.YW_PROGRAM, words,
    { env: { ...process.env, YW_LANG: 'en' } });

/* The findings of the profile strict, as codes. */
async function findings(name, text) {
    const path = join(folder, name);
    await writeFile(path, text);
    const { stdout } = await yanwu('playbook', 'check', '--json', path)
        .catch((failure) => failure);
    return JSON.parse(stdout).findings.map((one) => one.code);
}

/* The playbook of the sweeps, altered, begun for two teams. */
async function begin(change = () => {}) {
    const pack = await packageOf(join(ROOT, 'tests/sim/branches'));
    const playbook = JSON.parse(pack.files['files/branches.json']);
    Object.values(playbook.workflow).forEach((step) => {
        step.timeout = step.timeout ? 3600000 : undefined;
    });
    change(playbook);
    pack.files['files/branches.json'] = JSON.stringify(playbook);
    const drill = await daemon.create({ pack, teams: [BLUE, 'green'], speed: 1 });
    await drill.run();
    return { drill, source: pack.files['files/branches.json'] };
}

const asked = (drill, name, token, team = BLUE) => until(`${team} is asked ${name}`, async () =>
    Object.values((await drill.state(token)).questions ?? {})
        .find((one) => one.team === team && one.name.en === name && one.state === 'open'), 60000);

/* Answers everything that the team is asked, until its run is over; the number of the run. */
async function playThrough(drill) {
    const words = { Look: { zone: 'control' }, Watch: { more: 'false' } };
    const run = await until('the run is over', async () => {
        const state = await drill.state();
        const open = Object.values(state.questions ?? {})
            .filter((one) => one.team === BLUE && one.state === 'open');
        for (const one of open) {
            const fields = Object.values(one.fields ?? {});
            const vars = words[one.name.en] ??
                Object.fromEntries(fields.map((field) => [field.name, 'true']));
            await drill.answer(one, { vars });
        }
        return Object.values(state.playbooks)
            .find((one) => one.team === BLUE && !one.caller && !one.active);
    }, 90000);
    return run.run;
}

test('a run as a CACAO file: sound, of its own name, with the state of each step', async () => {
    const { drill, source } = await begin();
    const run = await playThrough(drill);
    const path = `/runs/${run}/export`;
    const { status, body } = await drill.get(path);
    assert.equal(status, 200);
    assert.deepEqual(await findings('record.json', JSON.stringify(body)),
                     await findings('source.json', source));
    const original = JSON.parse(source);
    assert.deepEqual(body.derived_from, [original.id]);
    assert.notEqual(body.id, original.id);
    assert.deepEqual(body.workflow, original.workflow);
    const record = body.playbook_extensions[RECORD];
    assert.equal(record.playbook_id, original.id);
    assert.deepEqual([record.drill, record.team, record.run, record.status],
                     [drill.id, BLUE, run, 'successfully_executed']);
    assert.equal(record.variables.zone, 'control');
    const started = (await drill.events()).filter((one) => one.kind === 'step-started' &&
        one.payload.run === run);
    assert.deepEqual(record.statuses.map((one) => one.workflow_step),
                     started.map((one) => one.payload.step));
    const look = record.statuses.find((one) =>
        original.workflow[one.workflow_step].name === 'Look');
    assert.equal(look.status, 'successfully_executed');
    assert.equal(look.automated_execution, false);
    assert.equal(look.notes, `team:${BLUE}/ir_lead`);
    assert.equal(Buffer.from(look.command_b64[0], 'base64').toString(), 'Look');
    assert.match(look.start_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(look.duration >= 0);
    assert.ok(record.statuses.every((one) => one.command_b64.length > 0));
    assert.deepEqual((await drill.get(path, drill.tokens[BLUE])).body, body, 'its own team');
    assert.equal((await drill.get(path, drill.tokens.green)).status, 404);
    assert.equal((await drill.get(path, null)).status, 401);
    assert.equal((await drill.get('/runs/99/export')).status, 404);
    const out = join(folder, 'by-verb.json');
    await yanwu('playbook', 'export', drill.id, String(run), '--out', out, '--data', daemon.data);
    assert.deepEqual(JSON.parse(await readFile(out, 'utf8')), body);
    await drill.verb('end');
});

test('… and as a timeline of every event about it', async () => {
    const { drill } = await begin();
    const run = await playThrough(drill);
    const path = `/runs/${run}/export?format=`;
    const own = (await drill.events())
        .filter((one) => one.payload.run === run && !one.payload.caller);
    const { body } = await drill.get(`${path}json`);
    assert.deepEqual(body.lines.map((one) => [one.seq, one.kind, one.actor]),
                     own.map((one) => [one.seq, one.kind, one.actor]));
    assert.ok(body.lines.every((one) => one.says.zh && one.says.en));
    const csv = (await drill.get(`${path}csv&lang=en`)).body.trim().split('\r\n');
    assert.equal(csv.length, own.length + 1);
    assert.equal(csv[0], 'seq,wall,drill_ms,kind,exec,step,actor,says');
    assert.ok(csv[1].startsWith(`${own[0].seq},`));
    const page = (await drill.get(`${path}html&lang=zh`)).body;
    assert.equal(page.split('<tr>').length - 1, own.length + 1);
    assert.equal((await drill.get(`${path}pdf`)).status, 400);
    const shown = await yanwu('playbook', 'export', drill.id, String(run), '--timeline', '--lang',
                              'en', '--data', daemon.data);
    assert.equal(shown.stdout, (await drill.get(`${path}md&lang=en`)).body);
    await assert.rejects(yanwu('playbook', 'export', drill.id, String(run), '--format', 'csv',
                               '--data', daemon.data), /--format: only of a --timeline/);
    await drill.verb('end');
});

/* What everybody may ask about a run. */
const doors = (run) => [`/runs/${run}/chart`, `/runs/${run}/export`,
                        `/runs/${run}/export?format=json`];

test('the picture of a run, and who may see it by its marking', async () => {
    const { drill } = await begin();
    const { run } = await asked(drill, 'Look');
    const { status, body } = await drill.get(`/runs/${run}/chart`, null);
    assert.equal(status, 200, 'without a marking it is for everybody');
    assert.equal(body.marking, 'TLP:CLEAR');
    const names = body.nodes.map((one) => one.name.en);
    ['At once', 'Look', 'Until quiet', 'Watch'].forEach((name) => assert.ok(names.includes(name)));
    assert.ok(body.edges.every((one) => body.nodes[one.from] && body.nodes[one.to]));
    assert.equal((await drill.get('/runs/99/chart', null)).status, 404);
    await drill.verb('end');
});

test('a red playbook is control\'s: teams see what they are asked, and nobody more', async () => {
    const { drill } = await begin((playbook) => {
        playbook.name = 'Red secret plan';
        playbook.markings = [RED];
        playbook.data_marking_definitions = { [RED]: { type: 'marking-tlp', id: RED,
            created_by: playbook.created_by, created: '2022-10-01T00:00:00.000Z',
            tlpv2_level: 'TLP:RED' } };
    });
    const look = await asked(drill, 'Look', drill.tokens[BLUE]);
    assert.equal((await drill.state()).playbooks[look.run].name.en, 'Red secret plan');
    const watcher = await drill.watch({ token: drill.tokens[BLUE] });
    assert.equal((await drill.answer(look, { vars: { zone: 'control' } })).status, 200);
    await until('its answer stands', async () =>
        Object.values((await drill.state(drill.tokens[BLUE])).questions)
            .some((one) => one.exec === look.exec && one.run === look.run &&
                one.state === 'answered'), 60000);
    for (const token of [drill.tokens[BLUE], drill.tokens.green, null]) {
        const text = JSON.stringify(await drill.state(token));
        ['Red secret plan', 'At once', 'Until quiet', 'playbook--', 'Deeper'].forEach((word) =>
            assert.ok(!text.includes(word), `${word} to ${token}`));
        for (const door of doors(look.run)) {
            const { status } = await drill.get(door, token);
            assert.ok([401, 403, 404].includes(status), `${door} ${status}`);
        }
    }
    const report = (await drill.get('/report?lang=en&format=md', drill.tokens[BLUE])).status;
    assert.equal(report, 403);
    for (const door of doors(look.run)) {
        assert.equal((await drill.get(door)).status, 200, door);
    }
    assert.equal((await drill.get(`/runs/${look.run}/chart`)).body.marking, 'TLP:RED');
    assert.ok(!JSON.stringify(watcher.state).includes('Red secret plan'));
    watcher.close();
    const order = await drill.post(`playbooks/${look.run}/control`,
                                   { verb: 'abort', reason: 'seen enough' });
    assert.equal(order.status, 200);
    await until('nothing is asked any more', async () =>
        Object.values((await drill.state(drill.tokens[BLUE])).questions)
            .every((one) => one.state !== 'open'), 60000);
    await drill.verb('end');
});

/* A drill of one machine and one playbook: a command of it, and what the scenario gives. */
async function beginSmall({ command, variables = {}, vars = '' }) {
    const pack = await packageOf(join(ROOT, 'tests/sim/branches'));
    const playbook = JSON.parse(pack.files['files/branches.json']);
    const step = Object.entries(playbook.workflow).find(([, one]) => one.name === 'Cut and look');
    const begins = playbook.workflow_start;
    const ends = step[1].on_completion;
    delete playbook.workflow_exception;
    playbook.playbook_variables = variables;
    playbook.workflow = {
        [begins]: { type: 'start', on_completion: step[0] },
        [step[0]]: { ...step[1], commands: [{ type: 'bash', command }] },
        [ends]: { type: 'end' },
    };
    pack.files = {
        'scenario.lua': `scenario "small" {
            title = { zh = "小", en = "Small" }, sector = "water", mode = "drill", length = "20m" }
            local it = network "it" { cidr = "10.20.4.0/24", zone = "L4" }
            local jump = machine "jump" { image = "attacker", at = { it ".66" } }
            playbook "small" { file = "small.json", starts_on = isolated(jump), ${vars} }
            story(function (s) s:wait "10m" end)`,
        'rehearsal.lua': 'rehearsal { teams = { ["blue"] = "one" } } player "one" ' +
            '(function (p) p:wait "1m" end)',
        'files/small.json': JSON.stringify(playbook),
    };
    const drill = await daemon.create({ pack: { ...pack, name: 'small' }, teams: [BLUE],
                                        speed: 1 });
    await drill.run();
    return drill;
}

/* The outcome of its only command, in one more run. */
async function runSmall(drill) {
    const before = (await drill.events()).filter((one) => one.kind === 'playbook-ended').length;
    const { status } = await drill.post('playbooks',
        { team: BLUE, playbook: 'small', reason: 'as planned' });
    assert.equal(status, 200);
    return until('the run is over', async () => {
        const events = await drill.events();
        return events.filter((one) => one.kind === 'playbook-ended').length > before &&
            events.filter((one) => ['command-ended', 'step-ended'].includes(one.kind));
    }, 60000);
}

/* Every byte that the daemon keeps, but the file of the secrets itself. */
async function keptBytes(folder) {
    const pieces = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
            pieces.push(await keptBytes(path));
        } else if (entry.isFile() && entry.name !== 'secrets.json') {
            pieces.push(await readFile(path, 'latin1'));
        }
    }
    return pieces.join('\n');
}

test('a secret is named in the journal, and its value stands nowhere', async () => {
    const value = '10.97.86.75'; /* no machine has it; what is no address is refused otherwise */
    const secrets = join(daemon.data, 'secrets.json');
    const drill = await beginSmall({ command: 'ping __password__:value', variables: {
        __password__: { type: 'string', value: 'secret:plant-db', constant: true } } });
    const cause = async () => (await runSmall(drill))
        .filter((one) => one.kind === 'command-ended').pop().payload;
    assert.match((await cause()).output, /no secrets\.json/);
    await writeFile(secrets, JSON.stringify({ other: 'y' }), { mode: 0o600 });
    if (process.getuid() === 0) { /* then the daemon has become somebody else */
        assert.match((await cause()).output, /the daemon cannot read it/);
        const { uid, gid } = await stat(join(daemon.data, 'api.json'));
        await chown(secrets, uid, gid);
    }
    assert.match((await cause()).output, /secret 'plant-db' is not in secrets\.json/);
    await chmod(secrets, 0o644);
    assert.match((await cause()).output, /expected mode 0600/);
    assert.equal((await drill.events()).filter((one) => one.kind === 'exec-ordered').length, 0,
                 'nothing was begun');
    await chmod(secrets, 0o600);
    await writeFile(secrets, JSON.stringify({ 'plant-db': value }));
    assert.match((await cause()).output, /unreachable/, 'the guest had an address');
    const ordered = (await drill.events()).filter((one) => one.kind === 'exec-ordered').pop();
    assert.match(ordered.payload.argv, /\{\{secret:plant-db\}\}/);
    for (const format of ['cacao', 'json', 'csv', 'html']) {
        const { run } = Object.values((await drill.state()).playbooks).pop();
        const { status, body } = await drill.get(`/runs/${run}/export?format=${format}`);
        assert.equal(status, 200);
        assert.ok(!JSON.stringify(body).includes(value));
    }
    assert.ok(!JSON.stringify(await drill.state()).includes(value));
    const kept = await keptBytes(daemon.data);
    assert.ok(kept.includes('plant-db'), 'the journal is among it');
    assert.ok(!kept.includes(value));
    assert.ok(!daemon.log.join('').includes(value));
    /* nobody's word becomes a reference */
    for (const [word, says] of [['{{secret:plant-db}}', /named by a constant/],
                                ['secret:plant-db', /usage: ping/]]) {
        const other = await beginSmall({ command: 'ping __word__:value',
            vars: `vars = { word = "${word}" }`,
            variables: { __word__: { type: 'string', external: true } } });
        const ends = (await runSmall(other)).map((one) => one.payload.output ?? one.payload.detail);
        assert.match(ends.join('\n'), says);
        await other.verb('end');
    }
    await rm(secrets);
    await drill.verb('end');
});

test('the scenario gives values to external variables, of their type', async () => {
    const variables = { __zone__: { type: 'string', external: true },
                        __times__: { type: 'integer', external: true } };
    const command = '__zone__:value __times__:value';
    const drill = await beginSmall({ command, variables,
                                     vars: 'vars = { zone = "control", times = 3 }' });
    await runSmall(drill);
    const events = await drill.events();
    const started = events.find((one) => one.kind === 'playbook-started');
    assert.deepEqual(started.payload.vars, [{ name: 'times', value: '3' },
                                            { name: 'zone', value: 'control' }]);
    assert.equal(events.find((one) => one.kind === 'command-ordered').payload.text
        .includes('control 3'), true);
    await drill.verb('end');
    for (const [vars, says] of [['vars = { zone = "x", tmes = 1 }', /'tmes' is no external/],
                                ['vars = { times = "often" }', /'times': expected/]]) {
        await assert.rejects(beginSmall({ command, variables, vars }), says);
    }
    await assert.rejects(beginSmall({ command, vars: 'vars = { zone = "x" }',
        variables: { __zone__: { type: 'string', value: 'y' } } }), /'zone' is no external/);
});
