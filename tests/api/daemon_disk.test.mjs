/* The floor of free space: below it nothing new is begun, control is told, what runs goes on,
 * and with room again so does everything. The floor is moved, not the disk. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, until } from './daemon.mjs';

const ABOVE_ALL = ['--disk-floor', String(2 ** 30)];
let daemon;
let running;

before(async () => {
    daemon = await Daemon.start();
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0);
    }
});

async function again(args) {
    assert.equal(await daemon.end(), 0);
    daemon.args = args;
    await daemon.run();
}

const events = async (drill, kind) =>
    (await drill.events()).filter((event) => event.kind === kind);

test('below the floor', async () => {
    const first = running = await daemon.create();
    await first.run();
    const second = await daemon.create();
    assert.deepEqual(await events(first, 'disk-state'), []);
    await again(ABOVE_ALL);
    await until('the warning', async () => (await events(first, 'disk-state')).length === 1);
    const [told] = await events(first, 'disk-state');
    assert.equal(told.payload.ok, false);
    assert.equal(told.payload.floor_mib, 2 ** 30);
    assert.ok(told.payload.free_mib > 0 && told.payload.free_mib < 2 ** 30);
    assert.equal((await first.get()).body.host.disk_low, true);
    /* a public board is not told of the host */
    const stranger = await daemon.ask('GET', first.path);
    assert.equal(stranger.body.host, undefined);
    assert.doesNotMatch(JSON.stringify(stranger.body), /disk-state/);
    for (const [drill, word, body] of [[second, 'up', {}], [first, 'checkpoints', { label: 'x', team: 'blue-quick' }]]) {
        const answer = await drill.post(word, body);
        assert.equal(answer.status, 422, JSON.stringify(answer.body));
        assert.match(answer.body.error.message, /below its floor of 1073741824 MiB/);
    }
    /* what runs goes on: the journal takes orders that take no room */
    assert.equal((await first.verb('pause')).status, 200);
});

test('with room again', async () => {
    await again([]);
    await until('the all-clear', async () => (await events(running, 'disk-state')).length === 2);
    const told = await events(running, 'disk-state');
    assert.deepEqual(told.map((event) => event.payload.ok), [false, true]);
    assert.equal((await running.get()).body.host, undefined);
});
