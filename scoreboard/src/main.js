/* Start: takes the token out of the address, then shows the page. */
import { html, render } from './html.js';
import { App } from './app.js';
import { loadPrefs } from './prefs.js';
import { splitToken } from './route.js';
import { createSession, createTokens } from './session.js';

const tokens = createTokens(sessionStorage);
const drillSession = createSession(location);

function takeToken() {
    const { token, rest } = splitToken(location.hash);
    if (token) {
        tokens.set(token);
        history.replaceState(null, '', rest);
    }
    return token !== null;
}

takeToken();
addEventListener('hashchange', () => {
    if (takeToken()) {
        location.reload();
    }
});
addEventListener('online', () => drillSession.wake());
document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
        drillSession.wake();
    }
});
render(html`<${App} tokens=${tokens} drillSession=${drillSession}
    initialPrefs=${loadPrefs(localStorage)} />`, document.getElementById('board'));
