/* Somebody at a console: a WebSocket client of its own, byte by byte. */
import { connect } from 'node:net';

import { PATIENCE_MS, clientFrame, pause, readFrame, until } from './daemon.mjs';

export class Sitter {
    /* `open` fails only when there was no upgrade; why a seat was refused is `closed`. */
    static async open(drill, machine, { token, mode = 'type', form = 'serial', team, origin,
                                        protocol = 'yanwu.console.v1', first } = {}) {
        const sitter = new Sitter();
        Object.assign(sitter, { shown: '', bytes: [], texts: [], closed: null, over: false,
            held: Buffer.alloc(0), paused: false });
        const query = new URLSearchParams({ form, ...(team ? { team } : {}) });
        sitter.socket = connect(drill.daemon.port, '127.0.0.1');
        sitter.socket.on('error', () => {});
        sitter.socket.on('close', () => { sitter.over = true; });
        sitter.socket.write(`GET ${drill.path}/machines/${machine}/console?${query} HTTP/1.1\r\n` +
            `Host: 127.0.0.1:${drill.daemon.port}\r\nUpgrade: websocket\r\n` +
            'Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
            `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n` +
            `${origin ? `Origin: ${origin}\r\n` : ''}\r\n`);
        const head = await sitter.readHead();
        sitter.status = Number(head.split(' ')[1]);
        if (sitter.status === 101) {
            sitter.send(first ?? { token, mode });
            await until('an answer', () => sitter.texts.length > 0 || sitter.closed || sitter.over);
            sitter.hello = sitter.texts[0];
        }
        return sitter;
    }

    readHead() {
        return new Promise((done) => {
            let head = Buffer.alloc(0);
            const look = (chunk) => {
                head = Buffer.concat([head, chunk]);
                const end = head.indexOf('\r\n\r\n');
                if (end >= 0) {
                    this.socket.off('data', look);
                    this.socket.on('data', (more) => this.receive(more));
                    this.receive(head.subarray(end + 4));
                    done(head.subarray(0, end).toString());
                }
            };
            this.socket.on('data', look);
            this.socket.once('close', () => done('closed 0'));
        });
    }

    receive(chunk) {
        this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
        for (let frame = readFrame(this.held); frame; frame = readFrame(this.held)) {
            this.held = this.held.subarray(frame.size);
            if (frame.opcode === 2) {
                this.bytes.push(Buffer.from(frame.payload));
                this.shown += frame.payload.toString('latin1');
            } else if (frame.opcode === 1) {
                this.texts.push(JSON.parse(frame.payload.toString()));
            } else if (frame.opcode === 8) {
                this.closed = { code: frame.payload.readUInt16BE(0),
                    why: frame.payload.subarray(2).toString() };
            }
        }
    }

    send(message) {
        this.socket.write(clientFrame(1, JSON.stringify(message)));
    }

    type(text) {
        this.socket.write(clientFrame(2, text));
    }

    async sees(text, ms = PATIENCE_MS) {
        await until(`'${text}' on the console`, () => this.shown.includes(text), ms);
        return this.shown;
    }

    /* What is shown after this line was typed, up to `wanted`. */
    async asks(line, wanted, ms = PATIENCE_MS) {
        this.shown = '';
        this.type(`${line}\r`);
        return this.sees(wanted, ms);
    }

    async seesNothing(ms = 300) {
        const before = this.shown.length;
        await pause(ms);
        return this.shown.length === before;
    }

    /* The last text of this type. */
    text(type) {
        return this.texts.filter((one) => one.type === type).at(-1);
    }

    async becomes(mode) {
        await until(`mode ${mode}`, () =>
            (this.text('state') ?? this.text('hello'))?.mode === mode);
    }

    async ends() {
        await until('the end', () => this.closed || this.over);
        return this.closed;
    }

    close() {
        this.socket.destroy();
    }
}
