/* Asks for a token; it stays in this tab and goes nowhere but to the server. */
import { html, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { Field } from './form.js';
import { Icon } from './icon.js';

export function TokenForm({ view, problem }) {
    const { setToken } = useBoard();
    const { t } = useWords();
    const [text, setText] = useState('');
    const submit = (event) => {
        event.preventDefault();
        setToken(text.trim());
    };
    return html`<div class="token panel"><form onSubmit=${submit}>
        <h2><${Icon} name="lock" />${t('token_title')}</h2>
        <p>${t(`token_says_${view}`)}</p>
        ${problem && html`<p class="warn" role="alert"><${Icon} name="alarm" />${t(problem)}</p>`}
        <${Field} id="token" label=${t('token_label')}><input id="token" type="password" required
            autocomplete="off" maxlength="200" value=${text}
            onInput=${(event) => setText(event.target.value)} /></${Field}>
        <div class="form-foot"><button type="submit" class="primary">${t('token_submit')}</button>
        </div></form></div>`;
}
