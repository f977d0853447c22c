'use strict';
// Reads all tags of a role once a round over Modbus TCP, and never gives up: whatever goes
// wrong, the connection is closed and made anew.
const ModbusRTU = require('modbus-serial');
const { read } = require('./role.js');

const AGAIN_MS = 1000;
const DEADLINE_MS = 1500;
const READS = {
    input: 'readInputRegisters',
    holding: 'readHoldingRegisters',
    coil: 'readCoils',
    discrete: 'readDiscreteInputs',
};

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function round(client, tags) {
    const values = {};
    for (const tag of tags) {
        const answer = await client[READS[tag.table]](tag.address, 1);
        values[tag.name] = (Number(answer.data[0]) - tag.offset) * tag.scale;
    }
    return values;
}

async function connected(role, onRound, goes) {
    const client = new ModbusRTU();
    client.on('error', () => {});
    client.setTimeout(DEADLINE_MS);
    try {
        await client.connectTCP(role.plc.address, { port: 502, timeout: DEADLINE_MS });
        client.setID(role.plc.unit);
        while (goes()) {
            await onRound(await round(client, role.tags));
            await pause(role.pace);
        }
    } finally {
        client.close(() => {});
    }
}

async function poll(role, actor, goes) {
    while (role.plc && goes()) {
        try {
            await connected(role, (values) => actor.onRound(values), goes);
        } catch (error) {
            actor.onBreak(error);
        }
        await pause(AGAIN_MS);
    }
}

/**
 * The role that the machine has now, and each later one, for which it is sent SIGHUP:
 * actor.onRole(role), then for as long as it has that role onRound({tag: value}) and
 * onBreak(error). onRole and onRound may be asynchronous.
 */
function serve(actor) {
    let turn = 0;
    const begin = async () => {
        const mine = ++turn;
        const role = read();
        await actor.onRole(role);
        console.log(role.plc ? `reading ${role.plc.address}` : 'no controller to read');
        poll(role, actor, () => mine === turn);
    };
    process.on('SIGHUP', begin);
    setInterval(() => {}, 1 << 30);
    return begin();
}

module.exports = { serve };
