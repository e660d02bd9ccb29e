// What a message is: its envelope, its partition, its signature. No network here.

import { createHash, randomBytes } from 'node:crypto';
import { FlattenedSign, flattenedVerify, importJWK, importPKCS8 } from 'jose';

/** The agency's code as a word of routing keys and queue names. */
export function slugOf(agency) {
  return agency.toLowerCase().replaceAll('.', '-');
}

/** The partition of a dossier as two digits. */
export function partitionOf(dossier, partitions) {
  const digest = createHash('sha256').update(dossier, 'utf8').digest();
  const number = digest.readBigUInt64BE(0) % BigInt(partitions);
  return number.toString().padStart(2, '0');
}

/** UUID version 7: 48 bits of milliseconds, then chance. */
export function newId(now = Date.now()) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The whole message from what is particular to it. */
export function envelope({ type, version = 1, ...fields }) {
  return {
    specversion: '1.0',
    id: newId(),
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    type,
    dataschema: `urn:lienthong:schema:agency:${type}:${version}`,
    ...fields,
  };
}

/** The bytes that are signed and sent. Normalising after signing would break the signature. */
export function bodyOf(message) {
  return Buffer.from(JSON.stringify(message).normalize('NFC'), 'utf8');
}

/** Detached JWS over the bytes: header, two dots, signature. */
export async function sign(body, { kid, pem, jwk, alg = 'ES256' }) {
  const key = pem ? await importPKCS8(pem, alg) : await importJWK(jwk, alg);
  const jws = await new FlattenedSign(body).setProtectedHeader({ alg, kid }).sign(key);
  return `${jws.protected}..${jws.signature}`;
}

/** Throws unless the signature over the bytes is by the key that `kid` names among `keys`. */
export async function verify(body, jws, keys) {
  const [header, nothing, signature] = jws.split('.');
  if (nothing !== '') throw new Error('the signature is not detached');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url'));
  const entry = keys.find((key) => key.kid === kid);
  if (!entry) throw new Error(`no public key ${kid} is known`);
  const alg = entry.alg ?? 'ES256';
  const payload = body.toString('base64url');
  await flattenedVerify(
    { protected: header, payload, signature },
    await importJWK(entry, alg),
    { algorithms: [alg] },
  );
}
