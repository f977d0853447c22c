/* The process picture of every plant in a real browser, with what `plant run` computes: at rest and
 * upset, for control and for a team, in both languages and themes. No text may touch another, leave
 * the picture or its plate. YW_MIMIC_SHOTS: a folder for the pictures, to be looked at. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Stage, openBrowser } from './harness.mjs';

/* Orders to `plant run` after which a limit of the plant is crossed. */
const UPSETS = {
    'te-reactor': ['--seconds', '100', '--control', 'off', '--set', 'x1=100@0', 
                   '--set', 'x2=100@0', '--set', 'x3=0@0', '--set', 'x4=0@0'],
    'grid-feeder': ['--seconds', '20', '--set', 'q6=0@0', '--set', 'q3=0@0', '--set', 'p_max_pu=0.4@0'],
    'boiler-turbine': ['--seconds', '99', '--control', 'off', '--set', 'u3_feedwater=0@0'],
    cstr: ['--seconds', '1800', '--control', 'off', '--set', 'tc_coolant=310@0'],
    caster: ['--seconds', '20', '--set', 'speed=3@0', '--set', 'water=4000@0'],
    'machining-cell': ['--seconds', '60', '--set', 'rpm_limit=30000@0', '--set', 'rpm_sp=30000@0',
                       '--set', 'stop_time_s=0.5@0'],
    'water-dosing': ['--seconds', '300', '--set', 'dose_mg_l=11100@0'],
    'water-tank': ['--seconds', '4000', '--set', 'mv101=1@0', '--set', 'p101=0@0'],
    'quad-tank': ['--seconds', '600', '--control', 'off', '--set', 'v1=6@0'],
    'district-heating': ['--seconds', '172800', '--set', 'boiler_on=0@0', '--control', 'off'],
    'vehicle-fleet': ['--seconds', '300', ...[1, 2, 3, 6, 7].flatMap((car) =>
        ['--set', `immobilise_0${car}=1@250`])],
};

const plant = (...words) => JSON.parse(execFileSync(process.env.YW_PROGRAM,
    ['plant', ...words, '--json'], { encoding: 'utf8' }));
const models = plant('list').plants.map((one) => one.model);
const shots = process.env.YW_MIMIC_SHOTS;
let browser;
let stage;

before(async () => {
    if (shots) {
        mkdirSync(shots, { recursive: true });
    }
    browser = await openBrowser();
    stage = await Stage.open();
});
after(async () => {
    await browser?.close();
    await stage?.close();
});

/* A plant of the state document from the last row of a run. `frozen`: the view still says that. */
function plantOf(model, orders, frozen = null) {
    const facts = plant('show', model);
    const run = plant('run', model, '--step', orders[1], ...orders);
    const last = Object.fromEntries(run.truth.map(({ tag, values }) => [tag, values.at(-1)]));
    const tags = Object.fromEntries(facts.tags.map((tag, order) => [tag.name, {
        order, title: tag.title, unit: tag.unit, low: tag.low, high: tag.high,
        truth: last[tag.name], field: last[tag.name],
        view: tag.at === null ? null : (frozen ?? last)[tag.name] }]));
    const level = Math.max(...run.level.slice(-1));
    return { last, tags, facts, document: {
        model, title: facts.title, level, worst_level: level, level_tag: '', tags,
        limits: Object.fromEntries(facts.limits.map((limit, nth) => [nth, limit])) } };
}

const runs = Object.fromEntries(models.map((model) => {
    const rest = plantOf(model, ['--seconds', '60']);
    return [model, { rest, upset: plantOf(model, UPSETS[model], rest.last) }];
}));

/* Every text and plate of the picture, and what is wrong with where they stand. */
const faultsOf = (page) => page.locator('svg.mimic').evaluate((svg) => {
    const boxOf = (element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return { left, top, right, bottom };
    };
    const SLACK = 0.75; /* device pixels */
    const inkOf = (element) => { /* a line's box is a sixth taller than its letters on each side */
        const { left, top, right, bottom } = boxOf(element);
        const spare = (bottom - top) / 6;
        return { left, top: top + spare, right, bottom: bottom - spare };
    };
    const outside = (inner, outer) => inner.left < outer.left - SLACK ||
        inner.right > outer.right + SLACK || inner.top < outer.top - SLACK ||
        inner.bottom > outer.bottom + SLACK;
    const touch = (a, b) => a.left < b.right - SLACK && b.left < a.right - SLACK &&
        a.top < b.bottom - SLACK && b.top < a.bottom - SLACK;
    const faults = [];
    const texts = [...svg.querySelectorAll('text')].map((element) => ({
        name: element.textContent.trim(), box: inkOf(element),
        plate: element.closest('.badge') ? null : element.closest('.readout') }));
    const plates = [...svg.querySelectorAll('.readout')].map((element) => ({
        element, name: element.dataset.tag, box: boxOf(element.querySelector('.readout-box')) }));
    const symbols = [...svg.querySelectorAll('.valve, .pump, .breaker, .flame, .wheel, .roll')]
        .map((element) => ({ element, name: `a ${element.classList[0]}`, box: boxOf(element) }));
    const whole = boxOf(svg);
    for (const symbol of symbols) {
        for (const other of [...texts.filter((text) => text.plate === null), ...plates]) {
            if (touch(symbol.box, other.box)) {
                faults.push(`${symbol.name} × ${other.name}`);
            }
        }
    }
    texts.forEach((one, nth) => {
        if (outside(one.box, whole)) {
            faults.push(`outside the picture: ${one.name}`);
        }
        for (const other of texts.slice(nth + 1)) {
            if (touch(one.box, other.box)) {
                faults.push(`${one.name} × ${other.name}`);
            }
        }
        for (const plate of plates) {
            if (plate.element === one.plate ? outside(one.box, plate.box)
                : !svg.querySelector('.badge')?.contains(one.element) && one.plate !== null &&
                    touch(one.box, plate.box)) {
                faults.push(`${one.name} and the plate of ${plate.name}`);
            }
        }
    });
    plates.forEach((one, nth) => {
        for (const other of plates.slice(nth + 1)) {
            if (touch(one.box, other.box)) {
                faults.push(`plates: ${one.name} × ${other.name}`);
            }
        }
    });
    return { faults, texts: texts.length, plates: plates.length };
});

async function show(page, { document }, name) {
    stage.standIn.change(() => {
        for (const plants of Object.values(stage.standIn.doc.plants)) {
            plants.works = document;
        }
    });
    await page.locator(`svg.mimic[data-model="${document.model}"]`).waitFor();
    await page.waitForFunction((level) => document.querySelector(
        `.plant-head .level-${level} .level-number`) !== null, document.level);
    await page.evaluate(() => document.fonts.ready);
    const { faults, texts, plates } = await faultsOf(page);
    if (shots) {
        await page.locator('svg.mimic').screenshot({ path: join(shots, `${name}.png`) });
    }
    assert.ok(texts >= 4 && plates >= 4, `${name}: ${texts} texts, ${plates} plates`);
    return faults.map((fault) => `${name}: ${fault}`);
}

const LOOKS = [
    { view: 'control', language: 'zh', theme: 'light' }, { view: 'control', language: 'en', theme: 'dark' },
    { view: 'team', language: 'en', theme: 'light' }, { view: 'team', language: 'zh', theme: 'dark' },
];

for (const { view, language, theme } of LOOKS) {
    test(`every plant, ${view}, ${language}, ${theme}`, async () => {
        const page = await stage.page(browser, view, {
            colorScheme: theme, reducedMotion: 'reduce' });
        if (language === 'en') {
            await page.locator('[data-setting="language"]').click();
            await page.locator('html[lang="en"]').waitFor();
        }
        const faults = [];
        for (const model of models) {
            const { rest, upset } = runs[model];
            const name = `${model}-${view}-${language}`;
            faults.push(...await show(page, rest, `${name}-rest`));
            faults.push(...await show(page, upset, `${name}-upset`));
            const mimic = page.locator('svg.mimic');
            if (view === 'control') {
                assert.ok(upset.document.level > 0, `${model}: nothing crossed`);
                assert.ok(await mimic.locator('.badge, .lamp-bad').count() > 0, `${model}: no badge`);
                assert.ok(await mimic.locator('.differs').count() > 0, `${model}: no gap is told`);
            } else {
                assert.equal(await mimic.locator('.readout-view').count(), 0, 'no truth for a team');
            }
        }
        assert.deepEqual(faults, []);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
}

test('the plates are reached and read out by keyboard', async () => {
    const page = await stage.page(browser, 'team');
    await show(page, plantOf('cstr', UPSETS.cstr), 'keyboard');
    const labels = [];
    await page.locator('svg.mimic').focus();
    for (let i = 0; i < 3; i++) {
        await page.keyboard.press('ArrowRight');
        labels.push(await page.evaluate(() => document.activeElement.getAttribute('aria-label')));
    }
    assert.equal(new Set(labels).size, 3);
    assert.match(labels.join('\n'), /反应温度 [\d.]+ K; .*3 级/);
    await page.context().close();
});
