/* Ctrl-C in 'yanwu run': the first takes back in order, the second leaves at once and says what
 * remains and how it goes away. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Daemon, SCENARIO, pause, until } from './daemon.mjs';

const PROGRAM = process.env.YW_PROGRAM;
const AT_ONCE_MS = 60000; /* while a stopped daemon would keep it for ever */
let data;
let daemon;

/* 'yanwu run' on a daemon of the test's own, so that it can be made to hang. */
class Run {
    constructor(lang = 'en') {
        this.text = '';
        this.child = spawn(PROGRAM, ['run', SCENARIO, '--data', data, '--connect', 'fake:',
            '--speed', '1'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, YW_LANG: lang } });
        this.child.stderr.on('data', (chunk) => { this.text += chunk; });
        this.ended = once(this.child, 'exit');
    }

    says(pattern) {
        return until(`${pattern} in:\n${this.text}`, () => this.text.match(pattern));
    }

    get id() {
        return this.text.match(/drills\/([a-z0-9-]+)/)[1];
    }
}

beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'yw-int-'));
    daemon = await Daemon.start({ data });
});
afterEach(async () => {
    await daemon?.end();
    await rm(data, { recursive: true, force: true });
});

/* Whether SIGINT still waits to be taken; a second one would be lost in it. */
async function isPending(pid) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return [...status.matchAll(/^S[hi][dg]Pnd:\s+([0-9a-f]+)$/gm)]
        .some(([, bits]) => (parseInt(bits.slice(-2), 16) & 2) !== 0);
}

const phase = async (id) =>
    (await daemon.ask('GET', `/api/v1/drills/${id}`, { token: daemon.control })).body.drill.phase;

test('the first one ends the run, writes the report and takes the range down', async () => {
    const run = new Run();
    await run.says(/drill running/);
    run.child.kill('SIGINT');
    const [code] = await run.ended;
    assert.equal(code, 0, run.text);
    assert.match(run.text, /interrupted: writing the report[^]*report\.zh\.md[^]*taking the range down/);
    assert.equal(await phase(run.id), 'archived');
});

for (const [lang, said] of [
    ['en', /left at once: drill (\S+) stays.*'yanwu down \1 --data (\S+)' removes/],
    ['zh', /立即离开：演练 (\S+) 仍在.*“yanwu down \1 --data (\S+)”/]]) {
    test(`the second one leaves at once (${lang})`, async () => {
        const run = new Run(lang);
        await run.says(/drill running|演练进行中/);
        const { pid } = JSON.parse(await readFile(join(data, 'api.json'), 'utf8'));
        process.kill(Number(pid), 'SIGSTOP');
        try {
            run.child.kill('SIGINT');
            await until('it to have heard', async () => !await isPending(run.child.pid));
            await pause(300);
            assert.equal(run.child.exitCode, null, 'it waits for the daemon');
            run.child.kill('SIGINT');
            const [code] = await Promise.race([run.ended, pause(AT_ONCE_MS).then(() => ['late'])]);
            assert.equal(code, 130, run.text);
        } finally {
            process.kill(Number(pid), 'SIGCONT');
        }
        const [, id, where] = run.text.match(said) ?? assert.fail(run.text);
        assert.equal(where, data);
        assert.doesNotMatch(run.text, lang === 'en' ? /立即/ : /left at once/);
        assert.notEqual(await phase(id), 'archived');
        const down = spawnSync(PROGRAM, ['down', id, '--data', where]);
        assert.equal(down.status, 0, down.stderr.toString());
        assert.equal(await phase(id), 'archived');
    });
}
