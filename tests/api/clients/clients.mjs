// Two Modbus stacks for Node against the controller on this host. Prints "agreed".
import assert from "node:assert/strict";
import net from "node:net";
import jsmodbus from "jsmodbus";
import serial from "modbus-serial";

const HOST = "127.0.0.1";

async function modbusSerial() {
  const client = new serial();
  await client.connectTCP(HOST, { port: 502 });
  client.setID(1);
  client.setTimeout(90000);
  assert.deepEqual((await client.readHoldingRegisters(40, 2)).data, [100, 1500]);
  assert.deepEqual((await client.readInputRegisters(0, 125)).data.length, 125);
  await client.writeRegisters(200, [1, 2, 65535]);
  assert.deepEqual((await client.readHoldingRegisters(200, 3)).data, [1, 2, 65535]);
  await client.writeRegister(201, 7);
  await client.maskWriteRegister(201, 0xfff2, 0x0008);
  assert.deepEqual((await client.readHoldingRegisters(201, 1)).data, [(7 & 0xfff2) | 8]);
  await client.writeCoils(100, [true, false, true]);
  assert.deepEqual((await client.readCoils(100, 3)).data.slice(0, 3), [true, false, true]);
  await client.writeCoil(100, false);
  assert.equal((await client.readCoils(100, 1)).data[0], false);
  assert.equal((await client.readDiscreteInputs(0, 2000 > 256 ? 256 : 2000)).data.length, 256);
  const identity = await client.readDeviceIdentification(1, 0);
  assert.ok(identity.data[0].length > 3 && identity.data[2].startsWith("V"), identity);
  await assert.rejects(client.readHoldingRegisters(300, 1), (e) => e.modbusCode === 2);
  await assert.rejects(client.writeRegister(93, 1), (e) => e.modbusCode === 2);
  await assert.rejects(client.writeRegister(90, 9), (e) => e.modbusCode === 3);
  client.setID(9);
  await assert.rejects(client.readHoldingRegisters(0, 1), (e) => e.modbusCode === 11);
  await new Promise((done) => client.close(done));
}

async function jsModbus() {
  const socket = net.connect({ host: HOST, port: 502 });
  const client = new jsmodbus.client.TCP(socket, 1, 5000);
  await new Promise((done) => socket.once("connect", done));
  // all under way at once
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => client.readHoldingRegisters(i, 10)));
  assert.equal(answers[40].response.body.valuesAsArray[0], 100);
  await client.writeMultipleRegisters(210, [5, 6]);
  assert.deepEqual(
    (await client.readHoldingRegisters(210, 2)).response.body.valuesAsArray, [5, 6]);
  await client.writeSingleCoil(110, true);
  assert.equal((await client.readCoils(110, 1)).response.body.valuesAsArray[0], 1);
  await assert.rejects(client.readInputRegisters(250, 10),
                       (e) => e.response.body.code === 2);
  socket.end();
}

await modbusSerial();
await jsModbus();
console.log("agreed");
