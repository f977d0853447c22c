/* A small server in place of the daemon: the board's files under the daemon's content security
 * policy, the routes that the board uses, and the stream, over a recorded drill (scene.mjs).
 * By hand: node tests/ui/stand_in.mjs BOARD_DIR [PORT] plays it from 5:30 and prints addresses. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { acceptUpgrade, closeFrame, readFrames, textFrame } from './frame.mjs';
import { LENGTH_MS, STEPS, diff, penOf, seenBy, stateAt } from './scene.mjs';

export const CONTROL_TOKEN = 'control-token-of-the-stand-in';
export const TEAM_TOKENS = { 'blue-quick': 'quick-token', 'blue-slow': 'slow-token' };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'"; /* the daemon's own */
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
                '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
                '.txt': 'text/plain; charset=utf-8' };
const PING_MS = 5000;
const RING = 64;

const HOSTS = [
    { name: 'east', state: 'up', machines: 3, memory_mib: 352, weight: 1, detail: '',
      since_wall_us: (Date.now() - 3 * 3600e3) * 1000 },
    { name: 'west', state: 'up', machines: 3, memory_mib: 352, weight: 1, detail: '',
      since_wall_us: (Date.now() - 3 * 3600e3) * 1000 }];
const capture = (team, network, more) => ({ team, network, capture: 0, on: false, detail: '',
    files: 8, size_mib: 50, kept_files: 0, kept_bytes: 0, ...more });

class Failure extends Error {
    constructor(status, code, message, path = '') {
        super(message);
        Object.assign(this, { status, code, path });
    }
}

export class StandIn {
    constructor({ boardDir, startMs = 0 }) {
        this.boardDir = boardDir;
        this.doc = stateAt(startMs);
        this.next = STEPS.filter(([at]) => at <= startMs).length;
        this.anchor(startMs);
        this.audiences = new Map(); /* audience key → {last, seq, ring} */
        this.viewers = new Set();
        this.answers = new Map();   /* idempotency key → answer */
        this.requests = [];
        this.hosts = HOSTS.map((host) => ({ ...host }));
        this.stations = [{ machine: 'hmi1', operations: [
            { argv: ['operate', 'register', '40'], says: { zh: '加药量设定', en: 'Dose set-point' },
              takes: [{ kind: 'number', unit: 'mg/l', low: 0, high: 2000, scale: 0.1, offset: 5 }] },
            { argv: ['operate', 'coil', '1'], says: { zh: '停加药泵', en: 'Stop the dosing pump' },
              takes: [{ kind: 'switch' }] }] },
        { machine: 'backend1', operations: [
            { argv: ['operate', 'limit'], says: { zh: '限速', en: 'Limit the speed' },
              takes: [{ kind: 'choice', words: ['all', 'VIN1'] },
                      { kind: 'number', unit: 'm/s', low: 0, high: 60, scale: 1, offset: 0 }] }] }];
        this.captures = Object.keys(this.doc.teams).flatMap((team) => [
            capture(team, 'control', { capture: 1, on: true, kept_files: 2, kept_bytes: 1536000 }),
            capture(team, 'it', {})]);
        this.files = Object.keys(this.doc.teams).flatMap((team) => [0, 1].map((nth) => ({
            team, network: 'control', capture: 1, host: nth === 0 ? '' : 'west', bytes: 768000,
            file: `${team}.control.1_0000${nth + 1}_20260101000000.pcap`,
            from_drill_ms: nth * 300000, to_drill_ms: (nth + 1) * 300000 - 1000 })));
        this.server = createServer((request, response) => this.http(request, response));
        this.server.on('upgrade', (request, socket) => this.upgrade(request, socket));
        this.pinger = setInterval(() => this.tellAll({ type: 'ping', wall_us: Date.now() * 1000 }),
                                  PING_MS);
    }

    async listen(port = 0) {
        await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
        return `http://127.0.0.1:${this.server.address().port}`;
    }

    async close() {
        clearInterval(this.pinger);
        clearInterval(this.player);
        this.cut();
        this.server.closeAllConnections();
        await new Promise((done) => this.server.close(done));
    }

    /* The clock shows `drillMs` now. */
    anchor(drillMs) {
        Object.assign(this.doc.clock, { drill_ms: drillMs, wall_us: Date.now() * 1000 });
    }

    drillMs() {
        const { running, speed, drill_ms, wall_us } = this.doc.clock;
        return Math.round(drill_ms +
            (running ? (Date.now() * 1000 - wall_us) / 1000 * speed : 0));
    }

    pen() {
        return penOf(this.doc, this.drillMs(), Date.now() * 1000);
    }

    /* Jumps to a drill time: everything up to it happens. */
    advanceTo(ms) {
        for (; this.next < STEPS.length && STEPS[this.next][0] <= ms; this.next++) {
            const [at, change] = STEPS[this.next];
            change(penOf(this.doc, at, Date.now() * 1000));
        }
        this.anchor(ms);
        this.publish();
    }

    /* Plays on by itself in real time. */
    play() {
        this.player = setInterval(() => this.advanceTo(Math.min(LENGTH_MS, this.drillMs())), 250);
    }

    /* A change by hand. */
    change(fn) {
        const result = fn(this.pen());
        this.publish();
        return result;
    }

    audienceOf(token) {
        if (!token) {
            return { audience: 'public', team: null };
        }
        if (token === CONTROL_TOKEN) {
            return { audience: 'control', team: null };
        }
        const team = Object.keys(TEAM_TOKENS).find((name) => TEAM_TOKENS[name] === token);
        return team ? { audience: 'team', team } : null;
    }

    boardOf({ audience, team }) {
        const key = `${audience}/${team ?? ''}`;
        if (!this.audiences.has(key)) {
            this.audiences.set(key, { audience, team, ring: [], seq: this.doc.drill.seq,
                                      last: seenBy(this.doc, audience, team) });
        }
        return this.audiences.get(key);
    }

    publish() {
        for (const board of this.audiences.values()) {
            const now = seenBy(this.doc, board.audience, board.team);
            const merge = diff(board.last, now);
            if (Object.keys(merge).length > 0) {
                const patch = { type: 'patch', seq: Math.max(this.doc.drill.seq, board.seq + 1),
                                prev: board.seq, merge };
                Object.assign(board, { last: now, seq: patch.seq });
                board.ring = [...board.ring, patch].slice(-RING);
                for (const viewer of this.viewers) {
                    if (viewer.board === board) {
                        viewer.socket.write(textFrame(JSON.stringify(patch)));
                    }
                }
            }
        }
    }

    tellAll(message) {
        for (const viewer of this.viewers) {
            viewer.socket.write(textFrame(JSON.stringify(message)));
        }
    }

    /* Pulls every socket; `down` refuses new ones until called again with false. */
    cut(down = false) {
        this.down = down;
        for (const viewer of this.viewers) {
            viewer.socket.destroy();
        }
        this.viewers.clear();
    }

    /* Sockets stay open and nothing is said. */
    hush(silent) {
        this.silent = silent;
        clearInterval(this.pinger);
    }

    upgrade(request, socket) {
        const url = new URL(request.url, 'http://x');
        socket.on('error', () => {});
        if (this.down || request.headers.origin !== `http://${request.headers.host}`) {
            socket.destroy();
            return;
        }
        acceptUpgrade(request, socket, 'yanwu.v1');
        let viewer = null;
        const leave = () => { this.viewers.delete(viewer); socket.end(); };
        socket.on('close', leave);
        readFrames(socket, (text) => {
            const who = this.audienceOf(JSON.parse(text).token);
            if (who === null || url.pathname !== `/ws/v1/drills/${this.doc.drill.id}`) {
                socket.end(closeFrame(who === null ? 4401 : 4404));
                return;
            }
            viewer = { socket, board: this.boardOf(who) };
            this.greet(viewer, who, url.searchParams.get('since'));
            this.viewers.add(viewer);
        }, leave);
    }

    greet({ socket, board }, { audience, team }, since) {
        const say = (message) => socket.write(textFrame(JSON.stringify(message)));
        say({ type: 'hello', drill: this.doc.drill.id, audience, team, version: '0.1.0',
              wall_us: Date.now() * 1000 });
        const from = since === null ? -1 : Number(since);
        const index = board.ring.findIndex((patch) => patch.prev === from);
        if (from === board.seq) {
            return;
        }
        if (index < 0) {
            say({ type: 'snapshot', seq: board.seq, state: board.last });
        } else {
            board.ring.slice(index).forEach(say);
        }
    }

    async http(request, response) {
        const url = new URL(request.url, 'http://x');
        this.requests.push({ method: request.method, url: request.url });
        try {
            if (url.pathname.startsWith('/api/')) {
                const body = await this.api(request, url.pathname);
                response.writeHead(200, { 'Content-Type': 'application/json' });
                response.end(JSON.stringify(body));
            } else {
                await this.file(url.pathname, response);
            }
        } catch (failure) {
            response.writeHead(failure.status ?? 500, { 'Content-Type': 'application/json' });
            response.end(JSON.stringify({ error: { code: failure.code ?? 'internal',
                path: failure.path ?? '', message: failure.message } }));
        }
    }

    async file(pathname, response) {
        const path = normalize(pathname === '/' ? '/index.html' : pathname);
        let bytes;
        try {
            bytes = await readFile(join(this.boardDir, path));
        } catch {
            throw new Failure(404, 'not-found', 'no such file', pathname);
        }
        response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain',
            'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff' });
        response.end(bytes);
    }

    async api(request, pathname) {
        if (pathname === '/api/v1/status') {
            const { id, phase, title } = this.doc.drill;
            return { version: '0.1.0', wall_us: Date.now() * 1000, drills: [{ id, phase, title }] };
        }
        if (request.method === 'GET') {
            return this.get(pathname, request);
        }
        const match = /^\/api\/v1\/drills\/([^/]+)\/(.+)$/.exec(pathname);
        if (request.method !== 'POST' || match?.[1] !== this.doc.drill.id) {
            throw new Failure(404, 'not-found', 'no such route', pathname);
        }
        const key = request.headers['idempotency-key'];
        if (!key || key.length > 64) {
            throw new Failure(400, 'invalid', 'expected an Idempotency-Key of at most 64 characters');
        }
        if (this.answers.has(key)) {
            return this.answers.get(key);
        }
        const chunks = [];
        for await (const chunk of request) {
            chunks.push(chunk);
        }
        const who = this.audienceOf((request.headers.authorization ?? '').replace('Bearer ', ''));
        const answer = this.post(match[2], JSON.parse(Buffer.concat(chunks)), who);
        this.answers.set(key, answer);
        this.publish();
        return answer;
    }

    get(pathname, request) {
        const who = this.audienceOf((request.headers.authorization ?? '').replace('Bearer ', ''));
        const chart = new RegExp(`^/api/v1/drills/${this.doc.drill.id}/runs/(\\d+)/chart$`)
            .exec(pathname);
        if (chart && who?.audience !== 'public') {
            return this.pen().chart(Number(chart[1]));
        }
        if (pathname === `/api/v1/drills/${this.doc.drill.id}/operations` &&
            who?.audience === 'team') {
            return { stations: this.stations };
        }
        if (who?.audience !== 'control') {
            throw new Failure(403, 'denied', 'only control may see that');
        }
        if (pathname === '/api/v1/hosts') {
            return { hosts: this.hosts };
        }
        if (pathname === `/api/v1/drills/${this.doc.drill.id}/captures`) {
            return { captures: this.captures, files: this.files, left_off: 0 };
        }
        throw new Failure(404, 'not-found', 'no such route', pathname);
    }

    /* An order about a capture is carried out at once. */
    postCapture(pen, { action, network, team }) {
        const one = this.captures.find((capture) => capture.team === team &&
            capture.network === network);
        if (!one || one.on === (action === 'start')) {
            throw new Failure(409, 'conflict', 'it is so already');
        }
        Object.assign(one, { on: action === 'start', detail: '' });
        return { ok: true, capture: one.capture, seq: pen.event('capture-changed', team,
            { zh: `${team} 的网络 ${network}：${action}`, en: `${network} of ${team}: ${action}` }) };
    }

    post(what, body, who) {
        const need = (audience) => {
            if (who?.audience !== audience) {
                throw new Failure(403, 'denied', `only ${audience} may do that`);
            }
        };
        const pen = this.pen();
        const question = /^questions\/(\d+)\/answer$/.exec(what);
        if (question) {
            need('team');
            return this.postAnswer(pen, Number(question[1]), body, who.team);
        }
        switch (what) {
        case 'rulings':
            need('control');
            return this.postRuling(pen, body);
        case 'reports':
            need('team');
            return { ok: true, seq: pen.event('report-filed', who.team,
                { zh: `${who.team} 已上报`, en: `${who.team} filed a report` }) };
        case 'actions':
            need('team');
            return { ok: true, exit: 0, output: '{"written":1}', seq: pen.event('action-ended',
                who.team, { zh: `${who.team} 在 ${body.machine} 执行 ${body.argv.join(' ')}`,
                            en: `${who.team} ran ${body.argv.join(' ')} at ${body.machine}` }) };
        case 'captures':
            need('control');
            return this.postCapture(pen, body);
        case 'clock':
            need('control');
            this.anchor(this.drillMs());
            this.doc.clock.speed = body.speed;
            return { ok: true, phase: this.doc.drill.phase, seq: this.doc.drill.seq };
        default:
            need('control');
            return this.postPhase(pen, what, body);
        }
    }

    postAnswer(pen, run, body, team) {
        const question = this.doc.questions[`${run}:${body.step}`];
        if (!question || question.team !== team) {
            throw new Failure(404, 'not-found', 'no such question');
        }
        if (question.state !== 'open') {
            throw new Failure(409, 'conflict', 'the question is no longer open');
        }
        if (!/^(true|false)$/.test(body.vars.tampered ?? '')) {
            throw new Failure(400, 'invalid', 'expected true or false', '/vars/tampered');
        }
        return { ok: true, seq: pen.answer(team, run, body.vars) };
    }

    postRuling(pen, { team, points, reason }) {
        if (!this.doc.teams[team] || !Number.isInteger(points) || !reason) {
            throw new Failure(400, 'invalid', 'expected a team, whole points and a reason');
        }
        const seq = pen.event('ruling', team, { zh: `导调裁决：${team} ${points}`,
                                                en: `Ruling: ${team} ${points}` });
        pen.score(team, points, 'ruling', '', { zh: reason, en: reason }, [seq]);
        return { ok: true, seq };
    }

    postPhase(pen, verb, { reason }) {
        const next = { pause: 'paused', resume: 'running', end: 'ended', start: 'running',
                       down: 'archived', up: 'ready' }[verb];
        if (!next) {
            throw new Failure(404, 'not-found', 'no such route');
        }
        this.anchor(this.drillMs());
        this.doc.clock.running = next === 'running';
        this.doc.drill.phase = next;
        const seq = pen.event('phase-changed', null, { zh: `演练${verb}：${reason}`,
                                                       en: `Drill ${verb}: ${reason}` });
        return { ok: true, phase: next, seq };
    }
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
    const standIn = new StandIn({ boardDir: process.argv[2], startMs: 330000 });
    const url = await standIn.listen(Number(process.argv[3] ?? 8080));
    standIn.play();
    console.log(`${url}/#/drills/${standIn.doc.drill.id}`);
    console.log(`${url}/#/drills/${standIn.doc.drill.id}/control&token=${CONTROL_TOKEN}`);
    console.log(`${url}/#/drills/${standIn.doc.drill.id}/team&token=${TEAM_TOKENS['blue-slow']}`);
}
