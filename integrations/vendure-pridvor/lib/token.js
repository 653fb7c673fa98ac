// The token of the one-time entrance: a JWT (RFC 7519) signed with HS256 and nothing else, good for one minute.
// Pridvor makes it (pridvor/connectors/products/vendure.py); the shop takes it once.
const { createHmac, timingSafeEqual } = require('node:crypto');

const LONGEST = 120; // seconds between iat and exp: nobody may make an entrance that stays open
const LEEWAY = 5; // seconds that two clocks may differ
const SHORTEST_SECRET = 32; // characters; RFC 7518 asks for as many bits as the hash has

class Refused extends Error {}

/** What the token says, or Refused. `secrets`: the present one and those before it, so that they can be changed. */
function read(token, { secrets, audience, now = Date.now() / 1000 }) {
  const parts = String(token).split('.');
  if (parts.length !== 3) throw new Refused('not a token');
  const [head, body, signature] = parts;
  if (decoded(head).alg !== 'HS256') throw new Refused('another algorithm');
  if (!secrets.some(secret => isSignedWith(secret, `${head}.${body}`, signature))) throw new Refused('forged');
  return judged(decoded(body), audience, now);
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

function isSignedWith(secret, text, signature) {
  const ours = createHmac('sha256', secret).update(text).digest();
  const theirs = Buffer.from(signature, 'base64url');
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

function decoded(part) {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    throw new Refused('not a token');
  }
}

module.exports = { read, Refused, SHORTEST_SECRET };
