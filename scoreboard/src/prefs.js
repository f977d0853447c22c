/* What one reader prefers: language and colours. Remembered in this browser only. */
import { LANGUAGES, LANGUAGE_TAGS } from './words.js';

export const THEMES = ['auto', 'light', 'dark'];
const LANGUAGE_KEY = 'yanwu.language';
const THEME_KEY = 'yanwu.theme';

function recall(storage, key, allowed) {
    try {
        const value = storage.getItem(key);
        return allowed.includes(value) ? value : allowed[0];
    } catch {
        return allowed[0]; /* storage is switched off */
    }
}

function remember(storage, key, value) {
    try {
        storage.setItem(key, value);
    } catch {
        /* then it holds until the page is closed */
    }
}

export function loadPrefs(storage) {
    return {
        language: recall(storage, LANGUAGE_KEY, LANGUAGES),
        theme: recall(storage, THEME_KEY, THEMES),
    };
}

export function savePrefs(storage, prefs) {
    remember(storage, LANGUAGE_KEY, prefs.language);
    remember(storage, THEME_KEY, prefs.theme);
}

/* The style sheet knows light and dark only; "auto" is resolved here. */
export function showPrefs(root, prefs, systemIsDark) {
    root.lang = LANGUAGE_TAGS[prefs.language];
    root.dataset.theme = prefs.theme === 'auto' ? (systemIsDark ? 'dark' : 'light') : prefs.theme;
}
