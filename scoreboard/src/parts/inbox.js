/* What came to a seat and wants an answer: reports, warnings, presence checks. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { countdown, duration } from '../format.js';
import { useDutyNow } from './duty.js';
import { Field, Form, Outcome } from './form.js';
import { Icon } from './icon.js';

/* One press sends one thing. */
function Send({ noun, body, label, className = '' }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    return html`<button type="button" class=${className} aria-disabled=${action.busy}
        onClick=${() => action.busy || action.send(drillPath(drill, `duty/${noun}`), body)}
        >${label}</button>
        <${Outcome} action=${action} done=${t('duty_entered', { seq: action.answer?.seq ?? '' })} />`;
}

/* ---- presence checks and warnings, of a team ---- */

function Check({ check, nowMs }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [officer, setOfficer] = useState('');
    const left = check.asked_ms + check.limit_ms - nowMs;
    const id = `check-${check.key}`;
    if (check.answered_ms !== undefined) {
        return html`<li class="inbox-item done"><p><${Icon} name="check" />
            ${t('check_answered', { number: check.check, officer: check.officer })}
            <span class="time">${duration(check.answered_ms)}</span></p></li>`;
    }
    return html`<li class="inbox-item urgent-item" data-check=${check.check}>
        <p><${Icon} name="clock" /> <b>${t('check_asked', { number: check.check })}</b>
            <span class="time">${left >= 0 ? t('duty_left', { time: countdown(left) })
                : t('duty_over', { time: duration(-left) })}</span></p>
        <${Form} label=${t('check_answer')} action=${action} done=""
            onSubmit=${() => action.send(drillPath(drill, 'duty/presence'),
                { check: check.check, officer })}>
            <${Field} id=${id} label=${t('check_officer')}><input id=${id} type="text" required
                maxlength="40" value=${officer} onInput=${(event) => setOfficer(event.target.value)} />
            </${Field}>
            <div class="form-foot"><button type="submit" class="primary"
                aria-disabled=${action.busy}>${t('check_answer')}</button></div></${Form}></li>`;
}

const ANSWERS = ['receipt', 'self-check', 'rectification'];

/* What was looked at, and what was mended: in words. */
function WarningAnswer({ warning, answer, role }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [text, setText] = useState('');
    const id = `warning-${warning.key}-${answer}`;
    const label = t(`warning_${answer.replace('-', '_')}`);
    return html`<${Form} label=${label} action=${action} done=""
        onSubmit=${() => action.send(drillPath(drill, 'duty/warning-answer'),
            { warning: warning.warning, answer, role, text })}>
        <${Field} id=${id} label=${label}><input id=${id} type="text" required maxlength="200"
            value=${text} onInput=${(event) => setText(event.target.value)} /></${Field}>
        <div class="form-foot"><button type="submit" class="primary"
            aria-disabled=${action.busy}>${label}</button></div></${Form}>`;
}

/* `seat`: the tier that sits here and may answer; null looks on. */
function Warning({ warning, seat }) {
    const { session } = useBoard();
    const { t, said } = useWords();
    const given = Object.values(warning.answers).filter((one) => one.by === seat)
        .map((one) => one.answer);
    const next = ANSWERS.find((answer) => !given.includes(answer));
    const role = session.state.duty.tiers[seat]?.roles.split(' ')[0] ||
        (seat === 'enterprise' ? 'ir_lead' : 'duty_officer');
    const asked = warning.to.split(' ').includes(seat);
    return html`<li class=${`inbox-item warning-${warning.level}`} data-warning=${warning.warning}>
        <p><${Icon} name="alarm" /> <b>${t(`warning_${warning.level}`)} · ${said(warning.title)}</b>
            <span class="time">${duration(warning.at_ms)}</span></p>
        <p class="label">${[said(warning.source), warning.scope, warning.advice,
            warning.due_ms !== undefined && t('warning_due', { time: duration(warning.due_ms) })]
            .filter(Boolean).join(' · ')}</p>
        ${sorted(warning.answers, (one) => one.at_ms).map((one) => html`<p class="label" key=${one.key}>
            ${[t(`tier_${one.by}`), t(`warning_${one.answer.replace('-', '_')}`), duration(one.at_ms),
                one.text].filter(Boolean).join(' · ')}</p>`)}
        ${asked && next === 'receipt' && html`<${Send} key=${next} noun="warning-answer"
            body=${{ warning: warning.warning, answer: next, role }} label=${t('warning_receipt')} />`}
        ${asked && next && next !== 'receipt' && html`<${WarningAnswer} key=${next}
            warning=${warning} answer=${next} role=${role} />`}</li>`;
}

/* ---- reports ---- */

function Content({ report }) {
    const { session } = useBoard();
    const { said } = useWords();
    const { forms, metrics } = session.state.duty;
    const items = Object.entries(report.items).filter(([, text]) => text);
    return html`<dl class="report-content">
        ${items.map(([number, text]) => html`<div key=${number}>
            <dt>${said(forms[report.form]?.items[number]) || number}</dt><dd>${text}</dd></div>`)}
        ${Object.entries(report.claims).map(([name, value]) => html`<div key=${name}>
            <dt>${said(metrics[name]?.text) || name}</dt>
            <dd>${value} ${metrics[name]?.unit ?? ''}</dd></div>`)}</dl>`;
}

function Relay({ report, office }) {
    const { session } = useBoard();
    const { t, said } = useWords();
    const { parties, tiers } = session.state.duty;
    const { tier } = tiers[office];
    const from = report.to.split(' ').find((name) => parties[name]?.tier === tier);
    const above = Object.entries(parties).filter(([, party]) => party.tier >= tier);
    const [to, setTo] = useState('');
    const id = `relay-${report.key}`;
    if (!from) {
        return null;
    }
    return html`<div class="relay"><${Field} id=${id} label=${t('report_relay_to')}>
        <select id=${id} value=${to} onChange=${(event) => setTo(event.target.value)}>
            <option value="">${t('report_choose')}</option>
            ${above.filter(([name]) => name !== from).map(([name, party]) => html`
                <option key=${name} value=${name}>${said(party.text)}</option>`)}</select></${Field}>
        ${to && html`<${Send} key=${to} noun="report" label=${t('report_relay')}
            body=${{ form: report.form, from, to, relays: Number(report.key), grade: report.grade,
                     items: report.items, claims: report.claims, role: 'duty_officer' }} />`}</div>`;
}

function Report({ report, office }) {
    const { t, said } = useWords();
    const [open, setOpen] = useState(false);
    const received = Object.entries(report.received);
    const waits = office && !report.received[office];
    return html`<li class=${`inbox-item${waits ? ' urgent-item' : ''}`} data-report=${report.key}>
        <p><${Icon} name="report" /> <b>${said(report.says)}</b>
            <span class="time">${duration(report.at_ms)}</span>
            <span class="seq">${`#${report.key}`}</span></p>
        <p class="label">${[report.text, report.grade > 0 && t(`grade_${report.grade}`),
            ...received.map(([tier, one]) => t('report_received',
                { tier: t(`tier_${tier}`), time: duration(one.at_ms) }))].filter(Boolean).join(' · ')}</p>
        <button type="button" class="quiet" aria-expanded=${open} onClick=${() => setOpen(!open)}
            >${t('report_open')}</button>
        ${open && html`<${Content} report=${report} />`}
        ${waits && html`<${Send} noun="receipt" className="primary" label=${t('report_receive')}
            body=${{ report: Number(report.key), role: 'duty_officer' }} />`}
        ${office && !waits && html`<${Relay} report=${report} office=${office} />`}</li>`;
}

/* `office`: the tier whose seat this is; else a team's own, or control's look at it. */
export function Inbox({ team, office = null, mine = false }) {
    const { session } = useBoard();
    const { t } = useWords();
    const nowMs = useDutyNow();
    const own = session.state.duty.teams[team] ?? {};
    const reports = sorted(own.reports, (report) => -report.at_ms)
        .filter((report) => !office || report.from_tier !== session.state.duty.tiers[office].tier);
    const checks = sorted(own.checks, (check) => -check.asked_ms);
    const warnings = sorted(own.warnings, (warning) => -warning.at_ms);
    if (reports.length + checks.length + warnings.length === 0) {
        return html`<p class="empty">${t('inbox_empty')}</p>`;
    }
    return html`<ul class="inbox">
        ${checks.map((check) => (mine ? html`<${Check} key=${check.key} check=${check} nowMs=${nowMs} />`
            : html`<li key=${check.key} class="inbox-item"><p>${t('check_asked', { number: check.check })}
                <span class="label">${check.officer ?? t('duty_state_running')}</span></p></li>`))}
        ${warnings.map((warning) => html`<${Warning} key=${warning.key} warning=${warning}
            seat=${mine ? 'enterprise' : office} />`)}
        ${reports.map((report) => html`<${Report} key=${report.key} report=${report}
            office=${office} />`)}</ul>`;
}
