/* What every test of the page needs: a server, a browser, and a watch over the console and the
 * network. Settings come from the environment:
 *   YW_UI_PACKAGES   folder whose node_modules holds playwright-core (default: this folder)
 *   YW_BOARD         the built board, for the stand-in
 *   YW_URL, YW_CONTROL_TOKEN, YW_TEAM_TOKEN   a real daemon with a running drill instead */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Cable } from './cable.mjs';
import { CONTROL_TOKEN, StandIn, TEAM_TOKENS } from './stand_in.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const packages = process.env.YW_UI_PACKAGES ?? HERE;
const { chromium } = createRequire(join(packages, 'package.json'))('playwright-core');

export const REAL = process.env.YW_URL ?? null;
export const CHROMIUM = process.env.YW_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const PATIENCE_MS = 90000; /* for a busy machine; nothing waits that long in peace */

/* The browser drops what it is loading when a range's bridge appears beside it. */
const NETWORK_CHANGED = 'ERR_NETWORK_CHANGED';

export const openBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/* A server under test with a cable before it. */
export class Stage {
    static async open({ startMs = 700000, prepare = () => {} } = {}) {
        const stage = new Stage();
        if (REAL) {
            stage.serverUrl = REAL.replace(/\/$/, '');
            stage.controlToken = process.env.YW_CONTROL_TOKEN;
            stage.teamToken = process.env.YW_TEAM_TOKEN;
        } else {
            stage.standIn = new StandIn({ boardDir: process.env.YW_BOARD, startMs });
            prepare(stage.standIn);
            stage.serverUrl = await stage.standIn.listen();
            stage.controlToken = CONTROL_TOKEN;
            stage.teamToken = TEAM_TOKENS['blue-slow'];
        }
        stage.cable = new Cable(stage.serverUrl);
        stage.url = await stage.cable.listen();
        const { drills } = await (await fetch(`${stage.serverUrl}/api/v1/status`)).json();
        stage.drill = (drills.find((drill) => drill.phase === 'running') ?? drills[0]).id;
        return stage;
    }

    async close() {
        await this.cable.close();
        await this.standIn?.close();
    }

    address(view) {
        const token = { control: this.controlToken, team: this.teamToken,
                        office: this.officeToken }[view];
        return view === 'list' ? `${this.url}/` : `${this.url}/#/drills/${this.drill}` +
            `${view === 'wall' ? '' : `/${view}`}${token ? `&token=${token}` : ''}`;
    }

    async post(what, body, token = this.controlToken) {
        const response = await fetch(`${this.serverUrl}/api/v1/drills/${this.drill}/${what}`, {
            method: 'POST', body: JSON.stringify(body),
            headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`,
                       'Idempotency-Key': `test-${Date.now()}-${Math.random()}` },
        });
        if (!response.ok) {
            throw new Error(`${what}: ${response.status} ${await response.text()}`);
        }
        return response.json();
    }

    rule(team, points, reason) {
        return this.post('rulings', { team, points, reason });
    }

    /* Opens a view in its own context; what it must not do is collected in page.faults. */
    async page(browser, view, options = {}) {
        const context = await browser.newContext({
            viewport: view === 'wall' ? { width: 1920, height: 1080 } : { width: 1440, height: 1000 },
            locale: 'zh-CN', ...options,
        });
        const page = await context.newPage();
        page.faults = [];
        page.on('console', (message) => {
            if (message.text().includes(NETWORK_CHANGED)) {
                page.isCut = true;
            } else if (['error', 'warning'].includes(message.type())) {
                page.faults.push(`console: ${message.text()}`);
            }
        });
        page.on('pageerror', (error) => page.faults.push(`page: ${error.message}`));
        const { host } = new URL(this.url);
        const watch = (url) => {
            if (new URL(url).host !== host && !url.startsWith('data:')) {
                page.faults.push(`request leaves the host: ${url}`);
            }
        };
        page.on('request', (request) => watch(request.url()));
        page.on('websocket', (socket) => watch(socket.url()));
        page.setDefaultTimeout(PATIENCE_MS);
        await page.goto(this.address(view));
        for (let i = 0; page.isCut && i < 10; i++) {
            page.isCut = false;
            await page.reload().catch((failure) => {
                if (!failure.message.includes(NETWORK_CHANGED)) {
                    throw failure;
                }
                page.isCut = true;
            });
        }
        if (view !== 'list') {
            await isLive(page).catch(async (failure) => {
                const seen = this.cable?.seen.slice(-12).map(({ method, url }) => `${method} ${url}`);
                throw new Error([failure.message, ...page.faults, ...seen ?? [],
                    await page.locator('body').innerText()].join('\n'));
            });
        }
        return page;
    }
}

export const isLive = (page) =>
    page.locator('[data-connection="live"]').first().waitFor({ timeout: PATIENCE_MS });

/* [{team, rank, points}] as the wall shows them, top to bottom. */
export const ranksShown = (page) => page.locator('.rank-row').evaluateAll((rows) =>
    rows.map((row) => ({
        team: row.dataset.team, rank: Number(row.dataset.rank),
        points: Number(row.querySelector('[data-part="points"]').textContent
            .replace('−', '-').replace(/,/g, '')),
    })));

/* The drill clock's text, when it has stood for a while: it is drawn four times a second. */
export async function clockStanding(page) {
    let last;
    return eventually(async () => {
        const before = last;
        last = await page.locator('[data-part="drill-clock"]').textContent();
        await page.waitForTimeout(600);
        return { text: last, stands: last === before };
    }, ({ stands }) => stands).then(({ text }) => text);
}

/* Asks again until the answer is right, or time is up: then the last answer decides. */
export async function eventually(ask, right, ms = PATIENCE_MS) {
    const until = Date.now() + ms;
    for (;;) {
        const answer = await ask();
        if (right(answer) || Date.now() > until) {
            return answer;
        }
        await new Promise((done) => setTimeout(done, 100));
    }
}
