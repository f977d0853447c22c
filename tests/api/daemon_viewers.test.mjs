/* 500 viewers of one drill of the real daemon, one in ten of which never reads: the others miss
 * nothing, and neither does the drill. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, pause, until } from './daemon.mjs';

const VIEWERS = 500;
const EVENTS = 60;
const GAP_MS = 100;
const TURN = 15; /* events at once: a reader that is late does not fall off the ring */
const GROWTH_KIB = 64 * 1024; /* for what 50 that never read may keep waiting */
let daemon;

before(async () => {
    daemon = await Daemon.start();
});
after(async () => {
    if (daemon) {
        assert.equal(await daemon.close(), 0);
    }
});

async function memoryKib() {
    const { pid } = JSON.parse(await readFile(join(daemon.data, 'api.json'), 'utf8'));
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
}

test('500 viewers, 50 that never read: nobody else notices', async () => {
    const drill = await daemon.create({ speed: 20 });
    await drill.run();
    const viewers = [];
    for (let i = 0; i < VIEWERS; i += 25) { /* as a hall opens its browsers, not all in a blink */
        viewers.push(...await Promise.all(Array.from({ length: 25 }, () => drill.watch())));
    }
    await until('all to have the picture', () => viewers.every((viewer) => viewer.state));
    const silent = viewers.filter((_, index) => index % 10 === 3);
    const steady = viewers.filter((_, index) => index % 10 !== 3);
    silent.forEach((viewer) => viewer.socket.pause());
    const before = await memoryKib();

    const own = (state) => Object.values(state.score_lines['blue-slow'])
        .filter((line) => line.source === 'ruling').length;
    let total = 0;
    for (let i = 1; i <= EVENTS; i++) {
        const { status } = await drill.post('rulings',
            { team: 'blue-slow', points: i, reason: `Number ${i} ${'.'.repeat(180)}` });
        assert.equal(status, 200);
        total += i;
        await pause(GAP_MS);
        if (i % TURN === 0) {
            await until('all who read to have the last event', () =>
                steady.every((viewer) => own(viewer.state) === i));
        }
    }
    const rulings = (state) => Object.values(state.score_lines['blue-slow'])
        .filter((line) => line.source === 'ruling').reduce((sum, line) => sum + line.points, 0);
    for (const viewer of steady) {
        assert.equal(viewer.isOver, false);
        assert.deepEqual(viewer.broken, []);
        assert.equal(viewer.count.snapshot, 1, 'no reader fell behind');
        assert.equal(rulings(viewer.state), total);
    }
    const after = await memoryKib();
    assert.ok(after - before < GROWTH_KIB, `${before} → ${after} KiB`);
    assert.equal(await drill.phase(), 'running', 'the API still answers');

    silent.forEach((viewer) => viewer.socket.resume());
    await until('those that wake to have it too, or to be told to come again', () =>
        silent.every((viewer) => viewer.isOver || own(viewer.state) === EVENTS));
    silent.forEach((viewer) => assert.deepEqual(viewer.broken, []));
    console.log(`# ${EVENTS} events to ${VIEWERS} viewers; ${before} → ${after} KiB`);
    viewers.forEach((viewer) => viewer.close());
    await drill.verb('down');
});
