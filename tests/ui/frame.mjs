/* Just enough of RFC 6455 for a test server: the handshake, text frames out, masked frames in. */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MESSAGE_MAX = 64 * 1024;

export function acceptUpgrade(request, socket, protocol) {
    const key = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID)
        .digest('base64');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`);
}

function frame(opcode, payload) {
    const size = payload.length;
    let head;
    if (size < 126) {
        head = Buffer.from([0x80 | opcode, size]);
    } else if (size < 65536) {
        head = Buffer.from([0x80 | opcode, 126, size >> 8, size & 255]);
    } else {
        head = Buffer.alloc(10);
        head[0] = 0x80 | opcode;
        head[1] = 127;
        head.writeBigUInt64BE(BigInt(size), 2);
    }
    return Buffer.concat([head, payload]);
}

export const textFrame = (text) => frame(1, Buffer.from(text));

export function closeFrame(code) {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return frame(8, payload);
}

/* Calls onText for each text message, onClose at the peer's close frame. */
export function readFrames(socket, onText, onClose) {
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        while (held.length >= 6) {
            const opcode = held[0] & 15;
            let size = held[1] & 127;
            let at = 2;
            if (size === 126) {
                size = held.readUInt16BE(2);
                at = 4;
            }
            if ((held[1] & 128) === 0 || size === 127 || size > MESSAGE_MAX) {
                socket.destroy();
                return;
            }
            if (held.length < at + 4 + size) {
                return;
            }
            const mask = held.subarray(at, at + 4);
            const payload = Buffer.from(held.subarray(at + 4, at + 4 + size))
                .map((byte, index) => byte ^ mask[index & 3]);
            held = held.subarray(at + 4 + size);
            if (opcode === 1) {
                onText(payload.toString('utf8'));
            } else if (opcode === 8) {
                onClose();
            }
        }
    });
}
