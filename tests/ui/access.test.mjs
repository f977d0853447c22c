/* Can everybody use it: names, order of focus, contrast, size on a projector, motion. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { REAL, Stage, eventually, isLive, openBrowser } from './harness.mjs';

const VIEWS = ['list', 'wall', 'control', 'team'];
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

async function settled(view, options) {
    const page = await stage.page(browser, view, options);
    await page.locator({ list: '.drill-card', wall: '.rank-row', control: '.team-row',
                         team: '.standing' }[view]).first().waitFor();
    return page;
}

/* Runs in the page. What is wrong with names, ids, headings and landmarks. */
function structureFaults() {
    const faults = [];
    const nameOf = (one) => (one.getAttribute('aria-label') ??
        one.labels?.[0]?.textContent ??
        document.getElementById(one.getAttribute('aria-labelledby') ?? '')?.textContent ??
        one.textContent).trim();
    for (const one of document.querySelectorAll('button, a, input, select, textarea, [role="img"], ' +
        'form, nav, section, dialog, [role="group"], [role="log"]')) {
        if (!nameOf(one)) {
            faults.push(`no name: ${one.outerHTML.slice(0, 90)}`);
        }
    }
    for (const one of document.querySelectorAll('svg')) {
        if (one.getAttribute('aria-hidden') !== 'true' && !one.getAttribute('aria-label')) {
            faults.push(`a picture without words: ${one.outerHTML.slice(0, 90)}`);
        }
    }
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    ids.filter((id, place) => ids.indexOf(id) !== place)
        .forEach((id) => faults.push(`id twice: ${id}`));
    const levels = [...document.querySelectorAll('h1, h2, h3')]
        .map((one) => Number(one.tagName[1]));
    if (levels.filter((level) => level === 1).length !== 1) {
        faults.push(`headings of level 1: ${levels}`);
    }
    levels.forEach((level, place) => {
        if (place > 0 && level > levels[place - 1] + 1) {
            faults.push(`heading level skipped: ${levels}`);
        }
    });
    if (document.querySelectorAll('main').length !== 1) {
        faults.push('not one main');
    }
    document.querySelectorAll('[tabindex]').forEach((one) => one.tabIndex > 0 &&
        faults.push('a tabindex above 0'));
    document.querySelectorAll('[style]').forEach((one) => {
        if (!one.closest('.chart')) {
            faults.push(`a style of its own: ${one.outerHTML.slice(0, 90)}`);
        }
    });
    return faults;
}

/* Runs in the page. Texts whose contrast with what is behind them is below `least`. */
function contrastFaults(least) {
    const parse = (text) => {
        const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
        return { r, g, b, a };
    };
    const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a),
        g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
    const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92
        : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const light = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const behind = (one) => {
        const layers = [];
        for (let at = one; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            layers.push(colour);
            if (colour.a === 1) {
                break;
            }
        }
        return layers.reverse().reduce((below, top) => over(top, below),
                                       { r: 255, g: 255, b: 255, a: 1 });
    };
    const faults = [];
    for (const one of document.querySelectorAll('body *')) {
        const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const hidden = one.closest('.unseen, .skip') || !one.checkVisibility();
        if (!own || hidden) {
            continue;
        }
        const style = getComputedStyle(one);
        const back = behind(one);
        const isSvg = one instanceof SVGElement;
        const front = over(parse(isSvg ? style.fill : style.color), back);
        const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < least) {
            faults.push(`${ratio.toFixed(2)}: ${one.className} ${one.textContent.trim().slice(0, 30)}`);
        }
    }
    return faults;
}

test('everything has a name, ids are single, headings step by one', async () => {
    for (const view of VIEWS) {
        const page = await settled(view);
        assert.deepEqual(await page.evaluate(structureFaults), [], view);
        await page.context().close();
    }
});

test('contrast holds in both colours and both languages', async () => {
    for (const colorScheme of ['light', 'dark']) {
        for (const view of VIEWS) {
            const page = await settled(view, { colorScheme });
            assert.deepEqual(await page.evaluate(contrastFaults, 4.5), [], `${view} ${colorScheme}`);
            await page.context().close();
        }
    }
});

test('colours follow the system, and the reader above the system', async () => {
    const page = await settled('wall', { colorScheme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    assert.notEqual(await ground(), dark);
    await page.locator('[data-setting="theme"]').click();
    await page.locator('[data-setting="theme"]').click();
    await page.locator('html[data-theme="dark"]').waitFor();
    assert.equal(await ground(), dark);
    await page.context().close();
});

/* Runs in the page. What a projector could not show: small type, anything out of the picture. */
function wallFaults() {
    const faults = [];
    for (const one of document.querySelectorAll('.wall *')) {
        const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (own && !one.closest('.unseen') && one.checkVisibility()) {
            const size = Number.parseFloat(getComputedStyle(one).fontSize);
            const box = one.getBoundingClientRect();
            if (size < 27.9) {
                faults.push(`${size}px: ${one.className} ${one.textContent.trim()}`);
            }
            if (box.bottom > innerHeight + 1 || box.right > innerWidth + 1) {
                faults.push(`out of the picture: ${one.className} ${one.textContent.trim()}`);
            }
        }
    }
    for (const row of document.querySelectorAll('.rank-button')) {
        const inside = row.getBoundingClientRect();
        for (const one of row.querySelectorAll(':scope > :not(.unseen), .level-chip, b')) {
            const box = one.getBoundingClientRect();
            if (box.width > 0 && (box.top < inside.top - 1 || box.bottom > inside.bottom + 1)) {
                faults.push(`out of its row: ${one.className} ${one.textContent.trim()}`);
            }
        }
    }
    if (document.documentElement.scrollHeight > innerHeight) {
        faults.push(`scrolls: ${document.documentElement.scrollHeight}`);
    }
    return faults;
}

test('the wall is legible from the back of a hall and never scrolls', async () => {
    for (const language of ['zh', 'en']) {
        const page = await settled('wall');
        if (language === 'en') {
            await page.locator('[data-setting="language"]').click();
        }
        assert.deepEqual(await eventually(() => page.evaluate(wallFaults),
                                          (faults) => faults.length === 0), [], language);
        await page.context().close();
    }
});

test('twenty teams with long names: pages, no overflow, all reachable', { skip: Boolean(REAL) },
     async () => {
    const crowd = await Stage.open({ prepare: ({ doc }) => {
        for (let index = 2; index < 20; index++) {
            const name = index === 2 ? '某省能源集团有限公司网络安全与信息化应急处置联合突击队第一分队'
                : `blue-team-${index}`;
            doc.teams[name] = { index, name, points: 300 - index * 17, rank: 1, level: index % 6,
                                worst_level: 5, history: { 0: 0, 60000: 250 - index * 9,
                                [680000 - index * 9000]: 300 - index * 17 } };
            doc.score_lines[name] = {};
        }
        const teams = Object.values(doc.teams);
        teams.forEach((team) => {
            team.rank = 1 + teams.filter((other) => other.points > team.points).length;
        });
    } });
    const page = await crowd.page(browser, 'wall');
    await page.locator('.rank-row').nth(7).waitFor();
    assert.equal(await page.locator('.rank-row').count(), 8);
    assert.deepEqual(await page.evaluate(wallFaults), []);
    assert.match(await page.locator('.pages').textContent(), /1.*3/);
    if (process.env.YW_CROWD) {
        await page.screenshot({ path: process.env.YW_CROWD });
    }
    const first = await page.locator('.rank-row').first().getAttribute('data-team');
    await page.locator(`.rank-row:not([data-team="${first}"])`).first().waitFor();
    await page.waitForFunction((team) => document.querySelector('.rank-row').dataset.team !== team,
                               first);
    await page.context().close();
    await crowd.close();
});

test('a narrow screen shows every view without sideways scrolling', async () => {
    for (const view of VIEWS) {
        const page = await settled(view, { viewport: { width: 390, height: 844 } });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${view} is ${over}px too wide`);
        await page.context().close();
    }
});

test('who asks for less motion gets none', async () => {
    for (const view of ['control', 'team', 'wall']) {
        const page = await settled(view, { reducedMotion: 'reduce' });
        assert.equal(await page.evaluate(() => document.getAnimations().length), 0, view);
        await page.context().close();
    }
});

test('the keyboard goes everywhere in the order of reading', async () => {
    const page = await settled('team');
    await page.evaluate(() => { document.activeElement.blur(); });
    await page.reload();
    await isLive(page);
    await page.locator('.standing').waitFor();
    const focusable = await page.evaluate(() => [...document.querySelectorAll(
        'a[href], button, input, select, textarea, [tabindex="0"]')]
        .filter((one) => one.checkVisibility() && one.type !== 'radio').length);
    await page.evaluate(() => { document.activeElement.blur(); document.body.tabIndex = -1;
        document.body.focus(); document.body.removeAttribute('tabindex'); });
    const tops = [];
    for (let i = 0; i < focusable; i++) {
        await page.keyboard.press('Tab');
        tops.push(await page.evaluate(() => {
            const order = [...document.querySelectorAll('*')];
            return order.indexOf(document.activeElement);
        }));
    }
    const rising = tops.every((at, place) => place === 0 || at > tops[place - 1]);
    assert.ok(rising, `order of focus: ${tops}`);
    await page.context().close();
});

test('the first Tab offers to skip to the content', async () => {
    const page = await settled('control');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    assert.match(page.url(), /\/control$/, 'the route is not disturbed');
    await page.context().close();
});
