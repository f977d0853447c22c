/* A manual step put to a role: answered from the keyboard, Enter submits. */
import { html, useEffect, useRef, useState } from '../html.js';
import { drillPath, useAction, useBoard, useDrillNow, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { countdown, duration } from '../format.js';
import { EvidenceForms, EvidenceList } from './evidence.js';
import { Field, Form } from './form.js';
import { Icon } from './icon.js';

const NUMBERS = { integer: 'numeric', long: 'numeric', float: 'decimal', double: 'decimal' };

export function Deadline({ question }) {
    const now = useDrillNow(500);
    const { t } = useWords();
    if (!Number.isFinite(question.deadline_ms) || question.deadline_ms <= 0) {
        return null;
    }
    const still = question.paused_ms !== undefined;
    const left = question.deadline_ms - (still ? question.paused_ms : now);
    return html`<span class=${`deadline${left < 0 ? ' late' : left < 30000 ? ' soon' : ''}`}>
        <${Icon} name=${left < 0 ? 'alarm' : 'clock'} />
        ${still && html`<span class="label">${t('question_still')}</span> `}
        ${left < 0 ? t('question_late', { time: duration(-left) })
            : t('question_left', { time: countdown(left) })}</span>`;
}

function YesNo({ id, name, label, value, onChange }) {
    const { t } = useWords();
    return html`<fieldset class="field"><legend>${label}</legend><div class="choices">
        ${['true', 'false'].map((option, place) => html`<label key=${option} class="choice">
            <input type="radio" id=${place === 0 ? id : undefined} name=${name} value=${option}
                checked=${value === option} required onChange=${() => onChange(option)} />
            <span>${t(option === 'true' ? 'yes' : 'no')}</span></label>`)}
    </div></fieldset>`;
}

function Choice({ id, label, options, value, onChange }) {
    const { t } = useWords();
    return html`<${Field} id=${id} label=${label}><select id=${id} required value=${value ?? ''}
        onChange=${(event) => onChange(event.target.value)}>
        <option value="" disabled>${t('choose')}</option>
        ${options.map((option) => html`<option key=${option} value=${option}>${option}</option>`)}
    </select></${Field}>`;
}

function Input({ field, id, value, options, onChange }) {
    const { nameOf } = useWords();
    const label = nameOf('field', field.name);
    if (options) {
        return html`<${Choice} id=${id} label=${label} options=${options} value=${value}
            onChange=${onChange} />`;
    }
    if (field.type === 'bool' || field.type === 'boolean') {
        return html`<${YesNo} id=${id} name=${id} label=${label} value=${value}
            onChange=${onChange} />`;
    }
    return html`<${Field} id=${id} label=${label}><input id=${id} type="text" value=${value ?? ''}
        inputmode=${NUMBERS[field.type]} autocomplete="off" autocapitalize="off"
        spellcheck=${false} required maxlength="200"
        onInput=${(event) => onChange(event.target.value)} /></${Field}>`;
}

export function QuestionForm({ question, focus, onSent }) {
    const { drill } = useBoard();
    const { t, said, nameOf } = useWords();
    const action = useAction();
    const [vars, setVars] = useState({});
    const [person, setPerson] = useState('');
    const form = useRef(null);
    const named = question.ack === 'two_person' || question.ack === 'tier_leader';
    const fields = sorted(question.fields, (field) => Number(field.key));
    const idOf = (field) => `q-${question.key.replace(/[^\w-]/g, '-')}-${field.name}`;

    useEffect(() => {
        if (focus) {
            form.current?.querySelector('input, textarea, button')?.focus();
        }
    }, [focus]);

    async function submit(outcome = 'success') {
        const answer = await action.send(drillPath(drill, `questions/${question.run}/answer`), {
            step: question.step, exec: question.exec, role: question.role, vars, outcome,
            ...(person && { person }),
        });
        if (answer) {
            onSent(question);
        }
    }
    return html`<li class="question" data-question=${question.key}>
        <header class="question-head"><h3><${Icon} name="question" />${said(question.name)}</h3>
            <${Deadline} question=${question} /></header>
        <p class="question-asks">${said(question.asks)}</p>
        <p class="question-role"><${Icon} name="person" />
            ${t('question_role', { role: nameOf('role', question.role) })}
            ${question.escalated && t('question_escalated', {
                role: nameOf('role', question.escalates) })}</p>
        ${question.sent_back && html`<p class="warn"><${Icon} name="alarm" />
            ${t('question_sent_back', { why: question.sent_back })}</p>`}
        ${question.needs && html`<${EvidenceForms} question=${question} person=${person} />`}
        <${Form} formRef=${form} onSubmit=${() => submit()} label=${said(question.name)}
            action=${action} done=${t('question_sent')}>
            ${named && html`<${Field} id=${idOf({ name: 'person' })} label=${t('question_person')}>
                <input id=${idOf({ name: 'person' })} type="text" required maxlength="40"
                    autocomplete="off" value=${person}
                    onInput=${(event) => setPerson(event.target.value)} /></${Field}>`}
            <div class="question-fields">${fields.map((field) => html`<${Input} key=${field.name}
                field=${field} id=${idOf(field)} value=${vars[field.name]}
                options=${question.choices?.[field.name]?.split('|')}
                onChange=${(value) => setVars((old) => ({ ...old, [field.name]: value }))} />`)}
            </div>
            <div class="form-foot"><button type="submit" class="primary" aria-disabled=${action.busy}
                >${t(action.busy ? 'answer_sending' : 'answer_submit')}</button>
                <button type="button" data-outcome="failure" aria-disabled=${action.busy}
                    onClick=${() => submit('failure')}>${t('question_failed')}</button>
                <span class="hint">${t('question_hint')}</span></div>
        </${Form}></li>`;
}

/* "team:blue-quick/ir_lead" is the incident lead; "…/ir_lead/Li" is that one; offices alike. */
function whoIs(actor, nameOf) {
    const role = /^(?:team|office):[^/]+\/([^/]+)(?:\/(.+))?$/.exec(actor);
    return role ? nameOf('role', role[1]) + (role[2] ? ` ${role[2]}` : '') : actor;
}

/* An answer waits for somebody else: a second person, or the leader. */
export function ConfirmForm({ question }) {
    const { drill } = useBoard();
    const { t, said, nameOf } = useWords();
    const action = useAction();
    const [person, setPerson] = useState('');
    const [note, setNote] = useState('');
    const role = question.confirms ?? question.role;
    const id = `c-${question.key.replace(/[^\w-]/g, '-')}`;
    const answer = Object.entries(question.answer ?? {})
        .map(([name, value]) => `${nameOf('field', name)} = ${value}`).join('; ');
    const send = (agrees) => action.send(drillPath(drill, `questions/${question.run}/confirm`), {
        step: question.step, exec: question.exec, role, person, agrees, ...(note && { note }),
    });
    return html`<li class="question confirming" data-question=${question.key}>
        <${Form} label=${said(question.name)} action=${action} done=${t('question_sent')}
            onSubmit=${() => send(true)}>
            <header class="question-head"><h3><${Icon} name="person" />${said(question.name)}</h3>
                <${Deadline} question=${question} /></header>
            <p class="question-asks">${t('question_answer_is', { answer })}</p>
            <p class="question-role">${t('question_by', {
                who: whoIs(question.answered_by, nameOf), time: duration(question.answered_ms) })}
                ${t('question_role', { role: nameOf('role', role) })}</p>
            <${Field} id=${`${id}-person`} label=${t('question_person')}>
                <input id=${`${id}-person`} type="text" required maxlength="40" autocomplete="off"
                    value=${person} onInput=${(event) => setPerson(event.target.value)} />
            </${Field}>
            <${Field} id=${`${id}-note`} label=${t('control_reason')}>
                <input id=${`${id}-note`} type="text" maxlength="160" autocomplete="off"
                    value=${note} onInput=${(event) => setNote(event.target.value)} /></${Field}>
            <div class="form-foot"><button type="submit" class="primary"
                aria-disabled=${action.busy}>${t('question_confirm')}</button>
                <button type="button" aria-disabled=${action.busy || !person}
                    onClick=${() => person && send(false)}>${t('question_send_back')}</button>
            </div></${Form}></li>`;
}

/* As control sees it: who must answer what, until when, or what was answered. */
export function QuestionCard({ question, children }) {
    const { t, said, nameOf } = useWords();
    const open = question.state === 'open';
    const answer = Object.entries(question.answer ?? {});
    const shown = (value) => (value === 'true' ? t('yes') : value === 'false' ? t('no') : value);
    return html`<li class=${`question-card question-${question.state}`}
        data-question=${question.key}>
        <p class="question-line"><b>${said(question.name)}</b>${children}
            ${open ? html`<${Deadline} question=${question} />`
                : html`<span class="state"><${Icon}
                    name=${question.state === 'answered' ? 'check' : 'cross'} />
                    ${t(`question_${question.state}`)}</span>`}
            ${question.late && !open && html`<span class="state late"><${Icon} name="clock" />
                ${t('question_late_mark')}</span>`}</p>
        <p class="label">${open ? t('question_role', { role: nameOf('role', question.role) })
            : question.answered_by && t('question_by', {
                who: whoIs(question.answered_by, nameOf), time: duration(question.answered_ms) })}</p>
        ${answer.length > 0 && html`<dl class="answer">${answer.map(([name, value]) => html`
            <div key=${name}><dt>${nameOf('field', name)}</dt><dd>${shown(value)}</dd></div>`)}
        </dl>`}
        <${EvidenceList} question=${question} /></li>`;
}
