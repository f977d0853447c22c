/* The consequence level of a plant: glyph, word, colour and five bars. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { Icon } from './icon.js';

const GLYPHS = ['check', 'alarm', 'beaker', 'trip', 'damage', 'danger'];
const clamp = (level) => Math.min(5, Math.max(0, Math.trunc(level ?? 0)));

export function Level({ level, worst, compact = false }) {
    const { t } = useWords();
    const now = clamp(level);
    const word = t(`level_${now}`);
    const says = t('level_says', { level: now, word });
    const bars = [1, 2, 3, 4, 5].map((step) => html`<i key=${step}
        class=${step <= now ? 'on' : step <= clamp(worst) ? 'was' : ''}></i>`);
    return html`<span class=${`level level-${now}${compact ? ' compact' : ''}`}
        title=${worst > now ? `${says} · ${t('level_worst', { level: worst })}` : says}>
        <span class="level-chip"><${Icon} name=${GLYPHS[now]} />
            <span class="level-number">${now}</span><span>${word}</span></span>
        ${!compact && html`<span class="level-bars" aria-hidden="true">${bars}</span>`}
    </span>`;
}
