/* One console's WebSocket (yanwu.console.v1): the token first, then text about the seat and
 * binary for what is shown and typed. */
export const CONSOLE_PROTOCOL = 'yanwu.console.v1';

export function consoleUrl(location, { drill, team, machine, form }) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const query = new URLSearchParams({ form, team });
    return `${scheme}//${location.host}/api/v1/drills/${encodeURIComponent(drill)}/machines/` +
        `${encodeURIComponent(machine)}/console?${query}`;
}

/* onSeat gets {state: connecting|open|ended, mode, typist, refused, why}; onBytes an ArrayBuffer. */
export class ConsoleLine {
    constructor({ url, token, onSeat, onBytes, makeSocket = (...args) => new WebSocket(...args) }) {
        Object.assign(this, { token, onSeat, onBytes });
        this.seat = { state: 'connecting', mode: 'view', typist: '', refused: null, why: null };
        this.socket = makeSocket(url, CONSOLE_PROTOCOL);
        this.socket.binaryType = 'arraybuffer';
        this.socket.onopen = () => this.socket.send(JSON.stringify({ token, mode: 'type' }));
        this.socket.onmessage = (event) => this.take(event.data);
        this.socket.onclose = (event) => this.change({ state: 'ended', mode: 'view',
            why: event.reason || null });
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
