/* Actions and questions to the server. Every POST carries an idempotency key, and one attempt
 * keeps its key until an answer arrives: pressing again after a broken connection is safe. */
export class ApiError extends Error {
    constructor(status, code, path, message) {
        super(message);
        this.status = status; /* 0: no answer at all */
        this.code = code;
        this.path = path;
    }
}

export function newKey(random = (bytes) => crypto.getRandomValues(bytes)) {
    return [...random(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
}

async function answerOf(response, read) {
    let body = null;
    if (response.ok && read) {
        return read(response);
    }
    try {
        body = await response.json();
    } catch {
        body = null;
    }
    if (!response.ok) {
        const error = body?.error ?? {};
        throw new ApiError(response.status, error.code ?? 'unknown', error.path ?? '',
                           error.message ?? `HTTP ${response.status}`);
    }
    return body;
}

export function createApi({ base = '', token = null, fetchFn = (...args) => fetch(...args) } = {}) {
    async function ask(path, options, read = null) {
        let response;
        try {
            response = await fetchFn(base + path, {
                cache: 'no-store', credentials: 'omit', redirect: 'error', ...options,
            });
        } catch (failure) {
            throw new ApiError(0, 'network', '', failure.message);
        }
        return answerOf(response, read);
    }

    const bearer = token ? { Authorization: `Bearer ${token}` } : {};
    return {
        get: (path) => ask(path, { headers: { ...bearer } }),
        file: (path) => ask(path, { headers: { ...bearer } }, (response) => response.blob()),
        post: (path, body, key) => ask(path, {
            method: 'POST',
            headers: { ...bearer, 'Content-Type': 'application/json', 'Idempotency-Key': key },
            body: JSON.stringify(body),
        }),
    };
}

/* Remembers the key of an attempt that got no answer. */
export function createAttempt(makeKey = newKey) {
    let open = null;
    return async function attempt(post, path, body) {
        const subject = path + JSON.stringify(body);
        if (open?.subject !== subject) {
            open = { subject, key: makeKey() };
        }
        try {
            const answer = await post(path, body, open.key);
            open = null;
            return answer;
        } catch (error) {
            if (error.status !== 0) {
                open = null;
            }
            throw error;
        }
    };
}
