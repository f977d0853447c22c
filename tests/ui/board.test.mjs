/* The page in a real browser: what a person sees and does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { REAL, Stage, clockStanding, eventually, isLive, openBrowser, ranksShown } from './harness.mjs';

let browser;
let stage;

before(async () => {
    browser = await openBrowser();
    stage = await Stage.open();
});
after(async () => {
    await browser?.close();
    await stage?.close();
});

const hasFocus = (page, selector) => page.waitForFunction((wanted) =>
    document.activeElement.matches(wanted), selector);

const SOCKET_LOST = /^console: WebSocket connection to/; /* the browser's own remark on a cut */

async function done(page, allowed = null) {
    assert.deepEqual(page.faults.filter((fault) => !allowed?.test(fault)), []);
    await page.context().close();
}

test('rank and points change when an event arrives', async () => {
    const page = await stage.page(browser, 'wall');
    const first = await ranksShown(page);
    const last = first[first.length - 1];
    assert.ok(first.length >= 2);
    const lead = first[0].points - last.points + 7;
    const { seq } = await stage.rule(last.team, lead, 'Found the rogue write first');
    const now = await eventually(() => ranksShown(page), (ranks) => ranks[0].team === last.team);
    assert.equal(now[0].team, last.team);
    assert.equal(now[0].rank, 1);
    assert.equal(now[0].points, last.points + lead);
    await page.locator(`.events [data-seq="${seq}"]`).waitFor();
    await page.locator(`[data-team="${last.team}"] .delta-up`).waitFor();
    await stage.rule(last.team, -lead, 'Withdrawn');
    await eventually(() => ranksShown(page), (ranks) => ranks[0].team === first[0].team);
    await done(page);
});

test('a playbook is a picture: every step with its state, from the keyboard', { skip: REAL !== null }, async () => {
    const page = await stage.page(browser, 'control');
    await page.locator('.run-head button').first().click();
    const start = page.locator('.flow-node[data-status="successfully_executed"]').first();
    await start.waitFor();
    await start.focus();
    await page.keyboard.press('ArrowDown');
    await hasFocus(page, '[data-step^="action--"]');
    await page.locator('.flow-detail .flow-asks').waitFor();
    await page.keyboard.press('ArrowUp');
    await hasFocus(page, '.flow-start');
    assert.equal(await page.locator('.flow-edge').count(), 5);
    await page.locator('.flow-marking', { hasText: 'TLP:GREEN' }).waitFor();
    assert.equal(await page.locator('[data-record]').count(), 3);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await done(page);
});

test('a cut socket loses nothing, and the board says so meanwhile', async (t) => {
    t.after(() => stage.cable.plug());
    const page = await stage.page(browser, 'wall');
    const [{ team, points }] = await ranksShown(page);
    const marked = await page.evaluate(() => { window.mark = 1; return true; });
    assert.ok(marked);
    stage.cable.pull();
    await page.locator('[data-connection="reconnecting"]').waitFor();
    const old = await clockStanding(page);
    const seqs = [];
    for (const one of [3, 4, 5]) {
        seqs.push((await stage.rule(team, one, `While the line was cut: ${one}`)).seq);
    }
    await page.waitForTimeout(1500);
    assert.equal((await ranksShown(page))[0].points, points, 'nothing is made up');
    assert.equal(await page.locator('[data-part="drill-clock"]').textContent(), old,
                 'the clock stands while nothing is heard');
    stage.cable.plug();
    await isLive(page);
    for (const seq of seqs) {
        await page.locator(`.events [data-seq="${seq}"]`).waitFor();
    }
    const caughtUp = await eventually(() => ranksShown(page), (rows) =>
        rows.find((row) => row.team === team).points === points + 12);
    assert.equal(caughtUp.find((row) => row.team === team).points, points + 12);
    assert.equal(await page.evaluate(() => window.mark), 1, 'without a reload');
    const fresh = await stage.page(browser, 'wall');
    assert.deepEqual(await ranksShown(page), await ranksShown(fresh));
    const events = (one) => one.locator('.events .event').evaluateAll((rows) =>
        rows.map((row) => row.dataset.seq));
    assert.deepEqual(await events(page), await events(fresh));
    await stage.rule(team, -12, 'Withdrawn');
    await done(fresh);
    await done(page, SOCKET_LOST);
});

test('a silent line is called stale with its age, not live', async () => {
    const page = await stage.page(browser, 'wall');
    stage.cable.hold();
    await page.locator('[data-connection="stale"]').waitFor();
    const age = await page.locator('[data-connection="stale"]').textContent();
    assert.ok(Number(/(\d+) 秒/.exec(age)?.[1]) >= 12, age);
    await done(page);
});

test('a question is answered from the keyboard alone', async (t) => {
    const page = await stage.page(browser, 'team');
    const question = page.locator('form[aria-label]').filter({ has: page.locator('.question-fields') })
        .first();
    if (REAL && await question.count() === 0) {
        await page.context().close();
        t.skip('no question is open');
        return;
    }
    await question.waitFor();
    const control = await stage.page(browser, 'control');
    const key = await page.locator('.question').first().getAttribute('data-question');
    const card = control.locator(`[data-question="${key}"]`);
    await control.locator(`.question-open[data-question="${key}"]`).waitFor();
    const radios = await question.locator('input[type="radio"]').count();
    await hasFocus(page, '.question *'); /* a new question takes it */

    await page.keyboard.press('Enter'); /* nothing filled in: it says what is missing */
    await question.locator('[role="alert"]').filter({ hasText: /./ }).waitFor();
    if (radios > 0) {
        await page.keyboard.press('Space');
        await page.keyboard.press('Tab');
    }
    await page.keyboard.type('10.20.2.66');
    await page.keyboard.press('Enter');
    await page.locator(`.question-answered[data-question="${key}"]`).waitFor();
    await control.locator(`.question-answered[data-question="${key}"]`).waitFor();
    assert.match(await card.textContent(), /10\.20\.2\.66/);
    await hasFocus(page, '.questions, .questions *'); /* it is not lost */
    await done(control);
    await done(page);
});

test('language changes in place and is remembered', async () => {
    const page = await stage.page(browser, 'wall');
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    const zh = await page.locator('h2').allTextContents();
    await page.evaluate(() => { window.mark = 1; });
    const switcher = page.locator('[data-setting="language"]');
    await switcher.focus();
    await page.keyboard.press('Enter');
    await page.locator('html[lang="en"]').waitFor();
    const en = await page.locator('h2').allTextContents();
    assert.equal(en.length, zh.length);
    en.forEach((text) => assert.doesNotMatch(text, /\p{Script=Han}/u));
    zh.forEach((text) => assert.match(text, /\p{Script=Han}/u));
    assert.equal(await page.evaluate(() => window.mark), 1, 'without a reload');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.setting), 'language');
    await page.reload();
    await isLive(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await done(page);
});

test('why: Enter on a team shows its score lines with event numbers', async () => {
    const page = await stage.page(browser, 'wall');
    const [leader] = await ranksShown(page);
    await page.locator(`[data-team="${leader.team}"] .rank-button`).focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    assert.equal(await dialog.locator('.why-line').count() > 0, true);
    assert.match(await dialog.locator('.causes').first().textContent(), /#\d+/);
    assert.equal(Number((await dialog.locator('.why-total b').textContent())
        .replace(/,/g, '').replace('−', '-')), leader.points);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await hasFocus(page, `[data-team="${leader.team}"] .rank-button`); /* it goes back */
    await done(page);
});

test('the token leaves the address and never enters one', async () => {
    for (const view of ['control', 'team']) {
        const token = view === 'control' ? stage.controlToken : stage.teamToken;
        const page = await stage.page(browser, view);
        assert.equal(page.url().includes(token), false);
        assert.equal(await page.evaluate(() => Object.keys(localStorage).length <= 2), true);
        assert.equal(stage.cable.seen.some(({ url }) => url.includes(token)), false);
        await page.reload();
        await isLive(page);
        await done(page);
    }
});

test('a wrong token is refused in words, and another one can be given', async () => {
    const page = await browser.newPage();
    await page.goto(`${stage.url}/#/drills/${stage.drill}/control&token=wrong`);
    await page.locator('[role="alert"]').filter({ hasText: '不接受' }).waitFor();
    await page.locator('#token').fill(stage.controlToken);
    await page.keyboard.press('Enter');
    await page.locator('[data-connection="live"]').waitFor();
    await page.locator('.control').waitFor();
    await page.close();
});

test('control pauses with a reason and resumes', async () => {
    const page = await stage.page(browser, 'control');
    await page.locator('[data-verb="pause"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await hasFocus(page, '#reason');
    await page.keyboard.press('Enter');
    await page.locator('dialog [role="alert"]').filter({ hasText: /./ }).waitFor();
    await page.keyboard.type('核对记录');
    await page.keyboard.press('Enter');
    await page.locator('[data-phase="paused"]').waitFor();
    const stood = await clockStanding(page);
    await page.waitForTimeout(1300);
    assert.equal(await page.locator('[data-part="drill-clock"]').textContent(), stood);
    await page.locator('[data-verb="resume"]').click();
    await hasFocus(page, '#reason');
    await page.keyboard.type('继续');
    await page.keyboard.press('Enter');
    await page.locator('[data-phase="running"]').waitFor();
    await done(page);
});

test('control rules by form, the wall shows it', async () => {
    const page = await stage.page(browser, 'control');
    const wall = await stage.page(browser, 'wall');
    const [{ team, points }] = await ranksShown(wall);
    await page.locator('#ruling-team').selectOption(team);
    await page.locator('#ruling-points').fill('a lot');
    await page.locator('#ruling-reason').fill('值守台账完整');
    await page.keyboard.press('Enter');
    await page.locator('.ruling [role="alert"]').filter({ hasText: '填写有误' }).waitFor();
    await page.locator('#ruling-points').fill('-9');
    await page.keyboard.press('Enter');
    await page.locator('.ruling [role="status"]').filter({ hasText: /\d/ }).waitFor();
    const now = await eventually(() => ranksShown(wall), (rows) =>
        rows.find((row) => row.team === team).points === points - 9);
    assert.equal(now.find((row) => row.team === team).points, points - 9);
    await stage.rule(team, 9, 'Withdrawn');
    await done(wall);
    await done(page);
});

test('a team operates and reports from its place', async () => {
    const page = await stage.page(browser, 'team');
    const order = async (fill) => {
        const asked = page.waitForRequest((request) => request.url().endsWith('/actions'));
        await fill();
        const sent = await asked;
        await page.locator('.operate [role="status"]').filter({ hasText: '已执行' }).waitFor();
        return sent;
    };
    const value = page.locator('#operate-value');
    await value.fill('2001');
    await page.keyboard.press('Enter');
    await page.locator('.operate [role="alert"]').filter({ hasText: '填写有误' }).waitFor();
    const sent = await order(async () => {
        await value.fill('99.96');
        await page.keyboard.press('Enter');
    });
    /* in the register's own steps of 0.1, from 5 on */
    assert.deepEqual(sent.postDataJSON(),
                     { machine: 'hmi1', argv: ['operate', 'register', '40', '1005'] });
    await page.locator('#operate-what').selectOption({ label: '停加药泵' });
    const stop = await order(() => page.locator('.operate button').click());
    assert.deepEqual(stop.postDataJSON(), { machine: 'hmi1', argv: ['operate', 'coil', '1', '1'] });
    await page.locator('#operate-machine').selectOption({ label: 'backend1' });
    await value.selectOption({ label: '全部车辆' });
    await page.locator('#operate-value1').fill('8');
    const limit = await order(() => page.locator('.operate button').click());
    assert.deepEqual(limit.postDataJSON(),
                     { machine: 'backend1', argv: ['operate', 'limit', 'all', '8'] });
    assert.match(sent.headers()['idempotency-key'], /^[0-9a-f]{32}$/);
    await page.locator('#report-text').fill('40 号寄存器被改写，已恢复。');
    await page.keyboard.press('Control+Enter');
    await page.locator('.report [role="status"]').filter({ hasText: /\d/ }).waitFor();
    assert.equal(await page.locator('#report-text').inputValue(), '');
    await done(page);
});

test('a team sees what its HMI shows, control sees the truth', async () => {
    const team = await stage.page(browser, 'team');
    await team.locator('.gauge').first().waitFor();
    assert.equal(await team.locator('[data-value="truth"], [data-value="field"]').count(), 0);
    assert.equal(await team.locator('[data-value="view"]').count() > 0, true);
    assert.equal(await team.locator('.attack, .story').count(), 0);
    await done(team);
    const control = await stage.page(browser, 'control');
    await control.locator('[data-value="truth"]').first().waitFor();
    assert.equal(await control.locator('.story-now').count() > 0, true);
    await done(control);
});

test('the list leads to every view', async () => {
    const page = await stage.page(browser, 'list');
    await page.locator('.drill-card').first().waitFor();
    await page.locator(`a[href="#/drills/${stage.drill}"]`).first().click();
    await isLive(page);
    assert.match(await page.title(), /大屏/);
    await done(page);
});

test('hosts: one is lost, one is drained, and control is told at the top', { skip: REAL !== null },
     async () => {
    const page = await stage.page(browser, 'control');
    const west = page.locator('[data-host="west"]');
    await west.waitFor();
    assert.match(await west.innerText(), /可用[^]*3:0\d:\d\d[^]*机器 3 台，内存 352 MiB/);
    assert.equal(await page.locator('[data-notice]').count(), 0);
    Object.assign(stage.standIn.hosts[1], { state: 'lost', detail: 'the host is silent',
        since_wall_us: Date.now() * 1000 });
    await page.locator('[data-notice="lost"]').waitFor();
    assert.match(await page.locator('[data-notice="lost"]').innerText(), /主机失联：west/);
    assert.match(await west.innerText(), /失联[^]*the host is silent/);
    await west.locator('[data-verb="host-forget"]').waitFor();
    Object.assign(stage.standIn.hosts[1], { state: 'draining', detail: '' });
    await west.locator('[data-verb="host-undrain"]').waitFor();
    Object.assign(stage.standIn.hosts[1], { state: 'up' });
    await page.locator('[data-notice]').waitFor({ state: 'detached' });
    await done(page);
});

test('what the platform lacks stands at the top, in both languages', { skip: REAL !== null },
     async () => {
    const page = await stage.page(browser, 'control');
    stage.standIn.change((pen) => Object.assign(pen.doc, { host: { disk_low: true,
        override: '仅供验收', weak: 'emulation no-mac no-nftables no-cgroups no-seccomp no-namespaces' } }));
    await page.locator('[data-notice="override"]').waitFor();
    assert.match(await page.locator('[data-notice="override"]').innerText(),
                 /仅供验收[^]*仅软件仿真（无 KVM）、无强制访问控制/);
    assert.match(await page.locator('[data-notice="disk"]').innerText(), /磁盘低于下限/);
    await page.locator('[data-setting="language"]').click();
    await page.locator('[data-notice="override"]').filter({
        hasText: 'emulation only (no KVM), no mandatory access control' }).waitFor();
    stage.standIn.change((pen) => Object.assign(pen.doc, { host: { disk_low: false, override: '',
        weak: 'emulation' } }));
    await page.locator('[data-notice="weak"]').waitFor();
    assert.equal(await page.locator('[data-notice]').count(), 1);
    stage.standIn.change((pen) => Object.assign(pen.doc.drill, { stopped: true }));
    await page.locator('[data-notice="stopped"]').waitFor();
    stage.standIn.change((pen) => {
        delete pen.doc.drill.stopped;
        delete pen.doc.host;
    });
    await page.locator('[data-notice]').first().waitFor({ state: 'detached' });
    await done(page);
});

test('captures: state, size, start and stop by keyboard, files by drill time',
     { skip: REAL !== null }, async () => {
    const page = await stage.page(browser, 'control');
    const row = (name) => page.locator(`[data-network="${name}"]`);
    await row('control').waitFor();
    assert.match(await row('control').innerText(), /抓包中[^]*2 个文件，1\.5 MiB/);
    assert.match(await row('it').innerText(), /未抓包[^]*暂无文件/);
    await row('it').locator('[data-verb="capture-start"]').focus();
    await page.keyboard.press('Enter');
    await hasFocus(page, '[data-verb="capture-start-confirm"]');
    await page.keyboard.press('Enter');
    await row('it').locator('[data-verb="capture-stop"]').waitFor();
    await row('control').locator('[data-verb="capture-files"]').focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('.capture-dialog[open]');
    await dialog.locator('tr[data-file]').nth(1).waitFor();
    assert.match(await dialog.innerText(), /05:00 至 09:59[^]*750 KiB[^]*west/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await row('it').locator('[data-verb="capture-stop"]').click();
    await row('it').locator('[data-verb="capture-stop-confirm"]').click();
    await row('it').locator('[data-verb="capture-start"]').waitFor();
    await done(page);
});
