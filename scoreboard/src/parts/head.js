/* The top of the working views: which drill, what phase, what time, and whether this is live. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { Clock, Phase } from './clock.js';
import { Connection } from './connection.js';
import { Settings, Views } from './settings.js';

export function Head({ view, children }) {
    const { session, drill } = useBoard();
    const { t, said } = useWords();
    const facts = session.state?.drill;
    return html`<header class="head">
        <div class="head-bar"><a class="brand" href="#/">${t('product')}</a>
            <${Views} drill=${drill} view=${view} />
            <${Connection} /><${Settings} /></div>
        ${facts && html`<div class="head-main"><div class="head-title">
            <h1>${said(facts.title) || facts.scenario}</h1>
            <p class="label"><${Phase} /> ${facts.tabletop && t('tabletop')}
                <span class="drill-id">${facts.id}</span></p></div>
            ${children}<${Clock} /></div>`}
    </header>`;
}

export function Panel({ title, id, children, className = '', aside = null }) {
    return html`<section class=${`panel ${className}`} aria-labelledby=${id}>
        <header class="panel-head"><h2 id=${id}>${title}</h2>${aside}</header>
        ${children}</section>`;
}
