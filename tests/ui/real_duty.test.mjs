/* Duties before the real daemon: a team reports on a form, the county receives it, control sees
 * what the law makes of it; by keyboard where people have one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isLive, openBrowser } from './harness.mjs';
import { RealStage } from './real_stage.mjs';

const PATIENCE_MS = 90000;
const SCENARIO = `
scenario "duty-ui" {
  title = { zh = "报告", en = "Reports" }, sector = "water", mode = "tabletop", length = "3h",
  rules = { "CAC-REPORT-2025", "CQ-DRAFT-2020" }, region = "CN-CQ", date = "2026-11-20 08:30",
}
tier "enterprise" { people = true, roles = { "ir_lead", "reporter" } }
tier "county" { people = true, leader = "director" }
playbook "intake" { file = "report-received.json", office = "county" }
limit "county-first" { duty = "CQ.LADDER.1", within = "20m" }
story(function (s) s:wait "3h" end)
`;
let browser;
let stage;
let drill;

before(async () => {
    browser = await openBrowser();
    stage = await RealStage.open();
    drill = await stage.create({ team: 'blue', teams: ['blue', 'green'], speed: 1,
        pack: { name: 'duty-ui', files: { 'scenario.lua': SCENARIO } } });
    stage.officeToken = drill.offices.county;
    await drill.run();
});
after(async () => {
    await browser?.close();
    if (stage) {
        assert.equal(await stage.close(), 0, 'the daemon ends cleanly');
    }
});

async function open(view, language = 'zh', theme = 'light') {
    const page = await stage.page(browser, view);
    page.setDefaultTimeout(PATIENCE_MS);
    await page.evaluate((prefs) => {
        localStorage.setItem('yanwu.language', prefs.language);
        localStorage.setItem('yanwu.theme', prefs.theme);
    }, { language, theme });
    await page.reload();
    await isLive(page);
    await page.locator('.panel').first().waitFor();
    return page;
}

test('a report goes from the team to the county, and its clock stops', async () => {
    const team = await open('team');
    await team.locator('#mark-what').selectOption('discovered');
    await team.locator('.duty-mark-form button[type=submit]').press('Enter');
    const clock = team.locator('[data-clock="CQ.LADDER.1:enterprise:county_jingxin"]');
    await clock.and(team.locator('.duty-running')).waitFor();
    assert.match(await clock.innerText(), /第26条/);
    assert.match(await clock.innerText(), /本次自定/);

    await team.getByLabel('区县经信主管部门').check();
    await team.locator('#item-1').fill('自来水厂');
    await team.locator('#item-2').fill('08:30 加药间');
    await team.locator('#claim-more').selectOption('people_affected');
    await team.locator('#claim-people_affected').fill('120000');
    await team.locator('.report-form button[type=submit]').press('Enter');
    await clock.and(team.locator('.duty-met')).waitFor();

    const office = await open('office', 'en', 'dark');
    const report = office.locator('[data-report]');
    await report.getByRole('button', { name: 'Content' }).press('Enter');
    assert.match(await report.innerText(), /自来水厂/);
    assert.match(await report.innerText(), /people affected\s+120000/);
    assert.doesNotMatch(await office.locator('main').innerText(), /[\u4e00-\u9fff]{2,}条例/);
    await report.getByRole('button', { name: 'Receive' }).press('Enter');
    await team.locator('[data-report]').getByText('区县已签收').waitFor();
    await work(office);
    const control = await open('control');
    await control.locator('.panel', { has: control.locator('#c-offices') })
        .locator('.run').getByText('核实研判').waitFor();
    assert.equal(await team.locator('main').getByText('签收登记').count(), 0, 'not the team’s');
    assert.deepEqual([...team.faults, ...office.faults, ...control.faults], []);
    await control.context().close();
    await office.context().close();
    await team.context().close();
});

/* The office's own plan: its officer gives proof, answers, and the next step comes. */
async function work(office) {
    const note = office.locator('[data-question]').filter({ hasText: 'Take note of the report' });
    await note.getByText('A report of blue has come').waitFor();
    await note.getByText('For the role: Duty officer').waitFor();
    await note.locator('.giving textarea').fill('08:41 by phone');
    await note.locator('.giving button[type=submit]').press('Enter');
    await note.locator('.evidence').getByText('08:41 by phone').waitFor();
    await note.locator('.form-foot button[type=submit]').press('Enter');
    await office.locator('.question').filter({ hasText: 'Verify the report' }).waitFor();
    await office.locator('.run').getByText('Report received').waitFor();
}

test('control rules on a fault, and the team disputes it', async () => {
    await drill.post('duty/report', { form: 'cac_art7', to: 'city_jingxin', role: 'reporter' },
        { token: drill.tokens.green });
    const control = await open('control', 'en', 'light');
    await control.locator('[data-team="green"] .team-choose').press('Enter');
    const fault = control.locator('[data-fault^="BYPASS:"]');
    await fault.waitFor();
    const team = await browserTeam(drill.tokens.green);
    const own = team.locator('[data-fault^="BYPASS:"]');
    await own.getByRole('button', { name: '提出异议' }).press('Enter');
    await own.getByLabel('理由').fill('电话中断');
    await own.getByLabel('理由').press('Enter');
    await fault.getByText('disputed').waitFor();
    await fault.getByRole('button', { name: 'Rule' }).first().press('Enter');
    await fault.getByLabel('Verdict').selectOption('dismissed');
    await fault.getByLabel('Reason').fill('the lines were down');
    await fault.getByLabel('Reason').press('Enter');
    await team.locator('[data-fault^="BYPASS:"].dismissed').waitFor();
    assert.deepEqual([...team.faults, ...control.faults], []);
    await team.context().close();
    await control.context().close();
});

test('the county warns a team and the city; the team says what it looked at', async () => {
    const office = await open('office', 'en', 'light');
    const form = office.locator('.warn-form');
    await form.getByLabel('What it warns of').fill('Default keys in the field');
    await form.getByRole('button').press('Enter');
    const team = await open('team', 'en', 'light');
    const warning = team.locator('[data-warning]');
    await warning.getByRole('button', { name: 'Receipt' }).press('Enter');
    await warning.locator('input').fill('two stations had them');
    await warning.locator('input').press('Enter');
    await warning.getByRole('button', { name: 'Rectified' }).waitFor();
    await office.locator('[data-team="blue"], #o-inbox-blue').first().waitFor();
    await office.locator('[data-warning]').getByText('two stations had them').first().waitFor();
    assert.equal(await office.locator('[data-warning]').getByRole('button').count(), 0, 'it warned');
    await drill.post('duty/warning', { level: 'blue', title: { zh: '值班', en: 'Keep watch' }, to: 'county' });
    const own = office.locator('[data-warning]').filter({ hasText: 'Keep watch' }).first();
    await own.getByRole('button', { name: 'Receipt' }).press('Enter');
    await own.getByText('County · Receipt').waitFor();
    assert.equal(await team.getByText('Keep watch').count(), 0, 'not the team’s');
    assert.deepEqual([...team.faults, ...office.faults], []);
    await team.context().close();
    await office.context().close();
});

async function browserTeam(token) {
    const before = stage.teamToken;
    stage.teamToken = token;
    const page = await open('team');
    stage.teamToken = before;
    return page;
}
