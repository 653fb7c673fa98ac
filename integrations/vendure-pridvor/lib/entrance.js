// The one-time entrance: whoever brings a token of Pridvor's gets a session of the customer it names, once.
require('reflect-metadata');
const { createHash } = require('node:crypto');
const { parse } = require('graphql');
const { Controller, Get, Inject, Req, Res } = require('@nestjs/common');
const { Column, Entity, LessThan, PrimaryColumn, IsNull } = require('typeorm');
const core = require('@vendure/core');
const { read, Refused } = require('./token');
const { OPTIONS } = require('./options');

const NAME = 'pridvor';
const KEPT = 10 * 60 * 1000; // milliseconds that a used token is remembered: longer than any token lives

/** A token that has been used. Its primary key is what makes the second use fail, in however many processes. */
class PridvorEntrance {}
PrimaryColumn({ type: 'varchar', length: 64 })(PridvorEntrance.prototype, 'digest');
Column({ type: Date })(PridvorEntrance.prototype, 'usedAt');
Entity()(PridvorEntrance);

/** Sign-in on the Shop API: `authenticate(input: { pridvor: { token } })`. */
class EntranceStrategy {
  constructor(options) {
    this.options = options;
    this.name = NAME;
  }

  init(injector) {
    this.connection = injector.get(core.TransactionalConnection);
  }

  defineInputType() {
    return parse('input PridvorEntranceInput { token: String! }');
  }

  async authenticate(ctx, { token }) {
    try {
      const claims = await read(token, this.options);
      await this.use(claims.jti);
      return await this.userOf(ctx, claims.sub);
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
  }

  async use(jti) {
    const used = this.connection.rawConnection.getRepository(PridvorEntrance);
    const digest = createHash('sha256').update(jti).digest('hex');
    try {
      await used.insert({ digest, usedAt: new Date() });
    } catch {
      throw new Refused('used before');
    }
    await used.delete({ usedAt: LessThan(new Date(Date.now() - KEPT)) });
  }

  async userOf(ctx, externalRef) {
    const customer = await this.connection.getRepository(ctx, core.Customer).findOne({
      where: { customFields: { externalRef }, deletedAt: IsNull() },
      relations: ['user', 'user.roles', 'user.roles.channels', 'user.authenticationMethods'],
    });
    if (!customer?.user) throw new Refused('no such customer');
    return customer.user;
  }
}

/** GET /pridvor/enter?token=…: the link itself. A token that is refused leads to `refused`, the shop's own sign-in. */
class EntranceController {
  constructor(auth, config, options) {
    Object.assign(this, { auth, authOptions: config.authOptions, options });
  }

  async enter(ctx, req, res) {
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    if (req.method !== 'GET') return res.status(405).end(); // a look at the link (HEAD) does not use it up
    const session = await this.auth.authenticate(ctx, 'shop', NAME, { token: req.query.token });
    if (core.isGraphQlErrorResult(session)) return res.redirect(303, this.options.refused);
    const { authOptions } = this;
    core.setSessionToken({ sessionToken: session.token, rememberMe: false, authOptions, req, res });
    res.removeHeader(authOptions.authTokenHeaderKey); // the cookie is for the browser; nobody here reads the header
    return res.redirect(303, this.options.storefront);
  }
}
Controller('pridvor')(EntranceController);
Reflect.defineMetadata('design:paramtypes', [core.AuthService, core.ConfigService], EntranceController);
Inject(OPTIONS)(EntranceController, undefined, 2);
const enter = Object.getOwnPropertyDescriptor(EntranceController.prototype, 'enter');
Get('enter')(EntranceController.prototype, 'enter', enter);
[core.Ctx(), Req(), Res()].forEach((takes, place) => takes(EntranceController.prototype, 'enter', place));

module.exports = { EntranceController, EntranceStrategy, PridvorEntrance };
