/* Phase and clock. The drill clock runs on between messages; while nothing is heard it stands. */
import { html } from '../html.js';
import { useBoard, useDrillNow, useWords } from '../board.js';
import { countdown, duration, number } from '../format.js';
import { Icon } from './icon.js';

const GLYPHS = {
    planned: 'ring', staging: 'again', ready: 'check', running: 'play', paused: 'pause',
    ended: 'stop', archived: 'book',
};

export function Phase() {
    const { session } = useBoard();
    const { t } = useWords();
    const phase = session.state?.drill?.phase ?? 'planned';
    return html`<span class=${`phase phase-${phase}`} data-phase=${phase}>
        <${Icon} name=${GLYPHS[phase] ?? 'ring'} /><span>${t(`phase_${phase}`)}</span></span>`;
}

export function Clock() {
    const now = useDrillNow();
    const { session } = useBoard();
    const { t, language } = useWords();
    const drill = session.state?.drill;
    const clock = session.state?.clock;
    const left = (drill?.length_ms ?? 0) - now;
    /* A drill that ended at its length did so a little after it; that is not late. */
    const over = ['running', 'paused'].includes(drill?.phase) && left <= -1000;
    return html`<div class=${`clock${over ? ' clock-over' : ''}`} role="timer">
        <div class="clock-left">
            <span class="label">${t(over ? 'time_over' : 'time_left')}</span>
            <span class="clock-figure" data-part="time-left"
                >${over ? duration(-left) : countdown(left)}</span>
        </div>
        <div class="clock-drill">
            <span class="label">${t('time_drill')}</span>
            <span class="clock-small" data-part="drill-clock">${duration(now)}</span>
            <span class="label">${t('time_length', { time: duration(drill?.length_ms ?? 0) })}
            ${clock && clock.speed !== 1 && html` · ${t('time_speed', {
                speed: number(language, clock.speed, Number.isInteger(clock.speed) ? 0 : 1) })}`}
            </span>
        </div>
    </div>`;
}
