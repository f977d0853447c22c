/* One drill as one audience sees it: opens the stream, keeps what it says in the store. */
import { createStore } from './store.js';
import { Stream } from './stream.js';

const TOKEN_KEY = 'yanwu.token';

export const IDLE = {
    connection: 'connecting', state: null, seq: -1, hello: null, heardMs: null, skewUs: 0,
    retryMs: null, subject: null,
};

export const subjectOf = (drill, token) => `${drill} ${token ?? ''}`;

export function streamUrl(location, drill) {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    return `${scheme}//${location.host}/ws/v1/drills/${encodeURIComponent(drill)}`;
}

/* Tokens live as long as the tab. */
export function createTokens(storage) {
    let held = null;
    try {
        held = storage.getItem(TOKEN_KEY);
    } catch {
        held = null;
    }
    return {
        get: () => held,
        set(token) {
            held = token || null;
            try {
                if (held) {
                    storage.setItem(TOKEN_KEY, held);
                } else {
                    storage.removeItem(TOKEN_KEY);
                }
            } catch {
                /* storage is switched off: it holds until the page is closed */
            }
        },
    };
}

export function createSession(location) {
    const store = createStore(IDLE);
    let stream = null;
    let subject = null;

    return {
        store,
        /* Idempotent: the same drill and token keep their stream. */
        open(drill, token) {
            const wanted = subjectOf(drill, token);
            if (wanted === subject) {
                return;
            }
            this.close();
            subject = wanted;
            stream = new Stream({
                url: streamUrl(location, drill), token, onChange: (known) => store.set({ ...known, subject: wanted }),
            });
            stream.start();
        },
        close() {
            stream?.stop();
            stream = null;
            subject = null;
            store.set(IDLE);
        },
        wake: () => stream?.wake(),
    };
}
