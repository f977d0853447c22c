/* The live stream of one drill: hello, snapshot, patches. Keeps `state` equal to what the server
 * last said, or says that it is not: a gap in seq/prev, a silent socket and a cut one all lead to
 * a new connection that continues from the last seq it has, or takes a fresh snapshot.
 *
 *   connecting ─hello+state─▶ live ─silence─▶ stale ─longer─▶ reconnecting ─▶ live
 *        └────────── cut ───────┴──────────────┘                   │
 *                                           refused, unknown: no use to go on as we are */
import { merge } from './merge.js';

export const PROTOCOL = 'yanwu.v1';
export const STALE_MS = 12000;  /* the server says something at least every 5 s */
export const DEAD_MS = 25000;   /* then the socket is given up */
export const BACKOFF_MS = 500;
export const BACKOFF_MAX_MS = 10000;
export const MESSAGE_MAX = 8 * 1024 * 1024;

export const CLOSE_BAD_TOKEN = 4401;
export const CLOSE_UNKNOWN = 4404;

const browser = {
    open: (url, protocol) => new WebSocket(url, protocol),
    now: () => performance.now(),
    wallUs: () => Date.now() * 1000,
    setTimer: (fn, ms) => setTimeout(fn, ms),
    clearTimer: (id) => clearTimeout(id),
    random: () => Math.random(),
};

export function backoff(attempt, random) {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** attempt);
    return Math.round(ceiling * (0.5 + random / 2));
}

/* `onChange` gets {connection, state, seq, hello, heardMs, skewUs}. `url` without query. */
export class Stream {
    constructor({ url, token = null, onChange, outside = browser }) {
        this.url = url;
        this.token = token;
        this.onChange = onChange;
        this.outside = outside;
        this.socket = null;
        this.timer = null;
        this.attempt = 0;
        this.stopped = false;
        this.known = {
            connection: 'connecting', state: null, seq: -1, hello: null, heardMs: null, skewUs: 0,
            retryMs: null,
        };
        this.fresh = true; /* nothing to continue from */
    }

    start() {
        this.stopped = false;
        this.connect();
    }

    stop() {
        this.stopped = true;
        this.drop();
    }

    /* Tries at once: the network came back, or the page is looked at again. */
    wake() {
        if (!this.stopped && this.socket === null && !this.isFinal()) {
            this.connect();
        }
    }

    isFinal() {
        return this.known.connection === 'refused';
    }

    tell(change) {
        this.known = { ...this.known, ...change };
        this.onChange(this.known);
    }

    drop() {
        this.outside.clearTimer(this.timer);
        this.timer = null;
        const socket = this.socket;
        this.socket = null;
        if (socket) {
            socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
            socket.close();
        }
    }

    connect() {
        this.drop();
        const since = this.fresh ? '' : `?since=${this.known.seq}`;
        let socket;
        try {
            socket = this.outside.open(this.url + since, PROTOCOL);
        } catch {
            this.retry('reconnecting');
            return;
        }
        this.socket = socket;
        socket.onopen = () => {
            socket.send(JSON.stringify(this.token ? { token: this.token } : {}));
            this.watch();
        };
        socket.onmessage = (message) => this.receive(message.data);
        socket.onclose = (close) => this.closed(close.code);
        socket.onerror = () => {};
        this.watch();
    }

    closed(code) {
        this.socket = null;
        if (code === CLOSE_BAD_TOKEN) {
            this.drop();
            this.tell({ connection: 'refused', retryMs: null });
        } else {
            if (code === CLOSE_UNKNOWN) {
                this.fresh = true;
            }
            this.retry(code === CLOSE_UNKNOWN ? 'unknown' : 'reconnecting');
        }
    }

    retry(connection) {
        this.drop();
        if (this.stopped) {
            return;
        }
        const delay = backoff(this.attempt, this.outside.random());
        this.attempt += 1;
        this.timer = this.outside.setTimer(() => this.connect(), delay);
        this.tell({ connection, retryMs: this.outside.now() + delay });
    }

    /* Silence first makes the picture stale, then costs the socket its life. */
    watch() {
        this.outside.clearTimer(this.timer);
        this.timer = this.outside.setTimer(() => {
            if (this.known.connection === 'live') {
                this.tell({ connection: 'stale' });
            }
            this.timer = this.outside.setTimer(() => this.retry('reconnecting'),
                                               DEAD_MS - STALE_MS);
        }, STALE_MS);
    }

    receive(data) {
        let message = null;
        if (typeof data === 'string' && data.length <= MESSAGE_MAX) {
            try {
                message = JSON.parse(data);
            } catch {
                message = null;
            }
        }
        if (message === null || typeof message !== 'object') {
            this.resync();
            return;
        }
        this.watch();
        const heard = { heardMs: this.outside.now() };
        if (Number.isFinite(message.wall_us)) {
            heard.skewUs = message.wall_us - this.outside.wallUs();
        }
        switch (message.type) {
        case 'hello':
            /* Continuing: what was missed follows at once, and often that is nothing. */
            this.tell({ ...heard, hello: message });
            this.accept(heard, this.known.state, this.known.seq);
            break;
        case 'snapshot':
            this.accept(heard, message.state, message.seq);
            break;
        case 'patch':
            this.receivePatch(heard, message);
            break;
        case 'ping':
            this.accept(heard, this.known.state, this.known.seq);
            break;
        default:
            this.tell(heard);
        }
    }

    receivePatch(heard, message) {
        if (this.known.state !== null && message.seq <= this.known.seq &&
            message.prev < this.known.seq) {
            this.tell(heard); /* had it already */
        } else if (this.known.state === null || message.prev !== this.known.seq) {
            this.resync();
        } else {
            this.accept(heard, merge(this.known.state, message.merge), message.seq);
        }
    }

    accept(heard, state, seq) {
        if (this.fresh && state === this.known.state) {
            this.tell(heard); /* a hello or ping before the snapshot */
            return;
        }
        if (state === null || typeof state !== 'object' || !Number.isSafeInteger(seq)) {
            this.resync();
            return;
        }
        this.attempt = 0;
        this.fresh = false;
        this.tell({ ...heard, state, seq, connection: 'live', retryMs: null });
    }

    /* What we have no longer fits what we hear: start over from a snapshot. */
    resync() {
        this.fresh = true;
        this.retry('reconnecting');
    }
}
