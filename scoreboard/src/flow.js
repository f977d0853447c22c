/* The picture of a playbook: the server says layers and places, this gives shapes on the screen.
 * Pure. Sizes in the picture's own units, a pixel each when it is not scaled. */
export const NODE_WIDTH = 168;
export const NODE_HEIGHT = 54;
const COLUMN = 1.86;     /* of a unit of the server's, of which 100 keep two nodes apart */
const LAYER = 96;
const EDGE = 24;         /* around the picture, and between nodes and a way back */
const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/;
const OPENERS = ['if-condition', 'while-condition', 'switch-condition'];

const widthOf = (letter) => (WIDE.test(letter) ? 13 : 7.2);

/* At most `most` lines no wider than `room`; what does not fit ends in an ellipsis. Breaks at
 * blanks, and between wide letters. */
export function wrap(text, room, most) {
    const lines = [];
    let line = '';
    let width = 0;
    const words = text.match(new RegExp(`${WIDE.source}|[^\\s${WIDE.source.slice(1, -1)}]+|\\s+`, 'g')) ?? [];
    for (const word of words) {
        const size = [...word].reduce((sum, letter) => sum + widthOf(letter), 0);
        if (width + size > room && line.trim() !== '') {
            lines.push(line.trim());
            line = '';
            width = 0;
        }
        if (line !== '' || word.trim() !== '') {
            line += word;
            width += size;
        }
    }
    if (line.trim() !== '') {
        lines.push(line.trim());
    }
    if (lines.length <= most) {
        return lines;
    }
    const last = lines[most - 1];
    const cut = widthOf(last.at(-1)) + [...last].reduce((sum, l) => sum + widthOf(l), 0) > room + 13
        ? last.slice(0, -1) : last;
    return [...lines.slice(0, most - 1), `${cut}…`];
}

const across = (x) => EDGE + NODE_WIDTH / 2 + x * COLUMN;
const down = (layer) => EDGE + NODE_HEIGHT / 2 + layer * LAYER;

const bow = (from, to) => {
    const middle = (from.y + to.y) / 2;
    return `C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
};

/* Back up to the head of a loop: around all that stands at the right of the way. The ways back of
 * one loop run into each other. */
function around(from, to, nodes) {
    const out = Math.max(...nodes.filter((node) => node.layer >= to.layer &&
        node.layer <= from.layer).map((node) => node.x)) + NODE_WIDTH / 2 + EDGE;
    const foot = from.y + NODE_HEIGHT / 2;
    return { path: `M${from.x} ${foot}V${foot + 8}Q${from.x} ${foot + 14} ${from.x + 6} ${foot + 14}` +
                   `H${out - 6}Q${out} ${foot + 14} ${out} ${foot + 8}V${to.y + 6}` +
                   `Q${out} ${to.y} ${out - 6} ${to.y}H${to.x + NODE_WIDTH / 2 + 3}`,
             label: { x: out, y: (from.y + to.y) / 2 } };
}

/* From the foot of one node to the head of the other, by the bends. */
function drawn(edge, nodes) {
    const from = nodes[edge.from];
    const to = nodes[edge.to];
    if (edge.back) {
        return around(from, to, nodes);
    }
    const points = [{ x: from.x, y: from.y + NODE_HEIGHT / 2 },
        ...edge.bends.map(([layer, x]) => ({ x: across(x), y: down(layer) })),
        { x: to.x, y: to.y - NODE_HEIGHT / 2 - 3 }];
    const path = points.slice(1).reduce((text, point, place) =>
        text + bow(points[place], point), `M${points[0].x} ${points[0].y}`);
    const near = points[1];
    return { path, label: { x: points[0].x + (near.x - points[0].x) * 0.5,
                            y: points[0].y + (near.y - points[0].y) * 0.5 } };
}

/* {width, height, nodes: [{…node, x, y, shape}], edges: [{…edge, path, label}]} */
export function picture(chart) {
    const nodes = chart.nodes.map((node) => ({
        ...node, column: node.x, x: across(node.x), y: down(node.layer),
        shape: OPENERS.includes(node.type) ? 'fork'
            : node.type === 'start' || node.type === 'end' ? 'pill' : 'box' }));
    const edges = chart.edges.map((edge) => ({ ...edge, ...drawn(edge, nodes) }));
    const back = edges.some((edge) => edge.back) ? 2 * EDGE : 0;
    return { nodes, edges, width: across(chart.width) + NODE_WIDTH / 2 + EDGE + back,
             height: down(chart.layers - 1) + NODE_HEIGHT / 2 + EDGE };
}

/* The node that an arrow key leads to from node `at`; `at` itself when there is none there. */
export function neighbour(nodes, at, key) {
    const here = nodes[at];
    const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    let best = at;
    let least = Infinity;
    nodes.forEach((node, place) => {
        const fits = side ? node.layer === here.layer && (node.x - here.x) * side > 0
            : step && (node.layer - here.layer) * step > 0;
        const far = side ? Math.abs(node.x - here.x)
            : Math.abs(node.layer - here.layer) * 10000 + Math.abs(node.x - here.x);
        if (fits && far < least) {
            best = place;
            least = far;
        }
    });
    return best;
}

/* By step id: how its last execution stands, and how often it was executed. */
export function statusByStep(steps) {
    const found = {};
    for (const [key, step] of Object.entries(steps ?? {})) {
        const before = found[step.step];
        const later = !before || Number(key) > before.key;
        found[step.step] = { ...(later ? { ...step, key: Number(key) } : before),
                             times: (before?.times ?? 0) + 1 };
    }
    return found;
}
