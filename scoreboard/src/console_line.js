/* One console's WebSocket (yanwu.console.v1): the token first, then text about the seat and
 * binary for what is shown and typed. */
export const CONSOLE_PROTOCOL = 'yanwu.console.v1';

export function consoleUrl(location, { drill, team, machine, form }) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const query = new URLSearchParams({ form, team });
    return `${scheme}//${location.host}/api/v1/drills/${encodeURIComponent(drill)}/machines/` +
        `${encodeURIComponent(machine)}/console?${query}`;
}

/* How a socket ends that nobody ended: no word at all, a server that goes or starts again. What
 * the server refuses or ends has a number of its own. */
const LOST = [1001, 1005, 1006, 1012];

/* How long to wait before another line is tried, after so many that came to nothing. */
export const waitMs = (failures) => Math.min(15000, 500 * 2 ** failures);

/* onSeat gets {state: connecting|open|lost|ended, mode, typist, refused, why}; onBytes an
 * ArrayBuffer. A lost line may be had again, by another of these. */
export class ConsoleLine {
    constructor({ url, token, onSeat, onBytes, makeSocket = (...args) => new WebSocket(...args) }) {
        Object.assign(this, { token, onSeat, onBytes });
        this.seat = { state: 'connecting', mode: 'view', typist: '', refused: null, why: null };
        this.socket = makeSocket(url, CONSOLE_PROTOCOL);
        this.socket.binaryType = 'arraybuffer';
        this.socket.onopen = () => this.socket.send(JSON.stringify({ token, mode: 'type' }));
        this.socket.onmessage = (event) => this.take(event.data);
        this.socket.onclose = (event) => this.change({ mode: 'view', why: event.reason || null,
            state: LOST.includes(event.code) ? 'lost' : 'ended' });
    }

    change(what) {
        this.seat = { ...this.seat, ...what };
        this.onSeat(this.seat);
    }

    take(data) {
        if (typeof data !== 'string') {
            this.onBytes(data);
            return;
        }
        const message = JSON.parse(data);
        if (message.type === 'refused') {
            this.change({ refused: message.why });
        } else {
            this.change({ state: 'open', mode: message.mode, typist: message.typist,
                refused: null });
        }
    }

    /* A screen's watcher speaks too, for he asks for pictures: the daemon drops his keys. */
    send(bytes) {
        if (this.socket.readyState === 1) {
            this.socket.send(bytes);
        }
    }

    ask(type) {
        this.send(JSON.stringify({ type }));
    }

    close() {
        this.socket.onclose = null;
        this.socket.onmessage = null;
        this.socket.close();
    }
}
