/* The attacks of a team's range and how far they got. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration } from '../format.js';
import { Icon } from './icon.js';

const GLYPHS = { planned: 'ring', started: 'play', done: 'attack', failed: 'cross' };

export function Attacks({ attacks }) {
    const { t, nameOf } = useWords();
    const list = sorted(attacks, (attack) => attack.order);
    if (list.length === 0) {
        return html`<p class="empty">${t('attacks_none')}</p>`;
    }
    return html`<ul class="attacks">${list.map((attack) => html`
        <li key=${attack.key} class=${`attack attack-${attack.state}`}>
            <span class="state"><${Icon} name=${GLYPHS[attack.state] ?? 'ring'} />
                ${nameOf('attack', attack.state)}</span>
            <span class="attack-name"><b>${attack.key}</b>
                <span class="technique">${attack.technique}</span></span>
            <span class="label">${t(attack.to ? 'attack_route' : 'attack_from', attack)}
                ${attack.state === 'done' && Number.isFinite(attack.effect_ms) &&
                    ` · ${t('attack_effect', { time: duration(attack.effect_ms) })}`}</span>
        </li>`)}</ul>`;
}
