/* A team's report on a form of the law, its marks and its grade. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { Field, Form } from './form.js';

const GRADES = [1, 2, 3, 4];
const MARKS = ['discovered', 'contained', 'restored', 'handling_ended', 'suspected_crime'];

function roles(duty) {
    const named = duty.tiers.enterprise?.roles ?? '';
    return named ? named.split(' ') : ['ir_lead', 'reporter'];
}

function Role({ id, role, setRole }) {
    const { session } = useBoard();
    const { t } = useWords();
    return html`<${Field} id=${id} label=${t('duty_role')}><select id=${id} value=${role}
        onChange=${(event) => setRole(event.target.value)}>${roles(session.state.duty).map((name) => html`
        <option key=${name} value=${name}>${name}</option>`)}</select></${Field}>`;
}

export function MarkForm() {
    const { drill, session } = useBoard();
    const { t, said } = useWords();
    const action = useAction();
    const [role, setRole] = useState(roles(session.state.duty)[0]);
    const [what, setWhat] = useState('discovered');
    const packs = Object.entries(session.state.duty.packs).filter(([, pack]) => pack.grades);
    const grades = packs.flatMap(([id, pack]) => GRADES.map((grade) =>
        [`${id}/${grade}`, `${t(`grade_${grade}`)} · ${said(pack.title)}`]));

    async function submit() {
        const [pack, grade] = what.split('/');
        await action.send(drillPath(drill, grade ? 'duty/grade' : 'duty/incident'),
            grade ? { pack, grade: Number(grade), role } : { mark: what, role });
    }
    return html`<${Form} className="duty-mark-form" label=${t('duty_marks')} action=${action}
        done=${t('duty_entered', { seq: action.answer?.seq ?? '' })} onSubmit=${submit}>
        <div class="field-pair"><${Field} id="mark-what" label=${t('duty_marks')}>
            <select id="mark-what" value=${what} onChange=${(event) => setWhat(event.target.value)}>
                <optgroup label=${t('duty_marks')}>${MARKS.map((mark) => html`
                    <option key=${mark} value=${mark}>${t(`mark_${mark}`)}</option>`)}</optgroup>
                <optgroup label=${t('duty_grade')}>${grades.map(([value, label]) => html`
                    <option key=${value} value=${value}>${label}</option>`)}</optgroup>
            </select></${Field}>
            <${Role} id="mark-role" role=${role} setRole=${setRole} /></div>
        <div class="form-foot"><button type="submit" aria-disabled=${action.busy}
            >${t('duty_enter')}</button></div></${Form}>`;
}

function Claims({ claims, setClaims }) {
    const { session } = useBoard();
    const { t, said } = useWords();
    const { metrics } = session.state.duty;
    const rest = Object.keys(metrics).filter((name) => !(name in claims));
    return html`<fieldset class="report-claims"><legend>${t('report_figures')}</legend>
        ${Object.entries(claims).map(([name, value]) => html`<${Field} key=${name} id=${`claim-${name}`}
            label=${`${said(metrics[name].text)} ${metrics[name].unit}`}><input id=${`claim-${name}`}
                type="text" required maxlength="30" value=${value}
                onInput=${(event) => setClaims({ ...claims, [name]: event.target.value })} /></${Field}>`)}
        <${Field} id="claim-more" label=${t('report_figure_more')}><select id="claim-more" value=""
            onChange=${(event) => event.target.value && setClaims({ ...claims, [event.target.value]: '' })}>
            <option value="">${t('report_choose')}</option>
            ${rest.map((name) => html`<option key=${name} value=${name}>${said(metrics[name].text)}
            </option>`)}</select></${Field}></fieldset>`;
}

export function ReportForm() {
    const { drill, session } = useBoard();
    const { t, said } = useWords();
    const action = useAction();
    const { duty } = session.state;
    const [form, setForm] = useState(Object.keys(duty.forms)[0] ?? '');
    const [role, setRole] = useState(roles(duty)[0]);
    const [to, setTo] = useState([]);
    const [items, setItems] = useState({});
    const [claims, setClaims] = useState({});
    const [grade, setGrade] = useState('0');
    const numbers = Object.keys(duty.forms[form]?.items ?? {}).sort((a, b) => a - b);

    async function submit() {
        const filled = Object.fromEntries(numbers.filter((one) => items[one]?.trim())
            .map((one) => [one, items[one].trim()]));
        if (await action.send(drillPath(drill, 'duty/report'), { form, role, to: to.join(' '),
            grade: Number(grade), items: filled, claims })) {
            setItems({});
            setClaims({});
            setTo([]);
        }
    }
    const toggle = (name) => setTo(to.includes(name) ? to.filter((one) => one !== name) : [...to, name]);
    return html`<${Form} className="report-form" label=${t('report_law')} action=${action}
        done=${t('duty_entered', { seq: action.answer?.seq ?? '' })} onSubmit=${submit}>
        <div class="field-pair"><${Field} id="report-form" label=${t('report_on')}>
            <select id="report-form" value=${form} onChange=${(event) => setForm(event.target.value)}>
                ${Object.entries(duty.forms).map(([name, one]) => html`<option key=${name}
                    value=${name}>${said(one.text)}</option>`)}</select></${Field}>
            <${Field} id="report-grade" label=${t('duty_grade')}><select id="report-grade" value=${grade}
                onChange=${(event) => setGrade(event.target.value)}>
                <option value="0">${t('report_no_grade')}</option>${GRADES.map((one) => html`
                    <option key=${one} value=${one}>${t(`grade_${one}`)}</option>`)}</select></${Field}></div>
        <fieldset class="report-to"><legend>${t('report_to')}</legend>
            ${Object.entries(duty.parties).map(([name, party]) => html`<label key=${name}>
                <input type="checkbox" checked=${to.includes(name)} onChange=${() => toggle(name)} />
                ${said(party.text)}</label>`)}</fieldset>
        ${numbers.map((one) => html`<${Field} key=${`${form}-${one}`} id=${`item-${one}`}
            label=${`${one} ${said(duty.forms[form].items[one])}`}><textarea id=${`item-${one}`} rows="1"
                maxlength="400" value=${items[one] ?? ''}
                onInput=${(event) => setItems({ ...items, [one]: event.target.value })}></textarea></${Field}>`)}
        <${Claims} claims=${claims} setClaims=${setClaims} />
        <${Role} id="report-role" role=${role} setRole=${setRole} />
        <div class="form-foot"><button type="submit" class="primary"
            aria-disabled=${action.busy || to.length === 0}>${t('report_submit')}</button></div></${Form}>`;
}
