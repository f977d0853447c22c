/* The daemon ends, or is killed, in the middle of a tabletop drill, and goes on where it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, newKey, packageOf, until } from './daemon.mjs';

const SCENARIO = `
scenario "tabletop" {
  title = { zh = "桌面推演", en = "On paper" },
  sector = "water", mode = "tabletop", length = "30m", rules = { "CAC-REPORT-2025" },
}
local assessed = objective "assessed" {
  says = { zh = "研判告警并答复", en = "Assess the alarm and say what it is" },
  points = 50, met_by = answered "Assess the alarm",
}
playbook "first-response" { file = "ics-tampering.json", starts_on = not_(met(assessed)) }
story(function (s)
  s:say { zh = "值班员来电：加药泵异常。", en = "The operator calls: the dosing pump behaves oddly." }
  s:wait "10s"
  s:say { zh = "再次来电。", en = "A second call." }
  s:wait_for(assessed, "20m")
  s:wait "10s"
  s:say { zh = "推演小结。", en = "Wrap-up." }
  s:wait "20m"
end)
`;
let daemon;

before(async () => {
    daemon = await Daemon.start();
});
after(() => daemon?.close());

const holder = (api) => JSON.parse(api).pid;

/* Everything that must be the same before and after; that it restarted is an event of its own. */
const facts = ({ drill, teams, events, score_lines, objectives, questions, playbooks }) =>
    ({ phase: drill.phase, teams, score_lines, objectives, questions, playbooks,
       events: Object.values(events).filter(({ kind }) => kind !== 'recovered') });

test('a second daemon on the data directory is refused, and the first is unhurt', async () => {
    const drill = await daemon.create({ teams: ['a'], speed: 10,
        pack: { name: 'tabletop', files: { 'scenario.lua': SCENARIO } } });
    await drill.run();
    const watcher = await drill.watch();
    await until('a snapshot', () => watcher.state);
    const kept = await readFile(join(daemon.data, 'api.json'), 'utf8');
    const second = spawn(process.env.YW_PROGRAM, ['serve', '--connect', 'fake:', '--data',
        daemon.data, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said = [];
    second.stderr.on('data', (chunk) => said.push(chunk.toString()));
    const [status] = await once(second, 'close');
    assert.equal(status, 1);
    const sentence = `data directory '${daemon.data}' is in use by process ${holder(kept)}`;
    assert.ok(said.join('').includes(sentence), `${sentence} in ${said.join('')}`);
    assert.equal(await readFile(join(daemon.data, 'api.json'), 'utf8'), kept);
    const { clock } = await drill.state();
    await until('the clock to go on',
        async () => (await drill.state()).clock.drill_ms > clock.drill_ms);
    assert.ok(!watcher.isOver, 'its viewers are still there');
    assert.equal((await drill.get()).status, 200);
});

for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`${signal} and a start: the same facts, tokens and keys, and the story goes on`, async () => {
        const drill = await daemon.create({ teams: ['a', 'b'], speed: 10,
            pack: { name: 'tabletop', files: { 'scenario.lua': SCENARIO } } });
        await drill.run();
        const question = await drill.question('a');
        const key = newKey();
        const ruling = { team: 'b', points: 5, reason: '预案齐全' };
        const first = await drill.post('rulings', ruling, { key });
        const viewer = await drill.watch();
        await until('a snapshot', () => viewer.state);
        await drill.verb('pause');
        await until('the clock to stand', async () => !(await drill.state()).clock.running);
        await until('the viewer to hear', () => viewer.state.drill.phase === 'paused');
        const before = await drill.state();
        const events = await drill.events();

        await daemon.end(signal);
        await until('the viewer to notice', () => viewer.isOver);
        await daemon.run();

        assert.deepEqual(facts(await drill.state()), facts(before));
        const kept = (await drill.events()).slice(0, events.length);
        assert.deepEqual(kept, events, 'what was written stands');
        const repeated = await drill.post('rulings', ruling, { key });
        assert.deepEqual([repeated.status, repeated.body.seq], [200, first.body.seq],
                         'a key from before the restart is known');
        const again = await drill.watch({ since: viewer.seq });
        await until('the new stream', () => again.hello);
        assert.equal((await drill.verb('resume')).status, 200);
        assert.equal((await drill.answer(question)).status, 200);
        await until('points', async () => (await drill.state()).teams.a.points === 50);
        await until('the wrap-up', async () => (await drill.events()).some((event) =>
            event.kind === 'said' && JSON.stringify(event).includes('Wrap-up')), 6000);
        const said = (await drill.events()).filter((event) => event.kind === 'said')
            .map((event) => `${event.team}: ${JSON.stringify(event)}`)
            .filter((text) => text.includes('A second call'));
        assert.equal(said.length, 2, 'once a team, not again after the restart');
        await until('the stream to follow', () => again.state?.teams.a.points === 50);
        assert.deepEqual(again.broken, []);
        assert.equal((await drill.verb('end')).status, 200);
        assert.match((await drill.get('/report?lang=zh&format=md')).body, /预案齐全/);
        assert.equal((await drill.verb('down')).body.phase, 'archived');
        viewer.close();
        again.close();
    });
}

test('a scenario with machines that was read for the table stays there', async () => {
    const drill = await daemon.create({ teams: ['a'], speed: 20,
        pack: { ...await packageOf(), tabletop: true } });
    await drill.run();
    await until('an attack to be told', async () => JSON.stringify(await drill.events())
        .includes('To be seen at plc1'));
    await daemon.end('SIGKILL');
    await daemon.run();
    const state = await drill.state();
    assert.equal(state.drill.tabletop, true);
    assert.deepEqual(Object.keys(state.objectives.a).sort(), ['assessed', 'contained', 'reported']);
    assert.equal(state.plants.a.works.level, 2);
    assert.equal(state.machines.a.plc1.state, 'planned', 'a name, and no machine');
    assert.equal((await drill.verb('down')).body.phase, 'archived');
});

test('an archived drill is still there to be read after a start', async () => {
    const drill = await daemon.create({ teams: ['a'], speed: 10,
        pack: { name: 'tabletop', files: { 'scenario.lua': SCENARIO } } });
    await drill.run();
    await drill.post('rulings', { team: 'a', points: 9, reason: '补充' });
    await drill.verb('down');
    await daemon.end();
    await daemon.run();
    const state = await drill.state();
    assert.deepEqual([state.drill.phase, state.teams.a.points], ['archived', 9]);
    assert.match((await drill.get('/report?lang=en&format=html')).body, /补充/);
    assert.equal((await drill.verb('start')).status, 409);
});
