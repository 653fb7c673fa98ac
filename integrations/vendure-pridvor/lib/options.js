// What the shop's owner writes into vendure-config, read strictly: a shop with a weak secret does not start.
const { SHORTEST_SECRET } = require('./token');

const OPTIONS = Symbol('pridvor.options');

/** `secret` and `hookSecret` may be lists: the first one signs, all of them are believed. */
function checked({ secret, audience, storefront, refused = storefront, hooks = '', hookSecret = '' }) {
  const secrets = [secret].flat();
  for (const one of secrets) {
    if (typeof one !== 'string' || one.length < SHORTEST_SECRET) {
      throw new Error(`vendure-pridvor: secret needs at least ${SHORTEST_SECRET} characters`);
    }
  }
  for (const [name, value] of Object.entries({ audience, storefront, refused })) {
    if (!/^https?:\/\//.test(value ?? '')) throw new Error(`vendure-pridvor: ${name} must be an address`);
  }
  if (hooks && ![hookSecret].flat()[0]?.startsWith('whsec_')) {
    throw new Error('vendure-pridvor: hooks need hookSecret, which begins with whsec_');
  }
  return { secrets, audience: audience.replace(/\/$/, ''), storefront, refused, hooks, hookSecrets: [hookSecret].flat() };
}

module.exports = { OPTIONS, checked };
