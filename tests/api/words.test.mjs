/* What the command line says in Chinese when a person asks for the wrong thing of a daemon. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Daemon } from './daemon.mjs';

const PROGRAM = process.env.YW_PROGRAM;
let daemon;
let drill;

before(async () => {
    daemon = await Daemon.start();
    drill = await daemon.create({ teams: ['blue', 'green'], speed: 1 });
});
after(() => daemon?.close());

function says(words, lang = 'zh', options = {}) {
    const { status, stderr } = spawnSync(PROGRAM, [...words, '--data', daemon.data],
        { env: { ...process.env, YW_LANG: lang }, ...options });
    return { status, text: stderr.toString() };
}

const wrong = (name, make, zh, en) => test(name, () => {
    const words = make();
    const chinese = says(words);
    assert.notEqual(chinese.status, 0);
    assert.match(chinese.text, zh);
    assert.match(says(words, 'en').text, en);
});

wrong('a drill that is not there', () => ['down', 'nowhere'], /没有演练“nowhere”/, /no drill 'nowhere'/);
wrong('a phase that does not allow it', () => ['reset', drill.id, 'blue', 'plc1'],
      /演练“.*”处于 planned 阶段/, /is planned/);

test('a machine and a team that are not there', async () => {
    await drill.run();
    assert.match(says(['reset', drill.id, 'blue', 'plc9']).text, /该队没有机器“plc9”/);
    assert.match(says(['reset', drill.id, 'red', 'plc1']).text, /没有队伍“red”/);
});

test('who may not ask is told that, not that nobody serves', { skip: process.getuid() !== 0 }, async () => {
    await chmod(daemon.data, 0o711);
    const refused = says(['status'], 'zh', { uid: 65534, gid: 65534 });
    assert.equal(refused.status !== 0, true);
    assert.match(refused.text, /没有权限/);
    assert.match(says(['status'], 'en', { uid: 65534, gid: 65534 }).text, /Permission denied/);
});
