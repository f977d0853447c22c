/* The daemon as root starts it: a keeper, and a core without rights that comes back. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { Daemon, PATIENCE_MS, packageOf, pause, until } from './daemon.mjs';

const TABLETOP = fileURLToPath(new URL('../rehearsal/tabletop', import.meta.url));
const skip = process.getuid() === 0 ? false : 'root alone has something to keep';
let daemon;

before(async () => {
    daemon = skip ? null : await Daemon.start();
});
after(async () => {
    await daemon?.close();
});

const api = async () => JSON.parse(await readFile(join(daemon.data, 'api.json'), 'utf8'));
const alive = (pid) => stat(`/proc/${pid}`).then(() => true, () => false);

async function status(pid, name) {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');
    return text.match(new RegExp(`^${name}:[ \\t]*(.*)$`, 'm'))[1];
}

/* Every process below this one. */
async function below(pid) {
    const found = [];
    for (const name of await readdir('/proc')) {
        const line = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
        if (/^\d+$/.test(name) && line.slice(line.lastIndexOf(')') + 2).split(' ')[1] === `${pid}`) {
            found.push(Number(name), ...await below(name));
        }
    }
    return found;
}

/* It may have ended since it was found. */
function killIfThere(pid) {
    try {
        process.kill(pid, 'SIGKILL');
    } catch (error) {
        assert.equal(error.code, 'ESRCH');
    }
}

async function crash() {
    const { pid } = await api();
    process.kill(pid, 'SIGKILL');
    await until('another core', async () => (await api()).pid !== pid);
}

test('the keeper is root, the core is not and owns its part of the data', { skip }, async () => {
    const { pid, keeper } = await api();
    assert.equal(keeper, daemon.child.pid);
    assert.match(await status(keeper, 'Uid'), /^0\s/);
    const [uid] = (await status(pid, 'Uid')).split(/\s+/);
    assert.ok(Number(uid) > 0);
    assert.equal(await status(pid, 'Uid'), [uid, uid, uid, uid].join('\t'));
    assert.equal((await status(pid, 'Groups')).trim(), '');
    assert.match(await status(pid, 'CapPrm'), /^0+$/);
    assert.match(await status(pid, 'CapEff'), /^0+$/);
    assert.equal(await status(pid, 'NoNewPrivs'), '1');
    for (const [name, owner, mode] of [['', 0, 0o1770], ['libvirt', 0, 0o700],
        ['drills', Number(uid), 0o700], ['api.json', Number(uid), 0o600]]) {
        const info = await stat(join(daemon.data, name));
        assert.equal(info.uid, owner, name);
        assert.equal(info.mode & mode, mode, name);
    }
});

test('a script host is the child of the core and jailed without root', { skip }, async () => {
    const drill = await daemon.create({ pack: await packageOf(TABLETOP), teams: ['a', 'b'] });
    const { pid } = await api();
    assert.equal((await drill.verb('up')).status, 200);
    assert.equal((await drill.verb('start')).status, 200);
    const [host] = await until('a script host', async () => {
        const found = await below(pid);
        return found.length > 0 && found;
    });
    await until('the jail', async () => await status(host, 'Seccomp') === '2');
    assert.equal(await status(host, 'NoNewPrivs'), '1');
    assert.ok(Number((await status(host, 'Uid')).split(/\s+/)[0]) > 0);
});

test('a core that is killed is back at once, and the drill goes on', { skip }, async () => {
    const drill = await daemon.create({ pack: await packageOf(TABLETOP), teams: ['a', 'b'],
                                        speed: 5 });
    assert.equal((await drill.verb('up')).status, 200);
    assert.equal((await drill.verb('start')).status, 200);
    const before = (await drill.events()).map((event) => event.seq);
    const clock = (await drill.state()).clock.drill_ms;
    await crash();
    await until('the door', () => drill.get().then((answer) => answer.status === 200, () => false));
    assert.equal(new URL((await api()).url).port, `${daemon.port}`, 'where it was');
    assert.equal(await drill.phase(), 'running');
    assert.deepEqual((await drill.events()).slice(0, before.length).map((event) => event.seq),
                     before);
    await until('its clock', async () => (await drill.state()).clock.drill_ms > clock + 2000);
});

test('a second daemon is refused with the name of the first', { skip }, async () => {
    const child = spawn(process.env.YW_PROGRAM, ['serve', '--connect', 'fake:', '--data', daemon.data,
        '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => { text += chunk; });
    const [code] = await once(child, 'close');
    assert.notEqual(code, 0);
    const { pid } = await api();
    assert.ok(text.includes(`in use by process ${pid} `), text);
    assert.equal((await daemon.ask('GET', '/api/v1/status')).status, 200);
});

test('a keeper that is killed takes the core along', { skip }, async () => {
    const { pid } = await api();
    assert.equal(await daemon.end('SIGKILL'), 'SIGKILL');
    await until('the end of the core', async () => !await alive(pid));
    await daemon.run();
    assert.notEqual((await api()).pid, pid);
});

test('SIGTERM leaves no process', { skip }, async () => {
    const all = [daemon.child.pid, ...await below(daemon.child.pid)];
    assert.ok(all.length > 1);
    assert.equal(await daemon.end(), 0);
    for (const pid of all) {
        assert.equal(await alive(pid), false, `${pid}`);
    }
    await daemon.run();
});

test('the end of the core by a wish is the end of both', { skip }, async () => {
    const { pid } = await api();
    process.kill(pid, 'SIGTERM');
    assert.deepEqual(await daemon.ended, [0, null]);
    await daemon.run();
});

test('a core that crashes again and again is given up with a word', { skip }, async () => {
    let last = 0;
    const end = Date.now() + PATIENCE_MS;
    while (daemon.child.exitCode === null && Date.now() < end) {
        const [pid] = await below(daemon.child.pid); /* however far it has come */
        if (pid && pid !== last) {
            last = pid;
            killIfThere(pid);
        }
        await pause(20);
    }
    assert.equal(daemon.child.exitCode, 1);
    await until('a word', () => /crashed 10 times in 60 s/.test(daemon.log.join('')));
});
