// An agency's client in another language: sends one message and waits for its receipt.
//
// Written from docs/integrating.md and the exported AsyncAPI document and JSON Schemas alone.
//
//   node submit.mjs < request.json                 prints {"receipt": …, "jws": …}
//   node submit.mjs --sign-only < request.json     prints {"body": base64, "jws": …}
//   node submit.mjs --verify-only < request.json   prints {"verified": true}
//
// request.json:
//   url         AMQP address with account and password
//   account     broker account; absent: the slug of message.source
//   partitions  how many partitions the hub has
//   key         {kid, pem or jwk, alg}: the agency's private key
//   hubKeys     [public JWK with kid and alg]: the hub's keys from the directory
//   message     what is particular to the message: type, source, subject, sequence, data, …
//   schemas     folder that `bus schema export` wrote; absent: receipts are not validated
//   seconds     how long to wait for the receipt; absent: 30
//   body, jws   (--sign-only, --verify-only) base64 of the bytes, and the signature
//
// Exit codes: 0 a receipt came, 1 the broker refused or no receipt came in time, 2 wrong request.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'amqplib';
import Ajv2020 from 'ajv/dist/2020.js';
import { bodyOf, envelope, partitionOf, sign, slugOf, verify } from './message.mjs';

const EXCHANGE = 'agency.out';

async function main(mode) {
  const request = JSON.parse(await readStdin());
  const body = request.body
    ? Buffer.from(request.body, 'base64')
    : bodyOf(envelope(request.message));
  if (mode === '--verify-only') {
    await verify(body, request.jws, request.hubKeys);
    return { verified: true };
  }
  const jws = await sign(body, request.key);
  if (mode === '--sign-only') return { body: body.toString('base64'), jws };
  return submit(request, body, jws);
}

async function submit(request, body, jws) {
  const connection = await connect(request.url);
  try {
    const channel = await connection.createConfirmChannel();
    const message = JSON.parse(body);
    const [answer] = await Promise.all([
      receiptOf(message, channel, request),
      publish(channel, request, message, body, jws),
    ]);
    await channel.close(); // in order behind the acknowledgement, which a bare disconnect may drop
    return answer;
  } finally {
    // What was read and not acknowledged goes back to the queue.
    await connection.close();
  }
}

/** Resolves when the broker has the message on disk in a queue. */
function publish(channel, request, message, body, jws) {
  const slug = slugOf(message.source);
  const key = `${slug}.p${partitionOf(message.subject, request.partitions)}`;
  const properties = {
    contentType: 'application/cloudevents+json',
    contentEncoding: 'utf-8',
    messageId: message.id,
    type: message.type,
    timestamp: Math.floor(Date.now() / 1000),
    userId: request.account ?? slug,
    appId: 'node-client',
    deliveryMode: 2,
    priority: 4,
    mandatory: true,
    headers: { jws },
  };
  return new Promise((resolve, reject) => {
    channel.on('return', () => reject(new Error(`no queue takes the routing key ${key}`)));
    channel.on('error', reject);
    channel.publish(EXCHANGE, key, body, properties, (refused) =>
      refused ? reject(new Error('the broker refused the message')) : resolve(),
    );
  });
}

/** Resolves with the hub's verified answer to the message. Others are left for others. */
function receiptOf(message, channel, request) {
  const slug = slugOf(message.source);
  return new Promise((resolve, reject) => {
    const seconds = request.seconds ?? 30;
    const late = setTimeout(() => reject(new Error(`no receipt in ${seconds} s`)), seconds * 1000);
    late.unref();
    const take = async (delivery) => {
      if (delivery === null) throw new Error('the broker closed the queue');
      const jws = delivery.properties.headers.jws;
      // Verify first, parse after.
      await verify(delivery.content, jws, request.hubKeys);
      const answer = JSON.parse(delivery.content);
      if (answer.data.message !== message.id) return;
      if (request.schemas) await validate(answer, request.schemas);
      channel.ack(delivery);
      clearTimeout(late);
      resolve({ receipt: answer, jws });
    };
    const stop = (error) => {
      clearTimeout(late);
      reject(error);
    };
    channel.consume(`agency.${slug}`, (delivery) => take(delivery).catch(stop)).catch(stop);
  });
}

async function validate(answer, folder) {
  const [side, type, version] = answer.dataschema.split(':').slice(3);
  const schema = JSON.parse(await readFile(join(folder, side, `${type}.${version}.json`), 'utf8'));
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  if (!check(answer)) {
    const [{ instancePath, message }] = check.errors;
    throw new Error(`the receipt does not fit its schema: ${instancePath} ${message}`);
  }
}

async function readStdin() {
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

try {
  console.log(JSON.stringify(await main(process.argv[2])));
} catch (error) {
  console.error(error.message);
  process.exitCode = error instanceof SyntaxError || error instanceof TypeError ? 2 : 1;
}
