/* The network between browser and server, which a test can pull: an HTTP and WebSocket relay on
 * its own port. The server is asked under its own name, as if the relay were not there. */
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';

export class Cable {
    constructor(url) {
        this.target = new URL(url);
        this.sockets = new Set();
        this.seen = []; /* {method, url} of everything that came through */
        this.server = createServer((request, response) => this.http(request, response));
        this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    }

    async listen() {
        await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
        return `http://127.0.0.1:${this.server.address().port}`;
    }

    async close() {
        this.pull();
        this.server.closeAllConnections();
        await new Promise((done) => this.server.close(done));
    }

    /* Cuts every stream and lets none through until plugged in again. */
    pull() {
        this.down = true;
        for (const socket of this.sockets) {
            socket.destroy();
        }
        this.sockets.clear();
    }

    plug() {
        this.down = false;
    }

    /* Streams stay up but nothing comes through. */
    hold() {
        for (const socket of this.sockets) {
            socket.pause();
        }
    }

    headersOf(request) {
        const headers = { ...request.headers, host: this.target.host };
        if (headers.origin) {
            headers.origin = this.target.origin;
        }
        return headers;
    }

    http(request, response) {
        this.seen.push({ method: request.method, url: request.url });
        /* No agent: a kept connection that the server closes meanwhile would fail a request. */
        const onward = httpRequest({ host: this.target.hostname, port: this.target.port, agent: false,
            method: request.method, path: request.url, headers: this.headersOf(request) },
        (answer) => {
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
        });
        onward.on('error', () => response.destroy());
        request.pipe(onward);
    }

    upgrade(request, socket, head) {
        this.seen.push({ method: 'UPGRADE', url: request.url });
        socket.on('error', () => {});
        if (this.down) {
            socket.destroy();
            return;
        }
        const onward = connect(Number(this.target.port), this.target.hostname, () => {
            const lines = Object.entries(this.headersOf(request))
                .map(([name, value]) => `${name}: ${value}`);
            onward.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
            onward.write(head);
            onward.pipe(socket);
            socket.pipe(onward);
        });
        onward.on('error', () => socket.destroy());
        onward.on('close', () => socket.destroy());
        socket.on('close', () => onward.destroy());
        this.sockets.add(onward).add(socket);
    }
}
