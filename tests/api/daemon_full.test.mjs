/* The disk is full: the drill pauses and says why, events still go while the reserve lasts, then
 * they wait; with room again everything goes on without a restart, and nothing is lost. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Daemon, pause, until } from './daemon.mjs';

const SIZE_MIB = 10;
const ENOUGH = 2000; /* rulings: more than the reserve and the write-ahead log hold */
let place;
let mounted = false;
let daemon;

before(async () => {
    place = await mkdtemp(join(tmpdir(), 'yw-full-'));
    mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MIB}m,mode=755`, 'none',
        place]).status === 0;
    if (mounted) {
        daemon = await Daemon.start({ data: join(place, 'data'), args: ['--disk-floor', '0'] });
    }
});
after(async () => {
    await daemon?.end();
    if (mounted) {
        spawnSync('umount', [place]);
    }
    await rm(place, { recursive: true, force: true });
});

/* Until not one byte goes in. */
async function fill() {
    for (const size of [256 * 1024, 4096, 1]) {
        for (let full = false; !full;) {
            await appendFile(join(place, 'fill'), Buffer.alloc(size)).catch((why) => {
                assert.equal(why.code, 'ENOSPC');
                full = true;
            });
        }
    }
}

const text = (number) => `ruling ${number}.`;

test('a full disk pauses a drill and loses nothing', async (t) => {
    if (!mounted) {
        t.skip('no tmpfs can be mounted here');
        return;
    }
    const drill = await daemon.create({ teams: ['blue'], speed: 1 });
    await drill.run();
    const viewer = await drill.watch({ token: daemon.control });
    const stranger = await drill.watch();
    const waiting = [];
    let count = 0;
    const rule = () => drill.post('rulings', { team: 'blue', points: 1, reason: text(++count) });

    await fill();
    const reserve = join(daemon.data, 'drills', drill.id, 'journal.db-reserve');
    assert.ok(existsSync(reserve));
    for (let i = 0; i < ENOUGH && existsSync(reserve); i++) { /* not until the pause: it may last */
        assert.equal((await rule()).status, 200);
    }
    await until('the pause', () => viewer.state?.drill.phase === 'paused');
    const faults = (await drill.events()).filter(({ kind }) => kind === 'platform-fault');
    assert.match(faults.at(-1).payload.text, /the disk under the journal is full/);
    await until('the warning', () => viewer.state.host?.disk_low === true);
    assert.equal((await rule()).status, 200, 'the reserve holds it');

    /* what the reserve gave is taken, too: events wait, and orders are refused with the reason */
    let refused = null;
    for (let i = 0; i < ENOUGH && refused === null; i++) {
        await fill();
        const order = rule();
        const answer = await Promise.race([order, pause(1500).then(() => null)]);
        if (answer === null) {
            waiting.push(order);
        } else if (answer.status !== 200) {
            refused = answer;
            count--;
        }
    }
    assert.equal(refused?.status, 500);
    assert.match(refused.body.error.message, /the disk is full, nothing can be put on record/);
    assert.equal(waiting.length, 1);
    assert.equal(await drill.phase(), 'paused', 'reading goes on');
    const stop = drill.post('stop', { reason: 'at once' }); /* the one order that is taken */
    const stopped = await Promise.race([stop, pause(500).then(() => null)]);
    assert.equal(stopped, null, 'its record waits');

    await rm(join(place, 'fill'));
    assert.deepEqual((await Promise.all(waiting)).map(({ status }) => status), [200]);
    assert.equal((await stop).status, 200);
    await until('the all-clear', () => viewer.state.host === undefined);
    assert.equal((await rule()).status, 200);
    const rulings = (await drill.events()).filter(({ kind }) => kind === 'ruling');
    assert.deepEqual(rulings.map(({ payload }) => payload.reason),
                     Array.from({ length: count }, (_, i) => text(i + 1)));
    assert.equal(await drill.phase(), 'paused', 'until somebody resumes it');
    assert.equal((await drill.verb('resume')).status, 200);
    await until('it runs', async () => await drill.phase() === 'running');
    assert.doesNotMatch(JSON.stringify(stranger.messages ?? stranger.state), /disk/);
    viewer.close();
    stranger.close();

    assert.equal(await daemon.end(), 0);
    await daemon.run();
    assert.equal((await drill.events()).filter(({ kind }) => kind === 'ruling').length, count);
    assert.deepEqual(daemon.log.filter((line) => /lost|damaged/.test(line)), []);
});
