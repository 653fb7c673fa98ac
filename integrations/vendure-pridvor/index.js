// A Vendure plugin: customers whom Pridvor has onboarded come in already signed in, and at their own prices.
require('reflect-metadata');
const core = require('@vendure/core');
const { EntranceController, EntranceStrategy, PridvorEntrance } = require('./lib/entrance');
const { Hooks, backoff } = require('./lib/hooks');
const { quickApiKeys } = require('./lib/keys');
const { OPTIONS, checked } = require('./lib/options');

const en = value => [{ languageCode: core.LanguageCode.en, value }];
const ref = { name: 'externalRef', type: 'string', unique: true, nullable: true, public: false };

let connection; // given by Vendure when the checker is set up

/** Pay on account: for customers to whom payment days were granted, and nobody else. */
const onAccount = new core.PaymentMethodEligibilityChecker({
  code: 'pridvor-on-account',
  description: en('The customer may pay on account (Pridvor granted payment days)'),
  args: {},
  init(injector) {
    connection = injector.get(core.TransactionalConnection);
  },
  async check(ctx, order) {
    if (!order.customer) return false;
    const customers = connection.getRepository(ctx, core.Customer);
    const customer = await customers.findOneBy({ id: order.customer.id });
    return (customer?.customFields.paymentDays ?? 0) > 0;
  },
});

/** The fields in which the shop keeps what Pridvor says. A unique `externalRef` is what makes one account of six tries.
 *  None is public: what the Shop API shows of a customer, the customer may also write. */
const FIELDS = {
  Customer: [
    { ...ref, label: en('Reference in Pridvor') },
    { name: 'paymentDays', type: 'int', nullable: true, public: false, label: en('Payment days') },
  ],
  Address: [{ ...ref, label: en('Reference in Pridvor') }],
  CustomerGroup: [{ name: 'isPriceList', type: 'boolean', defaultValue: false, public: false, label: en('Is a price list') }],
};

class PridvorPlugin {
  static init(options) {
    PridvorPlugin.options = checked(options);
    return PridvorPlugin;
  }
}
core.VendurePlugin({
  imports: [core.PluginCommonModule],
  compatibility: '^3.6.0',
  controllers: [EntranceController],
  entities: [PridvorEntrance],
  providers: [Hooks, { provide: OPTIONS, useFactory: () => PridvorPlugin.options }],
  configuration: config => {
    const strategies = config.authOptions.shopAuthenticationStrategy;
    config.authOptions.shopAuthenticationStrategy = [...strategies, new EntranceStrategy(PridvorPlugin.options)];
    const checkers = config.paymentOptions.paymentMethodEligibilityCheckers ?? [];
    config.paymentOptions.paymentMethodEligibilityCheckers = [...checkers, onAccount];
    for (const [entity, fields] of Object.entries(FIELDS)) {
      config.customFields[entity] = [...(config.customFields[entity] ?? []), ...fields];
    }
    return config;
  },
})(PridvorPlugin);

module.exports = { PridvorPlugin, pridvorBackoff: backoff, quickApiKeys };
