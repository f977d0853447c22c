/* Machines: state and link, each by glyph and word. */
import { html, useState } from '../html.js';
import { useWords } from '../board.js';
import { sorted } from '../derive.js';
import { ConsoleDialog } from './console.js';
import { Icon } from './icon.js';
import { MachineActs, TeamReset } from './points.js';

const STATE_GLYPHS = {
    planned: 'ring', starting: 'again', up: 'up', serving: 'check', lost: 'question', down: 'stop',
};
const IMAGE_GLYPHS = { plc: 'chip', hmi: 'screen', attacker: 'attack' };

const RUNNING = ['starting', 'up', 'serving'];

/* Control sits at any machine; a team at those whose consoles are open to it. */
function Consoles({ machine, all, onOpen }) {
    const { t } = useWords();
    if (!RUNNING.includes(machine.state) || !(all || machine.console)) {
        return null;
    }
    const button = (form, word, title) => html`<button type="button" class="quiet"
        data-console=${form} aria-haspopup="dialog" aria-label=${title} title=${title}
        onClick=${() => onOpen({ machine: machine.key, form })}>
        <${Icon} name=${form === 'vnc' ? 'screen' : 'prompt'} /> ${word}</button>`;
    return html`<span class="machine-consoles">
        ${button('serial', t('console_word'), t('console_open', { machine: machine.key }))}
        ${machine.display && button('vnc', t('screen_word'),
            t('screen_open', { machine: machine.key }))}</span>`;
}

function Machine({ machine, team, all, onOpen }) {
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
        <${Consoles} machine=${machine} all=${all} onOpen=${onOpen} />
        <${all ? MachineActs : TeamReset} team=${team} machine=${machine.key} />
    </li>`;
}

export function Machines({ machines, team, all = false }) {
    const { t } = useWords();
    const [open, setOpen] = useState(null);
    const list = sorted(machines, () => 0);
    if (list.length === 0) {
        return html`<p class="empty">${t('machines_none')}</p>`;
    }
    return html`<ul class="machines">
        ${list.map((machine) => html`<${Machine} key=${machine.key} machine=${machine} all=${all}
            team=${team} onOpen=${setOpen} />`)}</ul>
        ${open && html`<${ConsoleDialog} key=${`${open.machine} ${open.form}`} team=${team}
            ...${open} onClose=${() => setOpen(null)} />`}`;
}
