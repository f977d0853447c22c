/* Where we are: the part of the address after '#'.
 *   #/                      the list        #/drills/ID           the wall
 *   #/drills/ID/control     control         #/drills/ID/team      a team's place
 *   #/drills/ID/office      an office above the enterprises
 * A token arrives once as #token=… or at the end of a route as …?token=…, and is taken out of
 * the address at once. */
export const VIEWS = ['wall', 'control', 'team', 'office'];

export function parseRoute(fragment) {
    const path = fragment.replace(/^#/, '').split(/[?&]/)[0];
    const match = /^\/drills\/([A-Za-z0-9._-]{1,64})(?:\/(control|team|office))?\/?$/.exec(path);
    return match ? { view: match[2] ?? 'wall', drill: match[1] } : { view: 'list', drill: null };
}

export function hrefOf(view, drill) {
    return view === 'list' ? '#/' : `#/drills/${drill}${view === 'wall' ? '' : `/${view}`}`;
}

/* {token, rest}: the token in a fragment, and the fragment without it. */
export function splitToken(fragment) {
    const match = /(^#?|[?&])token=([^&]*)/.exec(fragment);
    if (!match) {
        return { token: null, rest: fragment };
    }
    const rest = fragment.slice(0, match.index) +
        fragment.slice(match.index + match[0].length);
    let token = match[2];
    try {
        token = decodeURIComponent(token);
    } catch {
        /* not encoded, then: as it stands */
    }
    return { token: token || null, rest: rest === '' || rest === '#' ? '#/' : rest };
}
