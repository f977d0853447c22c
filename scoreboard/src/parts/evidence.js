/* Evidence for a question: what it needs, what was given, and a form to give more. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration } from '../format.js';
import { Field, Form } from './form.js';
import { Icon } from './icon.js';

const FILES = ['file', 'screenshot', 'signature'];
const BYTES_MAX = 512 * 1024;

async function base64Of(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) {
        text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return btoa(text);
}

export function EvidenceList({ question }) {
    const { nameOf } = useWords();
    const given = sorted(question.evidence ?? {}, (one) => Number(one.key));
    return given.length > 0 && html`<ul class="evidence">${given.map((one) => html`
        <li key=${one.key}><${Icon} name="check" /><b>${nameOf('evidence', one.form)}</b>
            ${[one.name, one.text].filter(Boolean).join(' · ')}
            <span class="time">${duration(one.drill_ms)}</span></li>`)}</ul>`;
}

/* One form of evidence that is still to be given. */
function Giving({ question, form, role, person }) {
    const { drill } = useBoard();
    const { t, nameOf } = useWords();
    const action = useAction();
    const [text, setText] = useState('');
    const [file, setFile] = useState(null);
    const id = `e-${question.key.replace(/[^\w-]/g, '-')}-${form}`;
    const label = nameOf('evidence', form);
    const isFile = FILES.includes(form);

    async function submit() {
        const body = { step: question.step, exec: question.exec, role, form };
        if (person) {
            body.person = person;
        }
        if (text.trim()) {
            body.text = text.trim();
        }
        if (file) {
            body.name = file.name.slice(-60);
            body.data = await base64Of(file);
        }
        await action.send(drillPath(drill, `questions/${question.run}/evidence`), body);
    }
    return html`<${Form} className="giving" label=${`${t('evidence_give')}: ${label}`}
        action=${action} done=${t('evidence_given')} onSubmit=${submit}>
        ${isFile && html`<${Field} id=${`${id}-file`} label=${label}><input id=${`${id}-file`}
            type="file" required accept=${form === 'file' ? undefined : 'image/*'}
            onChange=${(event) => {
                const [chosen = null] = event.target.files;
                const large = chosen !== null && chosen.size > BYTES_MAX;
                event.target.setCustomValidity(large ? 'large' : '');
                setFile(large ? null : chosen);
            }} /></${Field}>`}
        <${Field} id=${id} label=${isFile ? t('evidence_what') : label}><textarea id=${id} rows="2"
            maxlength="300" required=${!isFile} value=${text}
            onInput=${(event) => setText(event.target.value)}></textarea></${Field}>
        <button type="submit" aria-disabled=${action.busy}>${t('evidence_give')}</button>
    </${Form}>`;
}

export function EvidenceForms({ question, person }) {
    const given = Object.values(question.evidence ?? {}).map((one) => one.form);
    const missing = (question.needs ?? '').split(' ').filter((form) => form && !given.includes(form));
    return html`<${EvidenceList} question=${question} />
        ${missing.map((form) => html`<${Giving} key=${form} question=${question} form=${form}
            role=${question.role} person=${person} />`)}`;
}
