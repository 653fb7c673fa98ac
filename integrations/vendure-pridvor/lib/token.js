// The token of the one-time entrance: a JWT (RFC 7519) signed with Ed25519 (RFC 8037) and nothing else, good for a
// minute. Pridvor makes it (pridvor/connectors/entrance.py); the shop needs Pridvor's public keys, and no secret.
const { createPublicKey, verify } = require('node:crypto');

const LONGEST = 120; // seconds between iat and exp: nobody may make an entrance that stays open
const LEEWAY = 5; // seconds that two clocks may differ

class Refused extends Error {}

/** What the token says, or Refused. `keyOf`: the public key (a JWK) of this id, or nothing. */
async function read(token, { keyOf, audience, now = Date.now() / 1000 }) {
  const parts = String(token).split('.');
  if (parts.length !== 3) throw new Refused('not a token');
  const [head, body, signature] = parts;
  const { alg, kid } = decoded(head);
  if (alg !== 'EdDSA') throw new Refused('another algorithm');
  const key = await keyOf(String(kid));
  if (key?.kty !== 'OKP' || key.crv !== 'Ed25519') throw new Refused('another key');
  const isTrue = verify(null, Buffer.from(`${head}.${body}`), publicKey(key), Buffer.from(signature, 'base64url'));
  if (!isTrue) throw new Refused('forged');
  return judged(decoded(body), audience, now);
}

function publicKey({ kty, crv, x }) {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
}

function judged(claims, audience, now) {
  const { iss, aud, sub, jti, iat, exp } = claims;
  if (iss !== 'pridvor' || aud !== audience) throw new Refused('for somebody else');
  if (![sub, jti].every(one => typeof one === 'string' && one) || ![iat, exp].every(Number.isFinite)) {
    throw new Refused('incomplete');
  }
  if (exp - iat > LONGEST || iat > now + LEEWAY) throw new Refused('too long');
  if (exp <= now) throw new Refused('too late');
  return claims;
}

function decoded(part) {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    throw new Refused('not a token');
  }
}

module.exports = { read, Refused };
