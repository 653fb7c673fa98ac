// The least page that a shop can have: who is here, what one product costs them, and how they may pay.
// It asks the shop's own Shop API with the visitor's cookie, as any storefront would.
const PRODUCT = 'query { products { items { name variants { id name priceWithTax } } } activeCustomer { firstName lastName } }';
const BASKET = `mutation ($variant: ID!) { addItemToOrder(productVariantId: $variant, quantity: 1) {
  ... on Order { lines { quantity proratedUnitPriceWithTax } } ... on ErrorResult { message } } }`;
const PAYMENT = 'query { eligiblePaymentMethods { name isEligible } }';

const escaped = text => String(text).replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);
const money = cents => (cents / 100).toFixed(2);

function storefront(base) {
  return async (req, res) => {
    let cookies = req.headers.cookie ?? '';
    const ask = async (query, variables) => {
      const headers = { 'content-type': 'application/json', cookie: cookies };
      const answer = await fetch(`${base}/shop-api`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const given = answer.headers.getSetCookie();
      if (given.length) {
        cookies = given.map(one => one.split(';')[0]).join('; ');
        res.setHeader('set-cookie', given);
      }
      return (await answer.json()).data;
    };
    const { products, activeCustomer } = await ask(PRODUCT);
    const [variant] = products.items[0].variants;
    const { addItemToOrder } = await ask(BASKET, { variant: variant.id });
    const { eligiblePaymentMethods } = await ask(PAYMENT);
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(page(activeCustomer, variant, addItemToOrder.lines[0], eligiblePaymentMethods));
  };
}

function page(customer, variant, line, methods) {
  const name = customer ? `${customer.firstName} ${customer.lastName}` : 'nobody';
  const payment = methods.filter(one => one.isEligible).map(one => `<li>${escaped(one.name)}</li>`).join('');
  return `<!doctype html><html lang="en"><title>Shop</title>
<h1>Signed in as <span id="shopper">${escaped(name)}</span></h1>
<p>${escaped(variant.name)}: list price <span id="list">${money(variant.priceWithTax)}</span>,
your price <span id="own">${money(line.proratedUnitPriceWithTax)}</span></p>
<h2>Payment</h2><ul id="payment">${payment}</ul></html>`;
}

module.exports = { storefront };
