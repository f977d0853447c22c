/* All drills of this server. */
import { html, useEffect, useState } from '../html.js';
import { useWords } from '../board.js';
import { createApi } from '../api.js';
import { Icon } from '../parts/icon.js';
import { Settings } from '../parts/settings.js';

const PERIOD_MS = 4000;

function useStatus() {
    const [status, setStatus] = useState({ drills: null, failed: false, version: '' });
    useEffect(() => {
        const api = createApi();
        let timer = null;
        let left = false;
        async function look() {
            try {
                const { drills, version } = await api.get('/api/v1/status');
                if (!left) {
                    setStatus({ drills, version, failed: false });
                }
            } catch {
                if (!left) {
                    setStatus((old) => ({ ...old, failed: true }));
                }
            }
            if (!left) {
                timer = setTimeout(look, PERIOD_MS);
            }
        }
        look();
        return () => {
            left = true;
            clearTimeout(timer);
        };
    }, []);
    return status;
}

function Drill({ drill }) {
    const { t, said, has } = useWords();
    const phase = has(`phase_${drill.phase}`) ? t(`phase_${drill.phase}`) : drill.phase;
    const views = [['wall', 'screen', ''], ['control', 'gavel', '/control'],
        ['team', 'person', '/team'], ['office', 'flag', '/office']];
    return html`<li class="drill-card panel">
        <h2><a href=${`#/drills/${drill.id}`}>${said(drill.title) || drill.id}</a></h2>
        <p class="label"><span class=${`phase phase-${drill.phase}`}>${phase}</span>
            <span class="drill-id">${drill.id}</span></p>
        <p class="drill-views">${views.map(([view, glyph, rest]) => html`<a key=${view}
            class="button" href=${`#/drills/${drill.id}${rest}`}><${Icon} name=${glyph} />
            ${t(`view_${view}`)}</a>`)}</p></li>`;
}

export function ListView() {
    const { t } = useWords();
    const { drills, failed, version } = useStatus();
    return html`<div class="page list-page">
        <header class="head"><div class="head-bar"><span class="brand">${t('product')}</span>
            <span class="spread label">${t('product_line')}</span><${Settings} /></div></header>
        <main id="content" tabindex="-1"><h1>${t('view_list')}</h1>
            ${failed && html`<p class="warn" role="alert"><${Icon} name="alarm" />
                ${t('list_failed')}</p>`}
            ${!drills && !failed && html`<p class="empty">${t('list_loading')}</p>`}
            ${drills?.length === 0 && html`<div class="panel empty-list"><p>${t('list_empty')}</p>
                <p class="label">${t('list_empty_hint')}</p></div>`}
            <ul class="drills">${(drills ?? []).map((drill) => html`
                <${Drill} key=${drill.id} drill=${drill} />`)}</ul>
            ${version && html`<p class="label">${t('server_version', { version })}</p>`}
        </main></div>`;
}
