// A Vendure shop on loopback for tests, with our plugin as a shop's owner would install it (its README).
// Everything that differs between runs comes through the environment; tests/peers/vendure.py sets it.
require('reflect-metadata');
const core = require('@vendure/core');
const { PridvorPlugin, pridvorBackoff, quickApiKeys } = require(process.env.SHOP_PLUGIN);
const { storefront } = require('./storefront');

const { SHOP_PORT, SHOP_DATABASE, SHOP_PASSWORD, SHOP_COOKIES, SHOP_PRIDVOR, SHOP_KEYS, SHOP_HOOK_SECRET } = process.env;
const base = `http://127.0.0.1:${SHOP_PORT}`;
const database = JSON.parse(SHOP_DATABASE);

const config = {
  apiOptions: {
    port: Number(SHOP_PORT),
    hostname: '127.0.0.1',
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
    middleware: [{ route: 'shop', handler: storefront(base) }],
  },
  authOptions: {
    tokenMethod: ['bearer', 'cookie', 'api-key'],
    adminApiKeyStrategy: quickApiKeys(),
    superadminCredentials: { identifier: 'superadmin', password: SHOP_PASSWORD },
    cookieOptions: { secret: SHOP_COOKIES, sameSite: 'lax', httpOnly: true },
  },
  dbConnectionOptions: { type: 'postgres', ...database, synchronize: Boolean(process.env.SHOP_BUILD), logging: false },
  paymentOptions: { paymentMethodHandlers: [core.dummyPaymentHandler] },
  logger: new core.DefaultLogger({ level: core.LogLevel.Warn }),
  plugins: [
    core.DefaultJobQueuePlugin.init({ backoffStrategy: (...job) => Math.min(pridvorBackoff(...job), 500) }),
    PridvorPlugin.init({
      pridvor: SHOP_PRIDVOR,
      shop: base,
      storefront: `${base}/shop/`,
      refused: `${base}/shop/?refused`,
      keys: JSON.parse(SHOP_KEYS).keys,
      hookSecret: SHOP_HOOK_SECRET,
    }),
  ],
};

core.bootstrap(config)
  .then(app => app.get(core.JobQueueService).start())
  .catch(error => {
    console.error(error);
    process.exit(1);
  });
