/* Machines: state and link, each by glyph and word. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { sorted } from '../derive.js';
import { Icon } from './icon.js';

const STATE_GLYPHS = {
    planned: 'ring', starting: 'again', up: 'up', serving: 'check', lost: 'question', down: 'stop',
};
const IMAGE_GLYPHS = { plc: 'chip', hmi: 'screen', attacker: 'attack' };

function Machine({ machine }) {
    const { t, nameOf } = useWords();
    return html`<li class=${`machine machine-${machine.state} link-${machine.link}`}
        data-machine=${machine.key}>
        <span class="machine-name"><${Icon} name=${IMAGE_GLYPHS[machine.image] ?? 'server'} />
            <b>${machine.key}</b><span class="label">${nameOf('image', machine.image)}</span>
            ${machine.hidden && html`<span class="hidden-mark" title=${t('machine_hidden')}
                ><${Icon} name="hidden" label=${t('machine_hidden')} /></span>`}</span>
        <span class="machine-address">${machine.addresses}</span>
        <span class="machine-states"><span class="machine-state">
            <${Icon} name=${STATE_GLYPHS[machine.state] ?? 'ring'} />
            ${nameOf('machine', machine.state)}</span>
        <span class="machine-link"><${Icon} name=${machine.link === 'down' ? 'unlink' : 'link'} />
            ${t(machine.link === 'down' ? 'link_down' : 'link_up')}</span></span>
    </li>`;
}

export function Machines({ machines }) {
    const { t } = useWords();
    const list = sorted(machines, () => 0);
    if (list.length === 0) {
        return html`<p class="empty">${t('machines_none')}</p>`;
    }
    return html`<ul class="machines">
        ${list.map((machine) => html`<${Machine} key=${machine.key} machine=${machine} />`)}</ul>`;
}
