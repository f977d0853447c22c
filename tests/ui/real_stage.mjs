/* The stage of harness.mjs with the real daemon on it, on the hypervisor in memory. */
import { Daemon } from '../api/daemon.mjs';
import { Cable } from './cable.mjs';
import { Stage } from './harness.mjs';

export class RealStage extends Stage {
    static async open() {
        const stage = new RealStage();
        stage.daemon = await Daemon.start();
        stage.serverUrl = stage.daemon.url;
        stage.controlToken = stage.daemon.control;
        stage.cable = new Cable(stage.serverUrl);
        stage.url = await stage.cable.listen();
        return stage;
    }

    /* A new drill; the pages of `team` are that team's. */
    async create({ team = 'blue-slow', ...options } = {}) {
        this.now = await this.daemon.create(options);
        this.drill = this.now.id;
        this.teamToken = this.now.tokens[team];
        return this.now;
    }

    /* The exit status of the daemon. */
    async close() {
        await this.cable.close();
        return this.daemon.close();
    }
}
