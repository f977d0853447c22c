/* The drill in the hands of control: what the phase allows, each with a reason; clock speed. */
import { html, useRef, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { Dialog } from './dialog.js';
import { Field, Form, Outcome } from './form.js';
import { Icon } from './icon.js';

const ALLOWED = {
    planned: ['up'], staging: ['down'], ready: ['start', 'down'], running: ['pause', 'end'],
    paused: ['resume', 'end'], ended: ['down'], archived: [],
};
/* After an emergency stop. */
const STOPPED = { ready: ['resume', 'down'], paused: ['resume', 'end'], ended: ['down'] };
const GLYPHS = {
    up: 'up', start: 'play', pause: 'pause', resume: 'play', end: 'stop', down: 'down',
};
export const SPEEDS = [0.5, 1, 2, 5, 10, 20];

function ReasonDialog({ verb, onClose }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [reason, setReason] = useState('');

    async function submit() {
        if (await action.send(drillPath(drill, verb), { reason: reason.trim() })) {
            onClose();
        }
    }
    return html`<${Dialog} title=${t(`control_${verb}`)} onClose=${onClose} className="reason">
        <${Form} label=${t(`control_${verb}`)} action=${action} done="" onSubmit=${submit}>
            ${verb === 'end' && html`<p class="warn"><${Icon} name="alarm" />
                ${t('control_end_says')}</p>`}
            <${Field} id="reason" label=${t('control_reason')} hint=${t('control_reason_says')}>
                <textarea id="reason" rows="3" required maxlength="160" value=${reason} autofocus
                    onKeyDown=${(event) => event.key === 'Enter' && !event.shiftKey &&
                        (event.preventDefault(), event.target.form.requestSubmit())}
                    onInput=${(event) => setReason(event.target.value)}></textarea></${Field}>
            <div class="form-foot"><button type="submit"
                class=${verb === 'end' || verb === 'down' ? 'danger' : 'primary'}
                aria-disabled=${action.busy}><${Icon} name=${GLYPHS[verb]} />
                ${t(`control_${verb}`)}</button>
                <button type="button" onClick=${onClose}>${t('cancel')}</button></div>
        </${Form}></${Dialog}>`;
}

/* The emergency stop: pressed, it asks once more where it stands, with the focus on the answer,
 * and nothing else of the page is in the way. */
function EmergencyStop() {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const button = useRef(null);
    const [asking, setAsking] = useState(false);
    const [reason, setReason] = useState('');
    const close = () => {
        setAsking(false);
        setReason('');
        requestAnimationFrame(() => button.current?.focus());
    };

    async function submit() {
        if (await action.send(drillPath(drill, 'stop'), { reason: reason.trim() })) {
            close();
        }
    }
    if (!asking) {
        return html`<button type="button" ref=${button} class="emergency" data-verb="stop"
            aria-expanded="false" onClick=${() => setAsking(true)}>
            <${Icon} name="stop" />${t('stop_now')}</button>`;
    }
    return html`<div class="emergency-ask" role="group" aria-label=${t('stop_now')}
        onKeyDown=${(event) => event.key === 'Escape' && close()}>
        <${Form} label=${t('stop_now')} action=${action} done="" onSubmit=${submit}>
            <p class="warn"><${Icon} name="alarm" /> ${t('stop_says')}</p>
            <${Field} id="stop-reason" label=${t('control_reason')}>
                <input id="stop-reason" type="text" maxlength="160" autocomplete="off"
                    value=${reason} onInput=${(event) => setReason(event.target.value)} />
            </${Field}>
            <div class="form-foot"><button type="submit" class="emergency" autofocus
                ref=${(node) => node && !reason && !action.busy && node.focus()}
                data-verb="stop-confirm" aria-disabled=${action.busy}>
                <${Icon} name="stop" />${t('stop_confirm')}</button>
                <button type="button" onClick=${close}>${t('cancel')}</button></div>
        </${Form}></div>`;
}

export function Conduct() {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const speed = useAction();
    const [verb, setVerb] = useState(null);
    const { phase, stopped = false } = session.state.drill;
    const allowed = stopped && phase !== 'staging' ? STOPPED : ALLOWED;
    const now = session.state.clock?.speed ?? 1;
    const speeds = SPEEDS.includes(now) ? SPEEDS : [...SPEEDS, now].sort((a, b) => a - b);
    return html`<div class="conduct">
        ${(allowed[phase] ?? []).map((one) => html`<button key=${one} type="button"
            class=${one === 'end' || one === 'down' ? 'danger' : 'primary'} data-verb=${one}
            aria-haspopup="dialog" onClick=${() => setVerb(one)}>
            <${Icon} name=${GLYPHS[one]} />${t(`control_${one}`)}</button>`)}
        ${['ready', 'running', 'paused'].includes(phase) && html`<label class="speed">
            <span>${t('control_speed')}</span>
            <select value=${String(now)} onChange=${(event) => speed.send(
                drillPath(drill, 'clock'), { speed: Number(event.target.value) })}>
                ${speeds.map((one) => html`<option key=${one} value=${String(one)}
                    >${`${one}×`}</option>`)}</select></label>`}
        ${['staging', 'ready', 'running', 'paused'].includes(phase) && !stopped &&
            html`<${EmergencyStop} />`}
        ${stopped && html`<p class="stopped" role="status"><${Icon} name="stop" />
            ${t('stop_holds')}</p>`}
        ${speed.error && html`<${Outcome} action=${speed} done="" />`}
        ${verb && html`<${ReasonDialog} verb=${verb} onClose=${() => setVerb(null)} />`}
    </div>`;
}
