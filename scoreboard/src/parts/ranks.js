/* The ranking: place, change of place, team, consequence, points. Enter or a click asks why. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.js';
import { useBoard, useDrillNow, useWords } from '../board.js';
import { WINDOW_MS, changes, scoreLines, teamsByRank } from '../derive.js';
import { duration, points, signed } from '../format.js';
import { Icon, TeamName } from './icon.js';
import { Level } from './level.js';

export const PAGE_ROWS = 8;
const PAGE_MS = 12000;

function Delta({ change }) {
    const { t } = useWords();
    const places = change?.places ?? 0;
    const kind = places > 0 ? 'up' : places < 0 ? 'down' : 'none';
    const says = t(`delta_${kind}`, { n: Math.abs(places) });
    return html`<span class=${`delta delta-${kind}`} title=${says}>
        <${Icon} name=${kind === 'none' ? 'same' : kind} label=${says} />
        ${places !== 0 && html`<span aria-hidden="true">${Math.abs(places)}</span>`}</span>`;
}

function Row({ team, change, onWhy, roomy }) {
    const { session } = useBoard();
    const { t, said, language } = useWords();
    const last = scoreLines(session.state, team.name)[0];
    const worst = team.worst_level ?? team.level;
    return html`<li class="rank-row" data-team=${team.name} data-rank=${team.rank}>
        <button type="button" class="rank-button" onClick=${() => onWhy(team.name)}
            aria-haspopup="dialog">
            <span class="rank-place"><span class="unseen">${t('rank_nth', { rank: team.rank })}
                </span><b aria-hidden="true">${team.rank}</b><${Delta} change=${change} /></span>
            <span class="rank-who"><${TeamName} team=${team} name=${team.name} />
                <${Level} level=${team.level} worst=${worst} />
                ${roomy && last && html`<span class="rank-last">
                    <span class="time">${duration(last.drill_ms)}</span>
                    <b>${signed(language, last.points)}</b><span
                        >${said(last.says) || said(last.reason)}</span>
                </span>`}</span>
            <span class="rank-points"><b data-part="points">${points(language, team.points)}</b>
                <span class=${`gained${change?.points ? '' : ' gained-none'}`}
                    title=${t('gained', { points: signed(language, change?.points ?? 0) })}
                    >${signed(language, change?.points ?? 0)}</span></span>
            <span class="unseen">${t('why')}</span>
        </button></li>`;
}

/* Rows glide to their new place (not where the reader asked for less motion). */
function useGlide(list, order) {
    const before = useRef(new Map());
    useLayoutEffect(() => {
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        const now = new Map();
        for (const row of list.current?.children ?? []) {
            const top = row.offsetTop;
            const from = before.current.get(row.dataset.team);
            now.set(row.dataset.team, top);
            if (!still && from !== undefined && from !== top) {
                row.animate([{ transform: `translateY(${from - top}px)` },
                             { transform: 'none' }], { duration: 600, easing: 'ease-in-out' });
            }
        }
        before.current = now;
    }, [order]);
}

export function Ranks({ onWhy, windowMs = WINDOW_MS }) {
    const { session } = useBoard();
    const { t } = useWords();
    const now = useDrillNow(1000);
    const [page, setPage] = useState(0);
    const list = useRef(null);
    const teams = teamsByRank(session.state);
    const pages = Math.max(1, Math.ceil(teams.length / PAGE_ROWS));
    useEffect(() => {
        const timer = setInterval(() => {
            if (!list.current?.contains(document.activeElement)) {
                setPage((old) => (old + 1) % pages);
            }
        }, PAGE_MS);
        return () => clearInterval(timer);
    }, [pages]);
    const from = Math.min(page, pages - 1) * PAGE_ROWS;
    const shown = teams.slice(from, from + PAGE_ROWS);
    useGlide(list, shown.map((team) => team.name).join(' '));
    const change = changes(teams, now, windowMs * Math.max(1, session.state?.clock?.speed ?? 1));
    const density = shown.length <= 3 ? 'roomy' : shown.length <= 5 ? 'medium' : 'dense';
    if (teams.length === 0) {
        return html`<p class="empty">${t('no_teams')}</p>`;
    }
    return html`<ol class=${`ranks ranks-${density}`} ref=${list} aria-label=${t('ranks')}>
        ${shown.map((team) => html`<${Row} key=${team.name} team=${team} onWhy=${onWhy}
            change=${change[team.name]} roomy=${density === 'roomy'} />`)}</ol>
        ${pages > 1 && html`<p class="pages">${t('page_of', { page: from / PAGE_ROWS + 1,
                                                               pages })}</p>`}`;
}
