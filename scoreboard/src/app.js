/* The whole page: the route picks the view, the session feeds it. */
import { html, useEffect, useMemo, useState } from './html.js';
import { Board, useStore } from './board.js';
import { savePrefs, showPrefs } from './prefs.js';
import { parseRoute } from './route.js';
import { IDLE, subjectOf } from './session.js';
import { said, translate } from './words.js';
import { ConnectionAnnouncer } from './parts/connection.js';
import { Head } from './parts/head.js';
import { TokenForm } from './parts/token.js';
import { ControlView } from './views/control.js';
import { ListView } from './views/list.js';
import { OfficeView } from './views/office.js';
import { TeamView } from './views/team.js';
import { WallView } from './views/wall.js';

function useRoute() {
    const [route, setRoute] = useState(() => parseRoute(location.hash));
    useEffect(() => {
        const look = () => setRoute(parseRoute(location.hash));
        addEventListener('hashchange', look);
        return () => removeEventListener('hashchange', look);
    }, []);
    return route;
}

function usePrefs(initial) {
    const dark = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
    const [prefs, setPrefs] = useState(initial);
    const [systemIsDark, setSystem] = useState(dark.matches);
    useEffect(() => {
        const look = () => setSystem(dark.matches);
        dark.addEventListener('change', look);
        return () => dark.removeEventListener('change', look);
    }, [dark]);
    /* Before anything is drawn: canvases read their colours from the style sheet. */
    showPrefs(document.documentElement, prefs, systemIsDark);
    return [prefs, (next) => { savePrefs(localStorage, next); setPrefs(next); },
        document.documentElement.dataset.theme];
}

/* A view that needs a token, once there is one that fits. */
function Guarded({ view, token, session }) {
    const hello = session.hello;
    const fits = !hello || hello.audience === (view === 'office' ? 'tier' : view);
    if (!token || session.connection === 'refused' || !fits) {
        const problem = !token ? null : fits ? 'token_refused' : 'token_wrong_view';
        return html`<div class="page"><${Head} view=${view} /><main id="content" tabindex="-1">
            <${TokenForm} view=${view} problem=${problem} /></main></div>`;
    }
    if (!session.state || !hello) {
        return html`<div class="page"><${Head} view=${view} />
            <main id="content" tabindex="-1"></main></div>`;
    }
    return view === 'control' ? html`<${ControlView} />`
        : view === 'office' ? html`<${OfficeView} name=${hello.team} />`
            : html`<${TeamView} name=${hello.team} />`;
}

export function App({ tokens, drillSession, initialPrefs }) {
    const { view, drill } = useRoute();
    const [prefs, setPrefs, theme] = usePrefs(initialPrefs);
    const [held, setHeld] = useState(tokens.get());
    const known = useStore(drillSession.store);
    const token = view === 'wall' ? null : held;
    /* What an earlier view was told is not shown in this one. */
    const session = known.subject === subjectOf(drill, token) ? known : IDLE;
    const wants = drill !== null && (view === 'wall' || token !== null);

    useEffect(() => {
        if (wants) {
            drillSession.open(drill, token);
        } else {
            drillSession.close();
        }
    }, [drill, token, wants]);
    useEffect(() => {
        const title = said(prefs.language, session.state?.drill?.title);
        document.title = [title, translate(prefs.language, `view_${view}`),
            translate(prefs.language, 'product')].filter(Boolean).join(' · ');
    }, [prefs.language, view, session.state?.drill?.title]);

    const board = {
        session, drill, token, theme, prefs, setPrefs, language: prefs.language,
        setToken: (next) => { tokens.set(next); setHeld(tokens.get()); },
    };
    const body = view === 'list' ? html`<${ListView} />`
        : view === 'wall' ? html`<${WallView} key=${drill} />`
            : html`<${Guarded} key=${`${drill} ${view}`} view=${view} token=${token}
                session=${session} />`;
    const skip = (event) => { event.preventDefault(); document.getElementById('content').focus(); };
    return html`<${Board.Provider} value=${board}>
        <a class="skip" href="#content" onClick=${skip}
            >${translate(prefs.language, 'to_content')}</a>
        ${drill && html`<${ConnectionAnnouncer} />`}${body}</${Board.Provider}>`;
}
