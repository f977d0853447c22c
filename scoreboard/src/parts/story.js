/* The story line of one team: what happened along the drill's length, the step under way, now. */
import { html } from '../html.js';
import { useBoard, useDrillNow, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration } from '../format.js';

const WIDTH = 1000;

function marksOf(state, team) {
    const attacks = sorted(state.attacks?.[team], (attack) => attack.order)
        .filter((attack) => attack.state === 'done')
        .map((attack) => ({ at: attack.effect_ms, kind: 'attack', says: attack.key }));
    const objectives = sorted(state.objectives?.[team], (objective) => objective.order)
        .filter((objective) => objective.state === 'met')
        .map((objective) => ({ at: objective.met_ms, kind: 'met', says: objective.says }));
    const questions = Object.values(state.questions ?? {})
        .filter((question) => question.team === team)
        .map((question) => ({ at: question.opened_ms, kind: 'asked', says: question.name }));
    return [...attacks, ...objectives, ...questions].filter((mark) => Number.isFinite(mark.at));
}

const SHAPES = {
    attack: (x) => `M${x} 8l8 9-8 9-8-9z`, met: (x) => `M${x - 7} 17l5 6 10-12`,
    asked: (x) => `M${x} 10a7 7 0 1 0 .1 0z`,
};

/* An objective is better known by what it says. */
const subjectOf = (state, team, story, said) =>
    said(state.objectives?.[team]?.[story.subject]?.says) || story.subject || '';

export function StoryLine({ team }) {
    const { session } = useBoard();
    const { t, said, nameOf } = useWords();
    const now = useDrillNow(1000);
    const { state } = session;
    const story = state.story?.[team];
    const length = Math.max(state.drill.length_ms, now, 1);
    const x = (ms) => WIDTH * Math.min(1, Math.max(0, ms / length));
    const until = story ? story.since_ms + (story.span_ms ?? 0) : 0;
    const step = !story || story.index === 0 ? t('story_none')
        : story.finished ? t('story_finished')
            : story.faulted ? t('story_faulted')
                : `${nameOf('verb', story.verb)} ${subjectOf(state, team, story, said)}`;
    return html`<div class="story" data-story=${team}>
        <p class="story-step">
            ${story?.index > 0 && html`<span class="label">
                ${t('story_step', { index: story.index })}</span>`}
            <b>${step}</b>
            ${story?.waiting && story.span_ms > 0 && html`<span class="label">
                ${t('story_until', { time: duration(until) })}</span>`}</p>
        <svg class="story-line" viewBox=${`-10 0 ${WIDTH + 20} 34`} preserveAspectRatio="none"
            aria-hidden="true" focusable="false">
            <rect class="story-back" x="0" y="14" width=${WIDTH} height="6" rx="3" />
            <rect class="story-done" x="0" y="14" width=${x(now)} height="6" rx="3" />
            ${story?.waiting && html`<rect class="story-span" x=${x(story.since_ms)} y="10"
                width=${Math.max(2, x(until) - x(story.since_ms))} height="14" rx="3" />`}
            ${marksOf(state, team).map((mark) => html`<path key=${`${mark.kind}${mark.at}`}
                class=${`story-mark story-${mark.kind}`} d=${SHAPES[mark.kind](x(mark.at))}>
                <title>${duration(mark.at)} ${said(mark.says)}</title></path>`)}
            <path class="story-now" d=${`M${x(now)} 3v28`} />
        </svg></div>`;
}
