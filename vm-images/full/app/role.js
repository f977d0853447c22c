'use strict';
// What the machine was told of its role (vm-images/controller/watch.h): one statement a
// line, words parted by blanks, "…" is one word, # begins a remark.
const fs = require('fs');

const FILE = '/etc/yanwu/role.conf';

function words(line) {
    const found = line.match(/"[^"]*"|#.*|[^\s"#][^\s"]*/g) || [];
    return found.filter((word) => word[0] !== '#')
        .map((word) => (word[0] === '"' ? word.slice(1, -1) : word));
}

function tag(rest) {
    const [name, unit, table, address, scale, low, high, zh, en, offset] = rest;
    return {
        name, unit, table, zh, en,
        address: Number(address),
        scale: Number(scale),
        low: Number(low),
        high: Number(high),
        offset: Number(offset || 0),
    };
}

/** {title: {zh, en}, plc: {address, unit} or null, pace: ms, tags: []} of the text. */
function parse(text) {
    const role = { title: { zh: '', en: '' }, plc: null, pace: 1000, tags: [] };
    for (const line of text.split('\n')) {
        const [statement, ...rest] = words(line);
        if (statement === 'title') {
            role.title = { zh: rest[0], en: rest[1] };
        } else if (statement === 'plc') {
            role.plc = { address: rest[0], unit: Number(rest[1] || 1) };
        } else if (statement === 'pace') {
            role.pace = Number(rest[0]);
        } else if (statement === 'tag') {
            role.tags.push(tag(rest));
        }
    }
    return role;
}

/** The machine's own; without one, nothing to poll. */
function read(file = FILE) {
    return parse(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
}

module.exports = { parse, read };
