/* JSON Merge Patch (RFC 7396) without touching the original: what a patch leaves alone is the
 * same object as before, so a view can tell by identity that nothing in it changed. */

const isObject = (value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value);

/* A member of this name would set an object's prototype instead of a value. */
const REFUSED = '__proto__';

export function merge(target, patch) {
    if (!isObject(patch)) {
        return patch;
    }
    const result = isObject(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
        if (key === REFUSED) {
            continue;
        }
        if (value === null) {
            delete result[key];
        } else {
            result[key] = merge(Object.hasOwn(result, key) ? result[key] : undefined, value);
        }
    }
    return result;
}
