/* The page before the real daemon: one drill from an empty list to its end, as people meet it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, packageOf, until } from '../api/daemon.mjs';
import { clockStanding, eventually, isLive, openBrowser, ranksShown } from './harness.mjs';
import { RealStage } from './real_stage.mjs';

const SOCKET_LOST = /^console: WebSocket connection to/; /* the browser's own remark on a cut */
let browser;
let stage;
let drill;
let list;

before(async () => {
    browser = await openBrowser();
    stage = await RealStage.open();
});
after(async () => {
    await browser?.close();
    if (stage) {
        assert.equal(await stage.close(), 0, 'the daemon ends cleanly');
    }
});

async function done(page, allowed = null) {
    assert.deepEqual(page.faults.filter((fault) => !allowed?.test(fault)), []);
    await page.context().close();
}

/* Presses the button of a verb and gives a reason, by keyboard. */
async function conduct(page, verb, reason, phase) {
    await page.locator(`[data-verb="${verb}"]`).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.matches('dialog[open] #reason'));
    await page.keyboard.type(reason);
    await page.keyboard.press('Enter');
    await page.locator(`[data-phase="${phase}"]`).waitFor();
}

test('a server without drills says so', async () => {
    list = await stage.page(browser, 'list');
    await list.locator('.empty-list').waitFor();
    assert.match(await list.locator('.empty-list').textContent(), /\p{Script=Han}/u);
});

test('a new drill appears on the open list', async () => {
    drill = await stage.create({ speed: 20 });
    await list.locator(`a[href="#/drills/${drill.id}"]`).first().waitFor();
    assert.match(await list.locator('.drill-card').textContent(), /自来水厂加药参数遭篡改.*已计划/s);
    await done(list);
});

test('a planned drill: every view is complete and empty', async () => {
    for (const view of ['wall', 'control', 'team']) {
        const page = await stage.page(browser, view);
        await page.locator('[data-phase="planned"]').first().waitFor();
        assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|\[object|null/);
        await done(page);
    }
});

test('control brings the range up and starts the drill', async () => {
    const page = await stage.page(browser, 'control');
    await conduct(page, 'up', '开始前搭建', 'ready');
    await conduct(page, 'start', '人员到位', 'running');
    const states = page.locator('.machine');
    assert.equal(await states.count(), 3);
    await page.locator('[data-value="truth"]').first().waitFor();
    await done(page);
});

test('a question is answered from the keyboard alone, and the playbook goes on', async () => {
    await drill.question('blue-slow');
    await drill.post('clock', { speed: 1 }); /* the rest is for people */
    const team = await stage.page(browser, 'team');
    const control = await stage.page(browser, 'control');
    const question = team.locator('.question').first();
    await question.waitFor();
    const key = await question.getAttribute('data-question');
    await team.waitForFunction(() => document.activeElement.matches('.question *'));
    await team.keyboard.press('Space');
    await team.keyboard.press('Tab');
    await team.keyboard.type('10.20.2.66');
    await team.keyboard.press('Enter');
    await team.locator(`.question-answered[data-question="${key}"]`).waitFor();
    await control.locator(`.question-answered[data-question="${key}"]`).waitFor();
    const event = (await drill.events()).find((one) => one.kind === 'step-answered');
    assert.match(event.actor, /^team:blue-slow\/ir_lead/);
    await until('the intruder to be cut off', async () =>
        (await drill.state()).machines['blue-slow'].jump.link === 'down');
    await control.locator('.team-row[data-team="blue-slow"] .team-choose').click();
    await control.locator('.machine', { hasText: 'jump' }).filter({ hasText: '网络切断' }).waitFor();
    assert.equal(await team.locator('.machine').filter({ hasText: 'jump' }).count(), 0,
                 'a hidden machine is not among the team\'s');
    await done(control);
    await done(team);
});

test('a team operates its panel and reports', async () => {
    const page = await stage.page(browser, 'team');
    await page.locator('#operate-value').fill('100');
    await page.keyboard.press('Enter');
    await page.locator('.operate [role="status"]').filter({ hasText: '已执行' }).waitFor();
    await page.locator('#report-text').fill('40 号寄存器被改写，已恢复。');
    await page.keyboard.press('Control+Enter');
    await page.locator('.report [role="status"]').filter({ hasText: /\d/ }).waitFor();
    const { plants } = await drill.state(drill.tokens['blue-slow']);
    assert.equal(JSON.stringify(plants).includes('truth'), false);
    await done(page);
});

test('rank and points change when an event arrives, and why says for what', async () => {
    const page = await stage.page(browser, 'wall');
    const [first, second] = await ranksShown(page);
    assert.equal(first.team, 'blue-slow', 'who answered leads');
    const lead = first.points - second.points + 7;
    const { seq } = await stage.rule(second.team, lead, '先发现异常写入');
    const now = await eventually(() => ranksShown(page), (rows) => rows[0].team === second.team);
    assert.deepEqual([now[0].team, now[0].rank, now[0].points],
                     [second.team, 1, second.points + lead]);
    await page.locator(`.events [data-seq="${seq}"]`).waitFor();
    await page.locator('[data-team="blue-slow"] .rank-button').focus();
    await page.keyboard.press('Enter');
    const why = await page.locator('dialog[open]').textContent();
    assert.match(why, /切断控制网上的入侵主机/);
    assert.match(why, /研判告警并答复/);
    await page.keyboard.press('Escape');
    await stage.rule(second.team, -lead, '撤回');
    await done(page);
});

test('a cut socket loses nothing', async (t) => {
    t.after(() => stage.cable.plug());
    const page = await stage.page(browser, 'wall');
    await page.locator('.rank-row').first().waitFor();
    stage.cable.pull();
    await page.locator('[data-connection="reconnecting"]').waitFor();
    for (const points of [3, 4, 5]) {
        await stage.rule('blue-quick', points, `断线期间 ${points}`);
    }
    stage.cable.plug();
    await isLive(page);
    const { teams } = await drill.state();
    const now = await eventually(() => ranksShown(page), (rows) =>
        rows.every((row) => row.points === teams[row.team].points));
    now.forEach((row) => assert.equal(row.points, teams[row.team].points));
    await stage.rule('blue-quick', -12, '撤回');
    await done(page, SOCKET_LOST);
});

test('the daemon\'s stream tells every view the same time', async () => {
    const page = await stage.page(browser, 'wall');
    const shown = async () => {
        const text = await page.locator('[data-part="drill-clock"]').textContent();
        const [minutes, seconds] = /(\d+):(\d+)/.exec(text).slice(1).map(Number);
        return (minutes * 60 + seconds) * 1000;
    };
    const told = async () => (await drill.state()).clock.drill_ms;
    const seen = await eventually(async () => [await told(), await shown(), await told()],
        ([before, mine, after]) => before - 1500 < mine && mine < after + 1500);
    assert.ok(seen[0] - 1500 < seen[1] && seen[1] < seen[2] + 1500, `${seen}`);
    await done(page);
});

test('every view speaks both languages, light and dark', async () => {
    for (const view of ['list', 'wall', 'control', 'team']) {
        const page = await stage.page(browser, view, { colorScheme: 'dark' });
        await page.evaluate(() => { window.mark = 1; });
        await page.locator('[data-setting="language"]').click();
        await page.locator('html[lang="en"]').waitFor();
        assert.equal(await page.evaluate(() => window.mark), 1, 'without a reload');
        const heads = await page.locator('h1, h2, h3').allInnerTexts();
        heads.forEach((text) => assert.doesNotMatch(text, /\p{Script=Han}/u, view));
        assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
        await done(page);
    }
});

test('control makes a checkpoint, goes back to it, and keeps evidence', async () => {
    const page = await stage.page(browser, 'control');
    const starts = page.locator('.checkpoint');
    await eventually(() => starts.count(), (count) => count === 2);
    await page.locator('#checkpoint-label').fill('midway');
    await page.keyboard.press('Enter');
    const one = page.locator('.checkpoint', { hasText: 'midway' });
    await one.locator('[data-verb="restore"]').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.dataset.verb === 'restore-confirm');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.dataset.verb === 'restore');
    assert.equal((await drill.events()).some((event) => event.kind === 'checkpoint-restored'),
                 false, 'asked and not sure: nothing happens');
    await page.keyboard.press('Enter');
    await page.locator('[data-verb="restore-confirm"]').waitFor();
    await page.keyboard.press('Enter');
    await until('the machines to be back', async () =>
        (await drill.events()).some((event) => event.kind === 'checkpoint-restored'
            && event.payload.ok));
    await page.locator('.machine[data-machine="plc1"] [data-verb="evidence"]').click();
    await page.locator('[data-verb="evidence-confirm"]').click();
    await until('the evidence', async () => (await drill.events())
        .some((event) => event.kind === 'evidence-kept' && event.payload.ok));
    await one.locator('[data-verb="drop"]').click();
    await one.locator('[data-verb="drop-confirm"]').click();
    await one.waitFor({ state: 'detached' });
    await done(page);
});

test('control keeps the packets of a network and takes the file', async () => {
    const page = await stage.page(browser, 'control');
    const row = page.locator('[data-network="it"]');
    await row.locator('[data-verb="capture-start"]').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
        document.activeElement.dataset.verb === 'capture-start-confirm');
    await page.keyboard.press('Enter');
    await row.locator('[data-verb="capture-stop"]').waitFor();
    await row.filter({ hasText: /抓包中[^]*1 个文件，24 B/ }).waitFor();
    await row.locator('[data-verb="capture-files"]').click();
    const coming = page.waitForEvent('download');
    await page.locator('tr[data-file] button').click();
    const download = await coming;
    assert.match(download.suggestedFilename(), /^blue-\w+\.it\.1_00001_\d{14}\.pcap$/);
    const bytes = await readFile(await download.path());
    assert.equal(bytes.length, 24);
    assert.equal(bytes.readUInt32LE(0), 0xa1b2c3d4);
    await page.keyboard.press('Escape');
    await row.locator('[data-verb="capture-stop"]').click();
    await row.locator('[data-verb="capture-stop-confirm"]').click();
    await row.locator('[data-verb="capture-start"]').waitFor();
    const host = page.locator('[data-host="local"]');
    assert.match(await host.innerText(), /可用[^]*机器 6 台/);
    assert.equal(await host.locator('button').count(), 0, 'one host alone takes no orders');
    await done(page);
});

test('the emergency stop asks once more, by keyboard, and is undone', async () => {
    const page = await stage.page(browser, 'control');
    const wall = await stage.page(browser, 'wall');
    await page.locator('[data-verb="stop"]').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.dataset.verb === 'stop-confirm');
    assert.match(await page.locator('.emergency-ask').textContent(), /冻结全部机器/);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.dataset.verb === 'stop');
    await page.keyboard.press('Enter');
    await page.locator('#stop-reason').fill('演练厅冒烟');
    await page.keyboard.press('Enter');
    await page.locator('.stopped').waitFor();
    await page.locator('[data-phase="paused"]').waitFor();
    await wall.locator('.events', { hasText: '演练厅冒烟' }).waitFor();
    await conduct(page, 'resume', '已查明', 'running');
    await page.locator('.stopped').waitFor({ state: 'detached' });
    await done(wall);
    await done(page);
});

test('control pauses, resumes and ends; all views follow', async () => {
    const page = await stage.page(browser, 'control');
    const wall = await stage.page(browser, 'wall');
    await conduct(page, 'pause', '核对记录', 'paused');
    await wall.locator('[data-phase="paused"]').waitFor();
    const stood = await clockStanding(wall);
    await wall.waitForTimeout(700);
    assert.equal(await wall.locator('[data-part="drill-clock"]').textContent(), stood);
    await conduct(page, 'resume', '继续', 'running');
    await wall.locator('[data-phase="running"]').waitFor();
    await conduct(page, 'end', '目标达成', 'ended');
    await page.locator('.objective', { hasText: '未达成' }).first().waitFor();
    assert.equal(await page.locator('.objective', { hasText: '进行中' }).count(), 0);
    await wall.locator('[data-phase="ended"]').waitFor();
    await conduct(page, 'down', '拆除', 'archived');
    await wall.locator('[data-phase="archived"]').waitFor();
    assert.equal(await page.locator('[data-verb]:not([data-verb="capture-files"])').count(), 0,
                 'nothing is left to do but to take what was kept');
    await done(wall);
    await done(page);
});

test('no token was ever in an address that a server sees', () => {
    for (const token of [stage.controlToken, ...Object.values(drill.tokens)]) {
        assert.equal(stage.cable.seen.some(({ url }) => url.includes(token)), false);
    }
    assert.ok(stage.cable.seen.length > 20);
});

/* The playbook of the sweeps, its first question for two persons, with evidence and a choice. */
async function twoPersons() {
    const pack = await packageOf(join(ROOT, 'tests/sim/branches'));
    const playbook = JSON.parse(pack.files['files/branches.json']);
    const look = Object.values(playbook.workflow).find((step) => step.name === 'Look');
    look.timeout = 3600000;
    Object.assign(Object.values(look.step_extensions)[0], {
        deadline_ms: 3000000, ack: 'two_person', evidence: ['text'],
        answer_schema: { properties: { __zone__: { enum: ['control', 'office'] } } },
    });
    pack.files['files/branches.json'] = JSON.stringify(playbook);
    return pack;
}

test('a task: evidence, a choice, a second person; control pauses the run', async () => {
    const own = await stage.create({ pack: await twoPersons(), teams: ['blue', 'green'],
                                     team: 'blue', speed: 1 });
    await own.run();
    const team = await stage.page(browser, 'team');
    const task = team.locator('.question').filter({ hasText: 'Look' }).first();
    await task.waitFor();
    const key = await task.getAttribute('data-question');
    const here = team.locator(`.question[data-question="${key}"]`);
    await here.locator('.giving textarea').fill('现场无异常');
    await here.locator('.giving button[type="submit"]').click();
    await here.locator('.evidence li').waitFor();
    await here.locator('select').selectOption('control');
    await here.locator('input[type="text"]').fill('李');
    await here.locator('button.primary').click();
    const second = team.locator(`.confirming[data-question="${key}"]`);
    await second.waitFor();
    await second.locator('input[type="text"]').first().fill('王');
    await second.locator('button.primary').click();
    await team.locator(`.question-answered[data-question="${key}"]`).waitFor();
    assert.doesNotMatch(await team.locator('body').innerText(), /undefined|NaN|\[object/);
    const kinds = (await own.events()).filter((one) => one.team === 0).map((one) => one.kind);
    assert.ok(kinds.includes('step-confirmed') && kinds.includes('step-evidence'));

    const control = await stage.page(browser, 'control');
    await control.locator('.team-row[data-team="blue"] .team-choose').click();
    const desk = control.locator('.run-desk').first();
    await desk.locator('summary').click();
    await desk.locator('select').first().selectOption('pause');
    await desk.locator('input[type="text"]').last().fill('讲评');
    await desk.locator('button[type="submit"]').click();
    await until('the run is paused', async () =>
        Object.values((await own.state()).playbooks).some((run) => run.team === 'blue' && run.paused));
    await done(control);
    await done(team);
});
