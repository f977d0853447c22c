/* What control must know of the platform before anything else: an emergency stop, a disk that
 * fills, a host that is gone, and what a host does not protect from. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { listOf } from '../format.js';
import { Icon } from './icon.js';

function Notice({ what, glyph, children, quiet = false }) {
    return html`<p class=${`notice${quiet ? ' notice-quiet' : ''}`} data-notice=${what}>
        <${Icon} name=${glyph} /><span>${children}</span></p>`;
}

export function Notices() {
    const { session, hosts } = useBoard();
    const { t, language, nameOf } = useWords();
    const { host, drill } = session.state;
    const lost = (hosts?.answer?.hosts ?? []).filter((one) => one.state === 'lost');
    const weak = listOf(language, (host?.weak ?? '').split(' ').filter(Boolean)
        .map((name) => nameOf('weak', name)));
    return html`<div class="notices" role="status">
        ${drill.stopped && html`<${Notice} what="stopped" glyph="stop">${t('stop_notice')}</${Notice}>`}
        ${host?.disk_low && html`<${Notice} what="disk" glyph="alarm">${t('disk_low')}</${Notice}>`}
        ${lost.length > 0 && html`<${Notice} what="lost" glyph="question">${t('hosts_lost',
            { hosts: listOf(language, lost.map((one) => one.name)) })}</${Notice}>`}
        ${host?.override && html`<${Notice} what="override" glyph="alarm">${t('override_holds',
            { reason: host.override })}${weak && ` ${t('host_weak', { weak })}`}</${Notice}>`}
        ${weak && !host.override && html`<${Notice} what="weak" glyph="lock" quiet>
            ${t('host_weak', { weak })}</${Notice}>`}
    </div>`;
}
