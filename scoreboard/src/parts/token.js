/* Asks for a token; it stays in this tab and goes nowhere but to the server. */
import { html, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { Field, Form } from './form.js';
import { Icon } from './icon.js';

export function TokenForm({ view, problem }) {
    const { setToken } = useBoard();
    const { t } = useWords();
    const [text, setText] = useState('');
    const nothing = { busy: false, error: null, answer: null };
    return html`<div class="token panel"><${Form} label=${t('token_title')} action=${nothing}
        done="" onSubmit=${() => setToken(text.trim())}>
        <h2><${Icon} name="lock" />${t('token_title')}</h2>
        <p>${t(`token_says_${view}`)}</p>
        ${problem && html`<p class="warn" role="alert"><${Icon} name="alarm" />${t(problem)}</p>`}
        <${Field} id="token" label=${t('token_label')}><input id="token" type="password" required
            autocomplete="off" maxlength="200" value=${text}
            onInput=${(event) => setText(event.target.value)} /></${Field}>
        <div class="form-foot"><button type="submit" class="primary">${t('token_submit')}</button>
        </div></${Form}></div>`;
}
