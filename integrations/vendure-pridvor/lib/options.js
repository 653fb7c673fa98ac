// What the shop's owner writes into vendure-config, read strictly: a mistake is said when the shop starts.
const { publicKeys } = require('./public-keys');

const OPTIONS = Symbol('pridvor.options');

/** `pridvor`, `shop`: the addresses under which browsers know the two. `storefront`: where shoppers are led to, and
 *  `refused` those whose link is no good (any more). `hookSecret`: signs what is told to Pridvor; none: nothing is told.
 *  A list of secrets signs with each, so that they can be changed. `keys`: Pridvor's, where it is not to be asked. */
function checked({ pridvor, shop, storefront, refused = storefront, hookSecret, keys }) {
  for (const [name, value] of Object.entries({ pridvor, shop, storefront, refused })) {
    if (!/^https?:\/\//.test(value ?? '')) throw new Error(`vendure-pridvor: ${name} must be an address`);
  }
  const hookSecrets = [hookSecret ?? []].flat();
  if (hookSecrets.some(secret => !/^whsec_.{24,}/.test(secret))) {
    throw new Error('vendure-pridvor: hookSecret begins with whsec_, and 18 random bytes in base64 follow, or more');
  }
  return {
    audience: new URL('/pridvor/enter', shop).href,
    hooks: new URL('/hooks/shop/', pridvor).href,
    keyOf: publicKeys(pridvor.replace(/\/$/, ''), keys),
    hookSecrets,
    storefront,
    refused,
  };
}

module.exports = { OPTIONS, checked };
