/* A machine's console in the real page before the real daemon: opened, typed at, taken over, by
 * keyboard, under the page's strict content security policy. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sitter } from '../api/console.mjs';
import { packageOf } from '../api/daemon.mjs';
import { openBrowser } from './harness.mjs';
import { RealStage } from './real_stage.mjs';

let browser;
let stage;
let drill;

before(async () => {
    browser = await openBrowser();
    stage = await RealStage.open();
    const pack = await packageOf();
    pack.files['scenario.lua'] = pack.files['scenario.lua']
        .replace(/(machine "hmi1" \{)/, '$1 console = true, display = true,');
    drill = await stage.create({ pack, speed: 1 });
    assert.equal((await drill.verb('up')).status, 200);
});
after(async () => {
    await browser?.close();
    if (stage) {
        assert.equal(await stage.close(), 0, 'the daemon ends cleanly');
    }
});

const consoleOf = (page, machine) =>
    page.locator(`.machine[data-machine="${machine}"] [data-console="serial"]`);
const seat = (page, what) => page.locator(`.console-seat[data-seat="${what}"]`).waitFor();

async function shows(page, text) {
    await page.waitForFunction((wanted) =>
        document.querySelector('.xterm-rows')?.textContent.includes(wanted), text);
}

async function done(page, allowed = null) {
    assert.deepEqual(page.faults.filter((fault) => !allowed?.test(fault)), []);
    await page.context().close();
}

test('control opens a console by keyboard and types help', async () => {
    const page = await stage.page(browser, 'control');
    await consoleOf(page, 'plc1').first().focus();
    await page.keyboard.press('Enter');
    await seat(page, 'type');
    await shows(page, 'plc1> ');
    await page.keyboard.type('help\n');
    await shows(page, 'modbus scan CIDR');
    await page.keyboard.type('status\n');
    await shows(page, 'role plc');
    /* the sheets of the terminal are in force: rows have a height, the cursor a colour */
    const row = await page.locator('.xterm-rows > div').first().boundingBox();
    assert.ok(row.height > 10 && row.height < 40, JSON.stringify(row));
    assert.equal(await page.locator('style').count(), 0);
    if (process.env.YW_SHOT) {
        await page.screenshot({ path: process.env.YW_SHOT });
    }
    /* Tab is the terminal's, Shift+Tab the way out of it */
    await page.keyboard.press('Shift+Tab');
    assert.ok(await page.evaluate(() => !document.activeElement.closest('.console-box')));
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.ok(await page.evaluate(() => document.activeElement.dataset.console === 'serial'));
    await done(page);
});

/* The colour of the screen's middle. */
const colour = (page) => page.evaluate(() => {
    const canvas = document.querySelector('.console-vnc canvas');
    return canvas?.width > 0 ? canvas.getContext('2d')
        .getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[0] : -1;
});

test('who is told that he types is heard, however slowly the terminal loads', async () => {
    const page = await stage.page(browser, 'control');
    await page.route('**/lib/xterm.js', async (route) => {
        await new Promise((later) => { setTimeout(later, 1500); });
        await route.continue();
    });
    await consoleOf(page, 'plc1').first().click();
    await seat(page, 'type');
    await page.keyboard.type('ip\n');
    await shows(page, '10.20.2.11');
    await done(page);
});

test('control opens a screen, and a key arrives at the machine', async () => {
    const page = await stage.page(browser, 'control');
    await page.locator('.machine[data-machine="hmi1"] [data-console="vnc"]').first().click();
    await seat(page, 'type');
    await page.locator('.console-vnc[aria-busy="false"]').waitFor();
    await page.locator('.console-vnc canvas').focus();
    await page.keyboard.press('z');
    await page.waitForFunction(() => document.querySelector('.console-vnc canvas')
        ?.getContext('2d').getImageData(20, 20, 1, 1).data[0] === 'z'.charCodeAt(0));
    assert.equal(await colour(page), 'z'.charCodeAt(0));
    await page.locator('.console-seat button').click();
    await seat(page, 'view');
    await page.locator('.console-vnc canvas').focus();
    await page.keyboard.press('a');
    await page.waitForTimeout(300);
    assert.equal(await colour(page), 'z'.charCodeAt(0));
    await done(page, /willReadFrequently/); /* it is this test that reads the canvas */
});

test('a team sees only its open consoles, loses the keys and gets them back', async () => {
    const page = await stage.page(browser, 'team');
    await consoleOf(page, 'hmi1').waitFor();
    assert.equal(await page.locator('[data-console]').count(), 2);
    await consoleOf(page, 'hmi1').click();
    await seat(page, 'type');
    await shows(page, 'hmi1> ');
    const control = await Sitter.open(drill, 'hmi1', { token: stage.controlToken, team: 'blue-slow' });
    control.send({ type: 'take' });
    await seat(page, 'view');
    assert.match(await page.locator('.console-seat').textContent(), /只看；正在输入：control/);
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('log\n');
    await control.asks('ip', '10.20.2.21');
    await shows(page, '10.20.2.21');
    assert.doesNotMatch(control.shown, /nothing yet/);
    await page.locator('.console-seat button').click();
    await page.locator('.console-refused').waitFor();
    control.close();
    await page.waitForFunction(() => !document.querySelector('.console-seat')
        .textContent.includes('control'));
    await page.locator('.console-seat button').click();
    await seat(page, 'type');
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('log\n');
    await shows(page, 'nothing yet');
    await done(page);
});

test('a cut line comes back by itself, with what was shown before', async (t) => {
    t.after(() => stage.cable.plug());
    const page = await stage.page(browser, 'control');
    await consoleOf(page, 'plc1').first().click();
    await seat(page, 'type');
    await page.keyboard.type('ip\n');
    await shows(page, '10.20.2.11');
    stage.cable.pull();
    await seat(page, 'lost');
    assert.match(await page.locator('.console-seat').innerText(), /连接中断，正在重新连接/);
    await page.waitForTimeout(1200); /* at least one try comes to nothing */
    stage.cable.plug();
    await seat(page, 'type');
    await shows(page, '10.20.2.11');
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('status\n');
    await shows(page, 'role plc');
    await done(page, /^console: WebSocket connection to/);
});

test('when the range goes down the window says so, and offers to connect again', async () => {
    const page = await stage.page(browser, 'control');
    await consoleOf(page, 'plc1').first().click();
    await seat(page, 'type');
    await drill.verb('down');
    await seat(page, 'ended');
    await page.locator('.console-seat button', { hasText: '重新连接' }).waitFor();
    await done(page);
});
