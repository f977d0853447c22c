/* What every part of the page may ask for: words, the session, the way to act. */
import { createContext, useContext, useEffect, useMemo, useRef, useState } from './html.js';
import { ApiError, createApi, createAttempt } from './api.js';
import { drillNowMs, serverNowUs } from './derive.js';
import { duration } from './format.js';
import { has, nameOf, said, translate } from './words.js';

export const Board = createContext(null);

/* t(key, values) → word; said(text) → the reader's side of {zh, en}. */
export function useWords() {
    const { language } = useContext(Board);
    return useMemo(() => ({
        language,
        t: (key, values) => translate(language, key, values),
        has,
        said: (text) => said(language, text),
        nameOf: (prefix, name) => nameOf(language, prefix, name),
    }), [language]);
}

export function useBoard() {
    return useContext(Board);
}

export function useStore(store) {
    const [value, setValue] = useState(store.get());
    useEffect(() => {
        setValue(store.get());
        return store.subscribe(setValue);
    }, [store]);
    return value;
}

/* The time, looked at every `periodMs`. */
export function useTick(periodMs) {
    const [, setTick] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => setTick((tick) => tick + 1), periodMs);
        return () => clearInterval(timer);
    }, [periodMs]);
}

/* Drill time now: runs on between messages, stands still while nothing is heard. */
export function useDrillNow(periodMs = 250) {
    useTick(periodMs);
    const { session } = useContext(Board);
    const now = serverNowUs(session, Date.now() * 1000, performance.now());
    return drillNowMs(session.state?.clock, now);
}

/* The answer to a question that is asked again and again, while the page is looked at: {answer,
 * failed, again()}. The last answer stays when one fails; no path, no question. */
export function usePoll(path, periodMs) {
    const { token } = useContext(Board);
    const [state, setState] = useState({ answer: null, failed: false });
    const look = useRef(() => {});
    useEffect(() => {
        const api = createApi({ token });
        let timer = null;
        let left = false;
        setState({ answer: null, failed: false });
        look.current = async () => {
            clearTimeout(timer);
            try {
                const answer = document.hidden || !path ? null : await api.get(path);
                if (!left && answer) {
                    setState({ answer, failed: false });
                }
            } catch {
                if (!left) {
                    setState((old) => ({ ...old, failed: true }));
                }
            }
            clearTimeout(timer);
            timer = left || !path ? null : setTimeout(() => look.current(), periodMs);
        };
        look.current();
        return () => {
            left = true;
            clearTimeout(timer);
        };
    }, [path, token, periodMs]);
    return { ...state, again: () => look.current() };
}

/* How long ago a moment of the server's clock was, as people read it; "" when there is none. */
export function useAgo(wallUs, periodMs = 1000) {
    useTick(periodMs);
    const { session } = useContext(Board);
    const now = serverNowUs(session, Date.now() * 1000, performance.now());
    return wallUs === undefined ? '' : duration((now - wallUs) / 1000);
}

/* One form's way to the server: {busy, error, answer, send(path, body)}. */
export function useAction() {
    const { token } = useContext(Board);
    const api = useMemo(() => createApi({ token }), [token]);
    const attempt = useRef(null);
    attempt.current ??= createAttempt();
    const [status, setStatus] = useState({ busy: false, error: null, answer: null });

    async function send(path, body) {
        setStatus({ busy: true, error: null, answer: null });
        try {
            const answer = await attempt.current(api.post, path, body);
            setStatus({ busy: false, error: null, answer });
            return answer;
        } catch (error) {
            if (!(error instanceof ApiError)) {
                throw error;
            }
            setStatus({ busy: false, error, answer: null });
            return null;
        }
    }
    return { ...status, send };
}

export const drillPath = (drill, rest) =>
    `/api/v1/drills/${encodeURIComponent(drill)}/${rest}`;
