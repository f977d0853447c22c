/* The duty board: every clock with its law, what was found wrong, how well it went. The server
 * derives all of it; here it is only put in order. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useDrillNow, useWords } from '../board.js';
import { clocksInOrder, dutyNowMs, sorted } from '../derive.js';
import { countdown, duration, number, signed } from '../format.js';
import { Field, Form } from './form.js';
import { Icon } from './icon.js';

const GLYPHS = { running: 'clock', met: 'check', overdue: 'alarm', 'met-late': 'alarm',
                 omitted: 'cross', open: 'ring' };

/* Now, in the clock that the exercise counts in. */
export function useDutyNow() {
    const { session } = useBoard();
    const drillMs = useDrillNow(1000);
    return dutyNowMs(session.state, drillMs, Date.now() * 1000 + session.skewUs);
}

function Limit({ clock, nowMs }) {
    const { t, said } = useWords();
    if (clock.due_ms === undefined) {
        return html`<span>${said(clock.limit_text) || t('duty_no_limit')}</span>`;
    }
    const left = clock.due_ms - nowMs;
    const open = clock.met_ms === undefined && ['running', 'overdue'].includes(clock.state);
    return html`<span class="time">${duration(clock.due_ms)}</span>
        ${clock.house && html` <span class="duty-house">${t('duty_house')}</span>`}
        ${open && html` <span class="time duty-left">${left >= 0
            ? t('duty_left', { time: countdown(left) })
            : t('duty_over', { time: duration(-left) })}</span>`}`;
}

function ClockRow({ clock, packs, nowMs }) {
    const { t, said } = useWords();
    const sure = packs[clock.pack]?.confidence === 'high' && clock.confidence === 'high';
    return html`<tr class=${`duty-clock duty-${clock.state}`} data-clock=${clock.key}>
        <td class="duty-state"><${Icon} name=${GLYPHS[clock.state] ?? 'ring'} />
            ${t(`duty_state_${clock.state.replace('-', '_')}`)}</td>
        <td><b>${said(clock.act) || t('duty_tells', { to: said(clock.to) || t('duty_all') })}</b>
            <span class="label">${said(clock.from)}</span></td>
        <td><span>${said(packs[clock.pack]?.title)}</span>
            <span class="label">${clock.article} · ${clock.duty}
                ${!sure && html` · ${t('duty_unsure')}`}</span></td>
        <td><span class="time">${duration(clock.started_ms)}</span>
            <span class="label">${said(clock.anchor)}</span></td>
        <td><${Limit} clock=${clock} nowMs=${nowMs} /></td>
        <td>${clock.met_ms !== undefined && html`<span class="time">${duration(clock.met_ms)}</span>`}
            ${clock.seq && html` <span class="seq">${`#${clock.seq}`}</span>`}</td></tr>`;
}

export function DutyClocks({ team }) {
    const { session } = useBoard();
    const { t } = useWords();
    const nowMs = useDutyNow();
    const { duty } = session.state;
    const clocks = clocksInOrder(duty.teams[team]?.clocks);
    if (clocks.length === 0) {
        return html`<p class="empty">${t('duty_no_clocks')}</p>`;
    }
    return html`<div class="duty-table" tabindex="0" role="region" aria-label=${t('duty_clocks')}>
        <table><thead><tr>${['state', 'what', 'law', 'since', 'limit', 'done'].map((name) => html`
            <th key=${name} scope="col">${t(`duty_col_${name}`)}</th>`)}</tr></thead>
        <tbody>${clocks.map((clock) => html`<${ClockRow} key=${clock.key} clock=${clock}
            packs=${duty.packs} nowMs=${nowMs} />`)}</tbody></table></div>`;
}

/* ---- faults ---- */

/* A reason, and what is said with it: of a team a dispute, of control a ruling. */
function Appeal({ name, team, control }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [reason, setReason] = useState('');
    const [verdict, setVerdict] = useState('served');
    const id = `appeal-${name.replace(/[^A-Za-z0-9]/g, '-')}`;

    async function submit() {
        const body = { fault: name, reason, ...(control ? { team, verdict } : { role: 'ir_lead' }) };
        if (await action.send(drillPath(drill, control ? 'duty/verdict' : 'duty/dispute'), body)) {
            setReason('');
        }
    }
    return html`<${Form} className="appeal" label=${t(control ? 'duty_rule' : 'duty_dispute')}
        action=${action} done=${t('duty_entered', { seq: action.answer?.seq ?? '' })}
        onSubmit=${submit}>
        <div class="field-pair">
        ${control && html`<${Field} id=${`${id}-verdict`} label=${t('duty_verdict')}>
            <select id=${`${id}-verdict`} value=${verdict}
                onChange=${(event) => setVerdict(event.target.value)}>
                ${['served', 'upheld', 'dismissed'].map((word) => html`
                    <option key=${word} value=${word}>${t(`duty_verdict_${word}`)}</option>`)}
            </select></${Field}>`}
        <${Field} id=${`${id}-reason`} label=${t('control_reason')}>
            <input id=${`${id}-reason`} type="text" required maxlength="160" autocomplete="off"
                value=${reason} onInput=${(event) => setReason(event.target.value)} /></${Field}>
        </div>
        <div class="form-foot"><button type="submit" aria-disabled=${action.busy}
            >${t(control ? 'duty_rule' : 'duty_dispute')}</button></div></${Form}>`;
}

function Fault({ fault, team, control, appeals }) {
    const { t, said } = useWords();
    const [open, setOpen] = useState(false);
    const parts = [said(fault.from), fault.to && `→ ${said(fault.to)}`,
        fault.skipped && t('duty_skipped', { party: said(fault.skipped) }), said(fault.metric),
        fault.said && t('duty_said', { value: fault.said }),
        fault.truth && t('duty_truth', { value: fault.truth }), fault.duty].filter(Boolean);
    return html`<li class=${`duty-fault${fault.verdict === 'dismissed' ? ' dismissed' : ''}`}
        data-fault=${fault.key}>
        <p><${Icon} name="alarm" /> <b>${said(fault.text)}</b>
            <span class="time">${duration(fault.at_ms)}</span>
            ${fault.seq && html`<span class="seq" title=${t('event_number', { seq: fault.seq })}
                >${`#${fault.seq}`}</span>`}
            ${fault.disputed && html`<span class="duty-mark">${t('duty_disputed')}</span>`}
            ${fault.verdict && html`<span class="duty-mark"
                >${t(`duty_verdict_${fault.verdict}`)}</span>`}</p>
        <p class="label">${parts.join(' · ')}</p>
        ${appeals && html`<button type="button" class="quiet" aria-expanded=${open}
            onClick=${() => setOpen(!open)}>${t(control ? 'duty_rule' : 'duty_dispute')}</button>`}
        ${open && html`<${Appeal} name=${fault.key} team=${team} control=${control} />`}</li>`;
}

export function DutyFaults({ team, control = false, appeals = true }) {
    const { session } = useBoard();
    const { t } = useWords();
    const faults = sorted(session.state.duty.teams[team]?.faults, (fault) => fault.at_ms);
    if (faults.length === 0) {
        return html`<p class="empty">${t('duty_no_faults')}</p>`;
    }
    return html`<ul class="duty-faults">${faults.map((fault) => html`<${Fault} key=${fault.key}
        fault=${fault} team=${team} control=${control} appeals=${appeals} />`)}</ul>`;
}

/* ---- how well it went ---- */

export function DutyMerits({ team }) {
    const { session } = useBoard();
    const { t, said, language } = useWords();
    const merits = session.state.duty.teams[team]?.merits;
    if (!merits) {
        return null;
    }
    const share = (part, whole) => whole > 0 && `${number(language, 100 * part / whole)} % (${part}/${whole})`;
    const rows = [
        ...Object.entries(merits.spans).map(([name, span]) => [name, said(span.text),
            duration(span.ms), [span.from_seq, span.to_seq]]),
        ['complete', t('merit_complete'), share(merits.items_filled, merits.items), [merits.items_seq]],
        ['true', t('merit_true'), share(merits.claims_true, merits.claims), [merits.items_seq]],
        ['grade', t('merit_grade'), merits.grade_distance !== undefined &&
            signed(language, merits.grade_distance), [merits.grade_seq]],
        ['steps', t('merit_steps'), merits.steps_done + merits.steps_missed > 0 && t('merit_steps_are',
            { done: merits.steps_done, missed: merits.steps_missed, odd: merits.steps_disordered }), []],
        ['cuts', t('merit_cuts'), merits.false_isolations !== undefined &&
            number(language, merits.false_isolations), merits.false_isolations_seqs ?? []],
        ['lost', t('merit_lost'), merits.production_lost_s > 0 &&
            t('seconds', { seconds: number(language, merits.production_lost_s) }), []],
    ].filter(([, , value]) => value || value === 0);
    return html`<dl class="duty-merits">${rows.map(([key, label, value, seqs]) => html`
        <div key=${key}><dt>${label}</dt><dd><b>${value}</b> ${seqs.filter(Boolean).map((seq) => html`
            <span key=${seq} class="seq" title=${t('event_number', { seq })}>${`#${seq}`}</span>`)}
        </dd></div>`)}</dl>`;
}
