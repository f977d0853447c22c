/* `yanwu run --auto` as a newcomer meets it: the links it prints open the views they name, and the
 * wall shows the drill being played. YW_SCREENSHOT: where the picture for the front page goes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ROOT, newKey, until } from '../api/daemon.mjs';
import { PATIENCE_MS, Stage, isLive, openBrowser, ranksShown } from './harness.mjs';

const SPEED = 20;
const PICTURE_MAX = 400 * 1024;
let browser;
let data;
let child;
const lines = [];
const links = {};

/* Every page of this test is watched over as those of the stage are. */
class Visit extends Stage {
    address() {
        return this.link;
    }

    open(view, options) {
        this.link = links[view];
        this.url = new URL(this.link).origin;
        return this.page(browser, view === 'wall' || view === 'control' ? view : 'team', options);
    }
}
const visit = new Visit();
let moment; /* of the picture: time runs slowly from then on, however slow the browser is */

const drillUrl = (rest) => `${new URL(links.wall).origin}/api/v1/drills/${
    /drills\/([^/?&]+)/.exec(links.wall)[1]}${rest}`;
const stateNow = async () => (await fetch(drillUrl(''))).json();

async function setSpeed(speed) {
    const token = /token=([a-z0-9]+)$/.exec(links.control)[1];
    const { status } = await fetch(drillUrl('/clock'), { method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json',
                   'Idempotency-Key': newKey() },
        body: JSON.stringify({ speed }) });
    assert.equal(status, 200);
}

async function reachMoment() {
    await until('the moment of the picture', async () => {
        const { drill, teams } = await stateNow();
        assert.notEqual(drill.phase, 'ended', lines.join('\n'));
        return Object.values(teams).every((team) => team.points > 0); /* the slow one late */
    }, 60000 + PATIENCE_MS);
    await setSpeed(1);
}

before(async () => {
    browser = await openBrowser();
    data = await mkdtemp(join(tmpdir(), 'yw-run-'));
    child = spawn(process.env.YW_PROGRAM, ['run', join(ROOT, 'scenarios/water-dosing'), '--auto', '--stay',
        '--teams', 'blue-quick,blue-slow', '--connect', 'fake:', '--data', data,
        '--speed', String(SPEED)],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, YW_LANG: 'en' } });
    for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => lines.push(line));
    }
    await until('the links', () => {
        for (const line of lines) {
            const match = /^([a-z-]+): (http:\S+\/#\S+)$/.exec(line);
            if (match) {
                links[match[1] === 'board' ? 'wall' : match[1]] = match[2];
            }
        }
        return Object.keys(links).length === 4;
    });
    moment = reachMoment();
    moment.catch(() => {}); /* the test that waits for it says so */
});
after(async () => {
    await browser?.close();
    if (child?.exitCode === null) {
        child.kill('SIGINT');
        const [code] = await once(child, 'exit');
        assert.equal(code, 0, lines.join('\n'));
    }
    await rm(data, { recursive: true, force: true });
});

test('the wall of the drill being played, and its picture', async () => {
    const page = await visit.open('wall', { colorScheme: 'dark',
                                            viewport: { width: 1600, height: 900 } });
    await moment;
    await page.locator('.clock-drill', { hasNotText: '倍速' }).waitFor();
    const ranks = await ranksShown(page);
    assert.deepEqual(ranks.map(({ team }) => team), ['blue-quick', 'blue-slow']);
    assert.ok(ranks[0].points > ranks[1].points);
    assert.match(await page.locator('.wall').innerText(), /切断控制网上的入侵主机/);
    await page.waitForFunction(() => document.getAnimations().every((one) => /* rows at rest */
        one.playState !== 'running' || one.effect.getTiming().iterations === Infinity));
    const path = process.env.YW_SCREENSHOT ?? join(data, 'screenshot.png');
    await page.screenshot({ path });
    const { size } = await stat(path);
    assert.ok(size > 40000 && size < PICTURE_MAX, `${size} bytes`);
    assert.deepEqual(page.faults, []);
    await setSpeed(SPEED);
    await page.context().close();
});

test('each printed link opens its view, and its token leaves the address', async () => {
    assert.deepEqual(Object.keys(links).sort(), ['blue-quick', 'blue-slow', 'control', 'wall']);
    for (const [name, link] of Object.entries(links)) {
        const page = await visit.open(name);
        const token = /token=([a-z0-9]+)$/.exec(link)?.[1];
        assert.equal(token === undefined, name === 'wall');
        const view = name === 'wall' ? '.wall' : name === 'control' ? '.control' : '.standing';
        await page.locator(view).first().waitFor();
        if (name.startsWith('blue')) {
            assert.match(await page.locator('.standing').innerText(), new RegExp(name));
        }
        if (token) {
            assert.equal(page.url().includes(token), false, 'the token has left the address');
            assert.equal(page.url(), link.slice(0, link.search(/[?&]token=/)));
            await page.reload();
            await isLive(page);
            await page.locator(view).first().waitFor();
        }
        assert.deepEqual(page.faults, []);
        await page.context().close();
    }
});

test('another link in the same tab is another reader', async () => {
    const page = await visit.open('control');
    await page.locator('.control').waitFor();
    await page.goto(links['blue-quick']);
    await page.locator('.standing').filter({ hasText: 'blue-quick' }).waitFor();
    assert.doesNotMatch(page.url(), /token/);
    await page.context().close();
});

test('it stays up when the drill has ended, until Ctrl-C, and the reports are there', async () => {
    await until('the reports', () => lines.some((line) => /report\.en\.html$/.test(line)), 60000);
    const page = await visit.open('wall');
    await page.locator('[data-phase="ended"]').waitFor();
    assert.equal(await page.locator('.clock-over').count(), 0, 'it ended in time');
    await page.context().close();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.match(lines.join('\n'), /rank 1\s+blue-quick/);
});
