/* The hosts that carry the ranges: state, what is on them, since when, and control's orders. */
import { html } from '../html.js';
import { useAgo, useBoard, useWords } from '../board.js';
import { memory } from '../format.js';
import { Confirm } from './confirm.js';
import { Icon } from './icon.js';

const GLYPHS = { up: 'check', lost: 'question', draining: 'down' };
const ORDERS = { up: 'drain', draining: 'undrain', lost: 'forget' };

/* One host alone takes no orders. */
function Orders({ host }) {
    const { t } = useWords();
    const order = ORDERS[host.state];
    return order && html`<${Confirm} key=${order} verb=${`host-${order}`} danger=${order === 'forget'}
        label=${t(`host_${order}`)} sure=${t(`host_${order}_sure`)} done=""
        path=${`/api/v1/hosts/${encodeURIComponent(host.name)}/${order}`} />`;
}

function Host({ host, alone }) {
    const { t, language } = useWords();
    const ago = useAgo(host.since_wall_us);
    return html`<li class=${`host host-${host.state}`} data-host=${host.name}>
        <span class="host-name"><${Icon} name="server" /><b>${host.name}</b></span>
        <span class="state"><${Icon} name=${GLYPHS[host.state] ?? 'ring'} />
            ${t(`host_${host.state}`)}${ago && html` <span class="time">${t('host_since', { ago })}</span>`}</span>
        <span class="label host-load">${t('host_load', { machines: host.machines,
            memory: memory(language, host.memory_mib) })}</span>
        ${host.detail && html`<p class="host-detail">${host.detail}</p>`}
        ${!alone && html`<${Orders} host=${host} />`}</li>`;
}

export function Hosts() {
    const { hosts } = useBoard();
    const { t } = useWords();
    const list = hosts.answer?.hosts ?? [];
    if (list.length === 0) {
        return html`<p class="empty">${t(hosts.failed ? 'hosts_failed' : 'list_loading')}</p>`;
    }
    return html`<ul class="hosts">${list.map((host) => html`<${Host} key=${host.name} host=${host}
        alone=${list.length === 1} />`)}</ul>`;
}
