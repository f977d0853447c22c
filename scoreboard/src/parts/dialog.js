/* A modal window: the browser's own dialog, which keeps the focus inside and gives it back. */
import { html, useLayoutEffect, useRef } from '../html.js';
import { useWords } from '../board.js';
import { Icon } from './icon.js';

export function Dialog({ title, onClose, children, className = '' }) {
    const { t } = useWords();
    const ref = useRef(null);
    useLayoutEffect(() => {
        const before = document.activeElement;
        const dialog = ref.current;
        dialog.showModal();
        return () => {
            dialog.close();
            before?.focus?.();
        };
    }, []);
    return html`<dialog ref=${ref} class=${`dialog ${className}`} aria-labelledby="dialog-title"
        onCancel=${(event) => { event.preventDefault(); onClose(); }}
        onClick=${(event) => event.target === ref.current && onClose()}>
        <div class="dialog-body">
            <header class="dialog-head"><h2 id="dialog-title">${title}</h2>
                <button type="button" class="quiet" onClick=${onClose} aria-label=${t('close')}>
                    <${Icon} name="cross" /></button></header>
            ${children}
        </div></dialog>`;
}
