// API keys are 256 random bits: there is nothing to guess, so one hash is as good as bcrypt's four thousand, which
// would cost every call of Pridvor's half a second. For authOptions.adminApiKeyStrategy; keys made before it end.
const { createHash, timingSafeEqual } = require('node:crypto');
const { RandomBytesApiKeyStrategy } = require('@vendure/core');

const digest = text => createHash('sha256').update(text).digest();

const hashingStrategy = {
  hash: async text => digest(text).toString('hex'),
  check: async (text, known) => timingSafeEqual(digest(text), Buffer.from(known, 'hex')),
};

module.exports = { quickApiKeys: () => new RandomBytesApiKeyStrategy({ hashingStrategy }) };
