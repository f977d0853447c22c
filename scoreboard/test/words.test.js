import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nameOf, said, translate, words } from '../src/words.js';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const files = ['', 'views/', 'parts/'].flatMap((folder) => readdirSync(SRC + folder)
    .filter((name) => name.endsWith('.js') && name !== 'words.js')
    .map((name) => ({ name: folder + name, text: readFileSync(SRC + folder + name, 'utf8') })));
const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('every word is there in both languages, with the same numbers in it', () => {
    for (const [key, entry] of Object.entries(words)) {
        assert.equal(entry.length, 2, key);
        assert.ok(entry.every((text) => typeof text === 'string' && text.trim() !== ''), key);
        assert.deepEqual(placeholders(entry[0]), placeholders(entry[1]), key);
    }
});

test('Chinese is Chinese and English is not', () => {
    const swapped = ['language_other', 'language_switch'];
    for (const [key, [zh, en]] of Object.entries(words)) {
        if (!swapped.includes(key)) {
            assert.match(zh, /\p{Script=Han}/u, key);
            assert.doesNotMatch(en, /\p{Script=Han}/u, key);
        }
    }
});

test('every word asked for exists, and every word there is asked for', () => {
    const asked = new Set();
    const prefixes = new Set();
    for (const { text } of files) {
        for (const [, key] of text.matchAll(/'([a-z]+(?:_[a-z0-9_]+)+|[a-z]+)'/g)) {
            asked.add(key);
        }
        for (const [, prefix] of text.matchAll(/`([a-z_]+_)\$\{/g)) {
            prefixes.add(prefix);
        }
        for (const [, prefix] of text.matchAll(/nameOf\('([a-z]+)'/g)) {
            prefixes.add(`${prefix}_`);
        }
        for (const [, key] of text.matchAll(/\bt\(\s*'(\w+)'/g)) {
            assert.ok(key in words, `no word for ${key}`);
        }
    }
    for (const key of Object.keys(words)) {
        assert.ok(asked.has(key) || [...prefixes].some((prefix) => key.startsWith(prefix)),
                  `nobody asks for ${key}`);
    }
});

test('every name that the program gives has its word', () => {
    const given = { weak: ['host.c', /\[YW_HOST_WEAK_\w+\] =\s*\{"([a-z-]+)"/g],
                    image: ['spec_check.c', /^ {4}\{"([a-z-]+)", (?:NULL|"[a-z.]+")\},$/gm] };
    for (const [prefix, [file, row]] of Object.entries(given)) {
        const source = readFileSync(`${SRC}../../orchestrator/model/${file}`, 'utf8');
        const names = [...source.matchAll(row)].map(([, name]) => `${prefix}_${name}`).sort();
        assert.ok(names.length > 0, file);
        assert.deepEqual(Object.keys(words).filter((key) => key.startsWith(`${prefix}_`)).sort(), names);
    }
});

/* The static text of every html`…` in a source, with markup taken out. */
function templates(source) {
    const found = [];
    function literal(at) {
        let text = '';
        for (; source[at] !== '`'; at++) {
            if (source[at] === '$' && source[at + 1] === '{') {
                at = code(at + 2);
                text += '\u0000';
            } else {
                text += source[at];
            }
        }
        return [at, text];
    }
    function code(at) {
        for (let depth = 1; at < source.length; at++) {
            if (source[at] === '`') {
                const isHtml = source.slice(at - 4, at) === 'html';
                const [end, text] = literal(at + 1);
                at = end;
                if (isHtml) {
                    found.push(text);
                }
            } else if (source[at] === '\'') {
                at = source.indexOf('\'', at + 1);
            } else if (source.startsWith('/*', at)) {
                at = source.indexOf('*/', at) + 1;
            } else if (source[at] === '{') {
                depth += 1;
            } else if (source[at] === '}') {
                depth -= 1;
                if (depth === 0) {
                    return at;
                }
            }
        }
        return at;
    }
    code(0);
    return found;
}

test('views hold no text of their own', () => {
    let seen = 0;
    for (const { name, text } of files) {
        assert.doesNotMatch(text, /\p{Script=Han}/u, name);
        for (const template of templates(text)) {
            seen += 1;
            const bare = template.replace(/<[^>]*>/g, ' ');
            assert.doesNotMatch(bare, /\p{L}/u, `${name}: ${bare.trim()}`);
            assert.doesNotMatch(template, /(aria-label|title|placeholder|alt)="[^"]*\p{L}/u, name);
        }
    }
    assert.ok(seen > 60, `only ${seen} templates seen`);
});

test('words take their values; unknown ones are our own mistake', () => {
    assert.equal(translate('zh', 'rank_nth', { rank: 2 }), '第 2 名');
    assert.equal(translate('en', 'rank_nth', { rank: 2 }), 'Rank 2');
    assert.throws(() => translate('en', 'no_such_word'), /no word/);
});

test('what a scenario says falls back to the language it has', () => {
    assert.equal(said('en', { zh: '水', en: 'water' }), 'water');
    assert.equal(said('en', { zh: '水' }), '水');
    assert.equal(said('zh', 'plain'), 'plain');
    assert.equal(said('zh', null), '');
    assert.equal(nameOf('en', 'field', '__tampered__'), 'Was it tampered with');
    assert.equal(nameOf('en', 'field', 'pressure'), 'pressure');
});
