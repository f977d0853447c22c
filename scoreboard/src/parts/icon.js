/* Glyphs: every state has one beside its word, so that colour is never alone. 24 × 24, drawn in
 * the colour of the text. */
import { html } from '../html.js';

const LINES = {
    check: 'M4 12.5l5.2 5.2L20 7',
    cross: 'M6 6l12 12M18 6L6 18',
    alarm: 'M12 4L22 20H2zM12 10v5M12 17.6v.4',
    beaker: 'M9 3h6M10 3v6L4.5 19a1.4 1.4 0 0 0 1.3 2h12.4a1.4 1.4 0 0 0 1.3-2L14 9V3M7 15h10',
    trip: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM8 12h8',
    damage: 'M13 2L6 13h6l-2 9 8-12h-6z',
    danger: 'M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8zM9 9l6 6M15 9l-6 6',
    play: 'M7 4.5v15l12-7.5z',
    pause: 'M8 5v14M16 5v14',
    stop: 'M6 6h12v12H6z',
    clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3.2 2.2',
    link: 'M4 12h16M4 8v8M20 8v8',
    unlink: 'M3 12h5M16 12h5M3 8v8M21 8v8M10 7l4 10M14 7l-4 10',
    hidden: 'M3 3l18 18M10 6.3A9.6 9.6 0 0 1 21.5 12c-.5 1.1-1.3 2.2-2.3 3.1M6 7.6' +
        'C4.4 8.7 3.1 10.2 2.5 12c1.5 3.6 5.2 6 9.5 6 1.4 0 2.8-.3 4-.8',
    up: 'M12 20V5M5.5 11.5L12 5l6.5 6.5',
    down: 'M12 4v15M5.5 12.5L12 19l6.5-6.5',
    same: 'M5 12h14',
    live: 'M5 12a7 7 0 0 1 14 0M8.5 12a3.5 3.5 0 0 1 7 0M12 12v8',
    again: 'M20 5v5h-5M4 19v-5h5M5.2 9.5A7.5 7.5 0 0 1 19.5 9M18.8 14.5' +
        'A7.5 7.5 0 0 1 4.5 15',
    attack: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
    book: 'M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM9 9h6M9 13h6',
    question: 'M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.4-1.7 2.8M12 18.6v.4',
    flag: 'M6 21V4M6 5h12l-3 4 3 4H6',
    gavel: 'M13 4l7 7M10 7l7 7M11.5 5.5l-4 4 7 7 4-4M11 13l-7.5 7.5',
    say: 'M4 10v4h3l7 4V6l-7 4zM18 9.5a4 4 0 0 1 0 5',
    report: 'M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h7',
    lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
    sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22' +
        'M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5',
    moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
    auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
    server: 'M4 4h16v6H4zM4 14h16v6H4zM8 7v.1M8 17v.1',
    screen: 'M3 4h18v12H3zM8 20h8M12 16v4',
    prompt: 'M3 4h18v16H3zM7 9l3 3-3 3M12.5 15.5h4.5',
    chip: 'M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
    person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 21a7.5 7.5 0 0 1 15 0',
    dots: 'M5 12v.1M12 12v.1M19 12v.1',
    ring: 'M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z',
    graph: 'M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4',
    differs: 'M5 9h14M5 15h14M16 5L8 19',
};

/* The same glyph within a picture of its own, `size` wide. */
export function Glyph({ name, size }) {
    return html`<path class="glyph" d=${LINES[name] ?? LINES.ring}
        transform=${`scale(${size / 24})`} />`;
}

/* How a step of a playbook stands. */
export const STEP_GLYPHS = {
    none: 'ring', ongoing: 'play', await_user_input: 'person', successfully_executed: 'check',
    failed: 'cross', timeout_error: 'clock', server_side_error: 'cross', client_side_error: 'cross',
    exception_condition_error: 'cross', cancelled: 'stop', skipped: 'same',
};

export function Icon({ name, label }) {
    return html`<svg class="icon" viewBox="0 0 24 24" role=${label ? 'img' : undefined}
        aria-label=${label} aria-hidden=${label ? undefined : 'true'} focusable="false"
        ><path d=${LINES[name] ?? LINES.ring} /></svg>`;
}

/* A team's mark: a shape and a colour by its index, the same in every view. */
const SHAPES = [
    'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19z',
    'M3.5 3.5h17v17h-17z',
    'M12 2.5L22.5 21h-21z',
    'M12 1.5L22.5 12 12 22.5 1.5 12z',
    'M12 1.5l3.1 7.1 7.7.7-5.8 5.1 1.7 7.6-6.7-4-6.7 4L7 14.4 1.2 9.3l7.7-.7z',
    'M1.5 3h21L12 21.5z',
    'M6.5 2.5h11L23 12l-5.5 9.5h-11L1 12z',
    'M9 2h6v7h7v6h-7v7H9v-7H2V9h7z',
];
export const SHAPE_COUNT = SHAPES.length;
export const shapePath = (index) => SHAPES[index % SHAPES.length];

export function TeamMark({ index }) {
    return html`<svg class=${`team-mark team-${index % SHAPES.length}`} viewBox="0 0 24 24"
        aria-hidden="true" focusable="false"><path d=${shapePath(index)} /></svg>`;
}

export function TeamName({ team, name }) {
    return html`<span class="team-name"><${TeamMark} index=${team?.index ?? 0} />
        <bdi title=${name}>${name}</bdi></span>`;
}
