/* A button that asks once more where it stands: the second press does it. */
import { html, useLayoutEffect, useRef, useState } from '../html.js';
import { useAction, useWords } from '../board.js';
import { Outcome } from './form.js';

export function Confirm({ label, sure, path, body = {}, done, danger = false, verb,
                          disabled = false, onDone = () => {} }) {
    const { t } = useWords();
    const action = useAction();
    const [asking, setAsking] = useState(false);
    const yes = useRef(null);
    const first = useRef(null);
    const asked = useRef(false);
    useLayoutEffect(() => {
        if (asking) {
            asked.current = true;
            yes.current?.focus();
        } else if (asked.current) {
            asked.current = false;
            first.current?.focus();
        }
    }, [asking]);

    async function act() {
        if (!action.busy && await action.send(path, body)) {
            setAsking(false);
            onDone();
        }
    }
    return html`<span class="confirm" onKeyDown=${(event) => event.key === 'Escape' &&
            setAsking(false)}>
        ${asking
            ? html`<button type="button" ref=${yes} class=${danger ? 'danger' : 'primary'}
                data-verb=${`${verb}-confirm`} aria-disabled=${action.busy} onClick=${act}
                >${sure}</button>
                <button type="button" class="quiet" onClick=${() => setAsking(false)}
                >${t('cancel')}</button>`
            : html`<button type="button" ref=${first} class=${danger ? 'danger' : ''}
                data-verb=${verb} aria-disabled=${disabled || action.busy}
                onClick=${() => disabled || setAsking(true)}>${label}</button>`}
        ${(action.busy || action.error || action.answer) &&
            html`<${Outcome} action=${action} done=${done} />`}</span>`;
}
