/* The real daemon on the hypervisor in memory, and the plainest client of its API and stream.
 *   YW_PROGRAM   the built yanwu */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SCENARIO = join(ROOT, 'tests/drills/dosing-line');
export const PATIENCE_MS = 90000; /* for a busy machine; nothing waits that long in peace */
export const PROGRAM = process.env.YW_PROGRAM;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* Asks again until the answer is right, or time is up: then it fails, saying what it waited for. */
export async function until(what, ask, ms = PATIENCE_MS) {
    const end = Date.now() + ms;
    for (;;) {
        const answer = await ask();
        if (answer) {
            return answer;
        }
        if (Date.now() > end) {
            throw new Error(`waited ${ms} ms for ${what}`);
        }
        await pause(50);
    }
}

/* A scenario folder as POST /drills takes it. */
export async function packageOf(folder = SCENARIO) {
    const files = {};
    async function take(at) {
        for (const entry of await readdir(at, { withFileTypes: true })) {
            const path = join(at, entry.name);
            if (entry.isDirectory()) {
                await take(path);
            } else {
                files[relative(folder, path)] = await readFile(path, 'utf8');
            }
        }
    }
    await take(folder);
    return { name: folder.split('/').pop(), files };
}

let keys = 0;
export const newKey = () => `test-${process.pid}-${++keys}`;

export class Daemon {
    static async start(options = {}) {
        const daemon = new Daemon();
        daemon.data = options.data ?? await mkdtemp(join(tmpdir(), 'yw-daemon-'));
        daemon.port = 0;
        daemon.args = options.args;
        daemon.under = options.under ?? []; /* words of a command that becomes the daemon */
        await daemon.run();
        return daemon;
    }

    /* Starts it, on the port it had before if it ran already. */
    async run() {
        this.log = [];
        const [program, ...words] = [...this.under, PROGRAM, 'serve', '--json', '--connect', 'fake:',
            '--data', this.data, '--port', String(this.port), '--log-level', 'warn', ...(this.args ?? [])];
        this.child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
        this.child.stderr.on('data', (chunk) => this.log.push(chunk.toString()));
        this.ended = once(this.child, 'exit');
        const lines = createInterface({ input: this.child.stdout });
        const first = await Promise.race([once(lines, 'line'), this.ended]);
        if (typeof first[0] !== 'string') {
            throw new Error(`the daemon ended at once: ${this.log.join('')}`);
        }
        this.url = JSON.parse(first[0]).url.replace(/\/$/, '');
        this.port = Number(new URL(this.url).port);
        this.control = JSON.parse(await readFile(join(this.data, 'api.json'), 'utf8')).control;
    }

    /* The exit status, or the name of the signal. */
    async end(signal = 'SIGTERM') {
        if (this.child.exitCode === null && this.child.signalCode === null) {
            this.child.kill(signal);
        }
        const [code, name] = await this.ended;
        return code ?? name;
    }

    async close() {
        const status = await this.end();
        await rm(this.data, { recursive: true, force: true });
        return status;
    }

    /* {status, body}: body parsed when it is JSON. */
    async ask(method, path, { token, key, body } = {}) {
        const headers = {};
        if (token) {
            headers.Authorization = `Bearer ${token}`;
        }
        if (method === 'POST') {
            headers['Idempotency-Key'] = key ?? newKey();
        }
        if (body !== undefined) {
            headers['Content-Type'] = 'application/json';
        }
        const response = await fetch(this.url + path, { method, headers,
            body: typeof body === 'object' ? JSON.stringify(body) : body });
        const text = await response.text();
        const isJson = response.headers.get('content-type')?.startsWith('application/json');
        return { status: response.status, body: isJson ? JSON.parse(text) : text };
    }

    async create({ teams = ['blue-quick', 'blue-slow'], speed = 20, seed = 1, pack } = {}) {
        const answer = await this.ask('POST', '/api/v1/drills', { token: this.control,
            body: { ...(pack ?? await packageOf()), teams, seed, speed } });
        if (answer.status !== 201) {
            throw new Error(`create: ${answer.status} ${JSON.stringify(answer.body)}`);
        }
        return new Drill(this, answer.body);
    }
}

export class Drill {
    constructor(daemon, { id, teams, tiers = {} }) {
        Object.assign(this, { daemon, id });
        this.offices = Object.fromEntries(Object.entries(tiers)
            .map(([name, { token }]) => [name, token]));
        this.tokens = Object.fromEntries(Object.entries(teams)
            .map(([name, { token }]) => [name, token]));
        this.path = `/api/v1/drills/${id}`;
    }

    get control() {
        return this.daemon.control;
    }

    get(rest = '', token = this.control) {
        return this.daemon.ask('GET', this.path + rest, { token });
    }

    post(rest, body, { token = this.control, key } = {}) {
        return this.daemon.ask('POST', `${this.path}/${rest}`, { token, key, body });
    }

    verb(word, reason = 'as planned') {
        return this.post(word, { reason });
    }

    /* Up and running, or an error that says why not. */
    async run() {
        for (const word of ['up', 'start']) {
            const { status, body } = await this.verb(word);
            if (status !== 200) {
                throw new Error(`${word}: ${status} ${JSON.stringify(body)}`);
            }
        }
    }

    async state(token = this.control) {
        return (await this.get('', token)).body;
    }

    async events() {
        const { body } = await this.get('/journal?from=1');
        return body.trim().split('\n').map((line) => JSON.parse(line));
    }

    async phase() {
        return (await this.state()).drill.phase;
    }

    /* The open question of a team. */
    question(team, ms) {
        return until(`a question to ${team}`, async () =>
            Object.values((await this.state()).questions ?? {})
                .find((one) => one.team === team && one.state === 'open'), ms);
    }

    answer(question, { role = question.role, token = this.tokens[question.team], key,
                       vars = { tampered: 'true', source: '10.20.2.66' } } = {}) {
        return this.post(`questions/${question.run}/answer`, { step: question.step, role, vars },
                         { token, key });
    }

    watch(options = {}) {
        return Watcher.open(this.daemon, `/ws/v1/drills/${this.id}`, options);
    }
}

/* The part of RFC 7396 that a viewer needs. */
export function merge(target, patch) {
    if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) {
        return patch;
    }
    const result = target !== null && typeof target === 'object' ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
        if (value === null) {
            delete result[key];
        } else {
            result[key] = merge(result[key], value);
        }
    }
    return result;
}

export function clientFrame(opcode, text) {
    const payload = Buffer.from(text);
    const head = payload.length < 126 ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
        : Buffer.from([0x80 | opcode, 0xfe, payload.length >> 8 & 255, payload.length & 255]);
    return Buffer.concat([head, Buffer.alloc(4), payload]); /* a mask of zeros */
}

/* The next whole frame of a server: {opcode, payload, size}, or null. */
export function readFrame(bytes) {
    if (bytes.length < 2) {
        return null;
    }
    let size = bytes[1];
    let at = 2;
    if (size === 126) {
        size = bytes.length < 4 ? Infinity : bytes.readUInt16BE(2);
        at = 4;
    } else if (size === 127) {
        size = bytes.length < 10 ? Infinity : Number(bytes.readBigUInt64BE(2));
        at = 10;
    }
    return bytes.length < at + size ? null
        : { opcode: bytes[0] & 15, payload: bytes.subarray(at, at + size), size: at + size };
}

/* One viewer: keeps every byte when asked to, the messages, and the state they add up to. */
export class Watcher {
    static async open(daemon, path, { token, since, keepBytes = false, onMessage, text } = {}) {
        const watcher = new Watcher();
        Object.assign(watcher, { seq: since ?? -1, state: null, closeCode: null, isOver: false,
            broken: [], messages: [], count: {}, bytes: keepBytes ? [] : null, onMessage });
        watcher.held = Buffer.alloc(0);
        watcher.socket = connect(daemon.port, '127.0.0.1');
        watcher.socket.on('error', () => {});
        watcher.socket.on('close', () => { watcher.isOver = true; });
        watcher.socket.write(`GET ${path}${since === undefined ? '' : `?since=${since}`} HTTP/1.1\r\n` +
            `Host: 127.0.0.1:${daemon.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
            'Sec-WebSocket-Protocol: yanwu.v1\r\n\r\n');
        watcher.head = await watcher.readHead();
        watcher.send(text ?? JSON.stringify(token ? { token } : {}));
        return watcher;
    }

    readHead() {
        return new Promise((done, fail) => {
            let head = Buffer.alloc(0);
            const look = (chunk) => {
                head = Buffer.concat([head, chunk]);
                const end = head.indexOf('\r\n\r\n');
                if (end >= 0) {
                    this.socket.off('data', look);
                    this.socket.on('data', (more) => this.receive(more));
                    this.receive(head.subarray(end + 4));
                    done(head.subarray(0, end).toString());
                }
            };
            this.socket.on('data', look);
            this.socket.once('close', () => fail(new Error('closed before the upgrade')));
        });
    }

    send(text) {
        this.socket.write(clientFrame(1, text));
    }

    receive(chunk) {
        this.bytes?.push(chunk);
        this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
        for (let frame = readFrame(this.held); frame; frame = readFrame(this.held)) {
            this.held = this.held.subarray(frame.size);
            if (frame.opcode === 1) {
                this.take(JSON.parse(frame.payload.toString()));
            } else if (frame.opcode === 8) {
                this.closeCode = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 0;
            }
        }
    }

    take(message) {
        this.count[message.type] = (this.count[message.type] ?? 0) + 1;
        if (message.type === 'snapshot') {
            this.state = message.state;
            this.seq = message.seq;
        } else if (message.type === 'patch') {
            if (message.prev !== this.seq || message.seq <= message.prev) {
                this.broken.push(`${this.seq} then ${message.prev}..${message.seq}`);
            }
            this.state = merge(this.state, message.merge);
            this.seq = message.seq;
        } else if (message.type === 'hello') {
            this.hello = message;
        }
        this.onMessage?.(message);
    }

    text() {
        return Buffer.concat(this.bytes).toString();
    }

    close() {
        this.socket.destroy();
    }
}
