// What happens to Pridvor's customers in the shop is told to Pridvor, signed as Standard Webhooks say.
// A delivery is a job of Vendure's queue: it survives a restart, and every try carries the same id.
require('reflect-metadata');
const { createHmac, randomUUID } = require('node:crypto');
const { Inject } = require('@nestjs/common');
const core = require('@vendure/core');
const { OPTIONS } = require('./options');

const RETRIES = 12;
const PATIENCE = 10_000; // milliseconds for one answer
const QUEUE = 'pridvor-hooks';

class Hooks {
  constructor(bus, queues, connection, options) {
    Object.assign(this, { bus, queues, connection, options });
  }

  async onApplicationBootstrap() {
    if (!this.options.hookSecrets.length) return;
    this.queue = await this.queues.createQueue({ name: QUEUE, process: job => this.deliver(job.data) });
    this.bus.ofType(core.CustomerEvent).subscribe(event => this.onCustomer(event));
    this.bus.ofType(core.CustomerAddressEvent).subscribe(event => this.onAddress(event));
    this.bus.ofType(core.OrderStateTransitionEvent).subscribe(event => this.onOrder(event));
  }

  onCustomer({ type, entity }) {
    const externalRef = entity.customFields?.externalRef;
    if (externalRef) this.tell(`customer.${type}`, { externalRef, id: String(entity.id) });
  }

  /** An address belongs to the account, but its event does not say whose it is. */
  async onAddress({ ctx, entity }) {
    const where = { id: entity.id };
    const address = await this.connection.getRepository(ctx, core.Address).findOne({ where, relations: ['customer'] });
    if (address?.customer) this.onCustomer({ type: 'updated', entity: address.customer });
  }

  async onOrder({ ctx, order, toState }) {
    if (!order.customer) return;
    const customers = this.connection.getRepository(ctx, core.Customer);
    const externalRef = (await customers.findOneBy({ id: order.customer.id }))?.customFields.externalRef;
    const state = toState.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
    if (externalRef) this.tell(`order.${state}`, { externalRef, code: order.code, total: order.totalWithTax });
  }

  tell(type, data) {
    const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
    return this.queue.add({ id: `msg_${randomUUID()}`, body }, { retries: RETRIES });
  }

  async deliver({ id, body }) {
    const at = Math.floor(Date.now() / 1000);
    const signatures = this.options.hookSecrets.map(secret => sign(secret, `${id}.${at}.${body}`));
    const answer = await fetch(this.options.hooks, {
      method: 'POST',
      body,
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': signatures.join(' '),
      },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!answer.ok) throw new Error(`Pridvor answered ${answer.status}`);
    return answer.status;
  }
}
const needs = [core.EventBus, core.JobQueueService, core.TransactionalConnection];
Reflect.defineMetadata('design:paramtypes', needs, Hooks);
Inject(OPTIONS)(Hooks, undefined, needs.length);

function sign(secret, text) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

/** For DefaultJobQueuePlugin's backoffStrategy: 5 s, 10 s, … up to 6 h between two tries of a delivery. */
function backoff(queue, attempts) {
  return queue === QUEUE ? Math.min(5_000 * 2 ** (attempts - 1), 6 * 3600_000) : 1_000;
}

module.exports = { Hooks, backoff };
