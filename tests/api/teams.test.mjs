/* 'yanwu run --auto --teams': some of the scenario's teams play, each by the player of its name. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCENARIO } from './daemon.mjs';

test('the second of two teams plays alone, with its own player', async () => {
    const data = await mkdtemp(join(tmpdir(), 'yw-teams-'));
    const child = spawn(process.env.YW_PROGRAM, ['run', SCENARIO, '--auto', '--json', '--teams',
        'blue-slow', '--connect', 'fake:', '--data', data, '--speed', '60'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, YW_LANG: 'en' } });
    let document = '';
    let said = '';
    child.stdout.on('data', (chunk) => { document += chunk; });
    child.stderr.on('data', (chunk) => { said += chunk; });
    const [code] = await once(child, 'close');
    await rm(data, { recursive: true, force: true });
    assert.equal(code, 0, said);
    const { teams } = JSON.parse(document);
    assert.deepEqual(Object.keys(teams), ['blue-slow']);
    assert.ok(teams['blue-slow'].points > 0, said);
    assert.match(said, /blue-slow reports: 发现加药设定值被篡改/, said);
});
