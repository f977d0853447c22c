/* What the host has run out of, or does not have: a start says so in one sentence; a drill that
 * runs goes on without new connections, and takes them again when it can. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, until } from './daemon.mjs';

const root = { skip: process.getuid() === 0 ? false : 'not root' };
const PROGRAM = process.env.YW_PROGRAM;

/* Exit status and words of a start that must not come up. */
function refused(command, ...words) {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, YW_LANG: 'en' } });
    const said = [];
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.stdout.on('data', (chunk) => {
        child.kill();
        said.push('it serves: ', chunk);
    });
    return new Promise((done) => {
        child.on('close', (code) => done({ code, said: said.join('') }));
    });
}

async function inFolder(body) {
    const data = await mkdtemp(join(tmpdir(), 'yw-scarce-'));
    try {
        await body(data);
    } finally {
        await rm(data, { recursive: true, force: true });
    }
}

test('its port is in use', () => inFolder(async (data) => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => { other.on('listening', done); });
    const { port } = other.address();
    const { code, said } = await refused(PROGRAM, 'serve', '--connect', 'fake:', '--data', data,
                                         '--port', String(port));
    other.close();
    assert.ok(code > 0, said);
    assert.match(said, new RegExp(`${port}`));
    assert.match(said, /in use/i);
}));

test('its data directory cannot be written', root, () => inFolder(async (data) => {
    const { code, said } = await refused('unshare', '--mount', 'sh', '-c',
        'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ' +
        'exec "$2" serve --connect fake: --port 0 --data "$1"', 'sh', data, PROGRAM);
    assert.ok(code > 0, said);
    assert.ok(said.includes(data) && /read-only file system/i.test(said), said);
    assert.deepEqual(await readdir(data), []);
}));

test('the host has no tun device', root, () => inFolder(async (data) => {
    const { code, said } = await refused('unshare', '--mount', 'sh', '-c',
        'mount -t tmpfs none /dev/net && exec "$2" serve --port 0 --data "$1"', 'sh', data, PROGRAM);
    assert.ok(code > 0, said);
    assert.match(said, /\/dev\/net\/tun/);
}));

const coreOf = async (daemon) =>
    JSON.parse(await readFile(join(daemon.data, 'api.json'), 'utf8')).pid;
const openOf = async (pid) => (await readdir(`/proc/${pid}/fd`)).length;
const LIMIT = 64;
const LONG_MS = 90000;

/* The crowd takes all that connections may: who watches goes on, a journal can still be opened,
 * nothing turns in vain, and who comes when they have gone is served. */
test('no descriptor is left', async () => {
    const daemon = await Daemon.start({ under: ['prlimit', `--nofile=${LIMIT}`] });
    const drill = await daemon.create();
    await drill.run();
    const watcher = await drill.watch({ token: daemon.control });
    await until('a state', () => watcher.state);
    const pid = await coreOf(daemon);
    let gone = 0;
    const crowd = Array.from({ length: 2 * LIMIT }, () => connect(daemon.port, '127.0.0.1')
        .on('error', () => {}).on('close', () => { gone++; }));
    await until('nobody waits to be let in', () => gone >= LIMIT, LONG_MS);
    assert.ok(await openOf(pid) < LIMIT, 'some are left for the daemon itself');
    const seq = watcher.seq;
    await until('what the stream tells meanwhile', () => watcher.seq > seq, LONG_MS);
    assert.equal(watcher.isOver, false);
    assert.doesNotMatch(daemon.log.join(''), /errno 24/);
    for (const one of crowd) {
        one.destroy();
    }
    await until('an answer to who comes now', async () =>
        (await drill.get().catch(() => ({}))).status === 200, LONG_MS);
    watcher.socket.destroy();
    assert.equal(await daemon.close(), 0);
});
