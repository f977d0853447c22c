/* What the page knows: one value, replaced as a whole, and those who want to hear of it.
 * Listeners are told at most once a turn however often the value changed. */
export function createStore(initial, later = queueMicrotask) {
    let value = initial;
    let told = true;
    const listeners = new Set();

    function tell() {
        told = true;
        for (const listener of [...listeners]) {
            listener(value);
        }
    }

    return {
        get: () => value,
        set(change) {
            const next = { ...value, ...change };
            if (Object.keys(next).every((key) => Object.is(next[key], value[key])) &&
                Object.keys(next).length === Object.keys(value).length) {
                return;
            }
            value = next;
            if (told) {
                told = false;
                later(tell);
            }
        },
        subscribe(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}
