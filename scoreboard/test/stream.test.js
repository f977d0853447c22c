import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
    BACKOFF_MAX_MS, DEAD_MS, MESSAGE_MAX, STALE_MS, Stream, backoff,
} from '../src/stream.js';

/* The world outside, moved by hand: sockets that do nothing by themselves, a clock. */
class Outside {
    constructor() {
        Object.assign(this, { sockets: [], timers: new Map(), ms: 0, nextId: 1 });
    }

    open(url, protocol) {
        if (this.refuse) {
            throw new Error('refused');
        }
        const socket = { url, protocol, sent: [], closed: false, send: (text) =>
            socket.sent.push(text), close: () => { socket.closed = true; } };
        this.sockets.push(socket);
        return socket;
    }

    now = () => this.ms;
    wallUs = () => this.ms * 1000;
    random = () => 1;
    clearTimer = (id) => this.timers.delete(id);

    setTimer = (fn, ms) => {
        this.timers.set(this.nextId, { fn, at: this.ms + ms });
        return this.nextId++;
    };

    pass(ms) {
        const until = this.ms + ms;
        for (;;) {
            const due = [...this.timers].filter(([, timer]) => timer.at <= until)
                .sort((a, b) => a[1].at - b[1].at)[0];
            if (!due) {
                break;
            }
            this.timers.delete(due[0]);
            this.ms = due[1].at;
            due[1].fn();
        }
        this.ms = until;
    }

    get last() {
        return this.sockets[this.sockets.length - 1];
    }

    say(...messages) {
        for (const message of messages) {
            this.last.onmessage({ data: JSON.stringify(message) });
        }
    }
}

const HELLO = { type: 'hello', drill: 'd', audience: 'public', team: null, wall_us: 5000000 };
const SNAPSHOT = { type: 'snapshot', seq: 10, state: { teams: { a: { points: 1 } } } };
const patch = (prev, seq, points) =>
    ({ type: 'patch', prev, seq, merge: { teams: { a: { points } } } });
let outside;
let stream;

beforeEach(() => {
    outside = new Outside();
    outside.open = outside.open.bind(outside);
    stream = new Stream({ url: 'ws://x/ws', token: 'secret', onChange: () => {}, outside });
    stream.start();
});

function goLive() {
    outside.last.onopen();
    outside.say(HELLO, SNAPSHOT);
}

test('sends the token as its only message, never in the address', () => {
    goLive();
    assert.deepEqual(outside.last.sent, ['{"token":"secret"}']);
    assert.equal(outside.last.url, 'ws://x/ws');
    assert.equal(outside.last.protocol, 'yanwu.v1');
});

test('the public sends an empty message', () => {
    stream.token = null;
    outside.last.onopen();
    assert.deepEqual(outside.last.sent, ['{}']);
});

test('is live only after the snapshot', () => {
    assert.equal(stream.known.connection, 'connecting');
    outside.last.onopen();
    outside.say(HELLO);
    assert.equal(stream.known.connection, 'connecting');
    outside.say({ type: 'ping', wall_us: 1 });
    assert.equal(stream.known.connection, 'connecting');
    outside.say(SNAPSHOT);
    assert.equal(stream.known.connection, 'live');
    assert.equal(stream.known.seq, 10);
});

test('patches apply in order', () => {
    goLive();
    outside.say(patch(10, 12, 5), patch(12, 13, 7));
    assert.equal(stream.known.state.teams.a.points, 7);
    assert.equal(stream.known.seq, 13);
});

test('a gap is never papered over: a new connection, a whole snapshot', () => {
    goLive();
    outside.say(patch(11, 12, 99));
    assert.equal(stream.known.state.teams.a.points, 1);
    assert.equal(stream.known.connection, 'reconnecting');
    outside.pass(BACKOFF_MAX_MS);
    assert.equal(outside.sockets.length, 2);
    assert.equal(outside.last.url, 'ws://x/ws');
});

test('a patch heard before is heard once', () => {
    goLive();
    outside.say(patch(10, 12, 5), patch(10, 12, 5));
    assert.equal(stream.known.connection, 'live');
    assert.equal(stream.known.state.teams.a.points, 5);
});

test('a cut socket continues from its last seq and loses nothing', () => {
    goLive();
    outside.say(patch(10, 12, 5));
    outside.last.onclose({ code: 1006 });
    assert.equal(stream.known.connection, 'reconnecting');
    outside.pass(BACKOFF_MAX_MS);
    assert.equal(outside.last.url, 'ws://x/ws?since=12');
    outside.last.onopen();
    outside.say(HELLO, patch(12, 14, 9));
    assert.equal(stream.known.connection, 'live');
    assert.equal(stream.known.state.teams.a.points, 9);
});

test('after a cut the server may also answer with a snapshot', () => {
    goLive();
    outside.last.onclose({ code: 1006 });
    outside.pass(BACKOFF_MAX_MS);
    outside.last.onopen();
    outside.say(HELLO, { ...SNAPSHOT, seq: 50, state: { teams: {} } }, patch(50, 51, 3));
    assert.deepEqual(stream.known.state, { teams: { a: { points: 3 } } });
});

test('silence makes the picture stale, then costs the socket; a ping keeps both', () => {
    goLive();
    outside.pass(STALE_MS - 1);
    outside.say({ type: 'ping', wall_us: 1 });
    outside.pass(STALE_MS - 1);
    assert.equal(stream.known.connection, 'live');
    outside.pass(1);
    assert.equal(stream.known.connection, 'stale');
    outside.say({ type: 'ping', wall_us: 1 });
    assert.equal(stream.known.connection, 'live');
    const { last } = outside;
    outside.pass(DEAD_MS);
    assert.equal(last.closed, true);
    assert.equal(stream.known.connection, 'reconnecting');
});

test('a server that accepts and never speaks is given up too', () => {
    outside.last.onopen();
    const { last } = outside;
    outside.pass(DEAD_MS);
    assert.equal(last.closed, true);
    outside.pass(BACKOFF_MAX_MS);
    assert.equal(outside.sockets.length, 2);
});

test('a refused token is final, an unknown drill is asked for again from the start', () => {
    goLive();
    outside.last.onclose({ code: 4404 });
    assert.equal(stream.known.connection, 'unknown');
    outside.pass(BACKOFF_MAX_MS);
    assert.equal(outside.last.url, 'ws://x/ws');
    outside.last.onclose({ code: 4401 });
    assert.equal(stream.known.connection, 'refused');
    outside.pass(10 * BACKOFF_MAX_MS);
    stream.wake();
    assert.equal(outside.sockets.length, 2);
});

test('rubbish leads to a fresh snapshot, not to a crash', () => {
    const cases = ['{', '7', 'null', '"x"', '{"type":"snapshot","seq":"1","state":{}}',
        '{"type":"snapshot","seq":1}', ' '.repeat(MESSAGE_MAX + 1)];
    for (const data of cases) {
        outside.last.onmessage({ data });
        assert.equal(stream.known.connection, 'reconnecting', data.slice(0, 40));
        outside.pass(BACKOFF_MAX_MS);
    }
    goLive();
    outside.last.onmessage({ data: new ArrayBuffer(4) });
    assert.equal(stream.known.connection, 'reconnecting');
});

test('a message of an unknown type is passed over', () => {
    goLive();
    outside.say({ type: 'from-the-future' }, patch(10, 11, 4));
    assert.equal(stream.known.state.teams.a.points, 4);
});

test('waits grow to a ceiling, with jitter, and start over after success', () => {
    assert.equal(backoff(0, 1), 500);
    assert.equal(backoff(0, 0), 250);
    assert.equal(backoff(30, 1), BACKOFF_MAX_MS);
    for (let i = 0; i < 4; i++) {
        outside.last.onclose({ code: 1006 });
        outside.pass(BACKOFF_MAX_MS);
    }
    assert.equal(stream.attempt, 4);
    goLive();
    assert.equal(stream.attempt, 0);
});

test('waking tries at once, stopping tries no more', () => {
    outside.last.onclose({ code: 1006 });
    stream.wake();
    assert.equal(outside.sockets.length, 2);
    stream.stop();
    assert.equal(outside.last.closed, true);
    outside.pass(10 * BACKOFF_MAX_MS);
    stream.wake();
    assert.equal(outside.sockets.length, 2);
    assert.equal(outside.timers.size, 0);
});

test('a browser that refuses to open a socket is retried', () => {
    outside.refuse = true;
    outside.last.onclose({ code: 1006 });
    outside.pass(BACKOFF_MAX_MS * 3);
    assert.equal(stream.known.connection, 'reconnecting');
    outside.refuse = false;
    outside.pass(BACKOFF_MAX_MS);
    goLive();
    assert.equal(stream.known.connection, 'live');
});

test('the clock of the server is known by its distance from ours', () => {
    outside.ms = 1000;
    goLive();
    assert.equal(stream.known.skewUs, 5000000 - 1000000);
});
