/* What is asked of a team, or of an office, now and before; `of`: whose questions these are. */
import { html, useEffect, useRef, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { questionsOf } from '../derive.js';
import { ConfirmForm, QuestionCard, QuestionForm } from './question.js';

/* A new question takes the focus unless somebody is typing elsewhere; an answered one hands it
 * to the next, or to the heading when there is none. */
export function Questions({ of }) {
    const { session } = useBoard();
    const { t } = useWords();
    const box = useRef(null);
    const [sent, setSent] = useState([]);
    const mine = questionsOf(session.state, of);
    const open = mine.filter((one) => one.state === 'open' && one.role !== 'excon' &&
        (one.sent_back || !sent.includes(one.key)));
    const confirming = mine.filter((one) => one.state === 'confirming');
    const done = mine.filter((one) => !['open', 'confirming'].includes(one.state)).reverse();
    const first = open[0]?.key;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '') &&
        !box.current?.contains(document.activeElement);
    useEffect(() => {
        if (sent.length > 0 && !first) {
            box.current?.focus();
        }
    }, [first, sent.length]);
    return html`<div class="questions" ref=${box} tabindex="-1" aria-label=${t('questions_mine')}
        role="group">
        ${open.length === 0 && html`<p class="empty" role="status">${t('questions_none')}</p>`}
        <ul>${open.map((question) => html`<${QuestionForm} key=${question.key}
            question=${question} focus=${question.key === first && !typing}
            onSent=${(one) => setSent((old) => [...old, one.key])} />`)}
            ${confirming.map((question) => html`<${ConfirmForm} key=${question.key}
                question=${question} />`)}</ul>
        ${done.length > 0 && html`<h3 class="subhead">${t('questions_done')}</h3>
            <ul class="question-cards">${done.map((question) => html`<${QuestionCard}
                key=${question.key} question=${question} />`)}</ul>`}
    </div>`;
}
