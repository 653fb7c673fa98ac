// A form with data-passkey="create" or "get" asks the device, puts its answer into [data-passkey-answer] and is sent.
// The question stands in the JSON named by data-options. With data-passkey-offer the browser also offers passkeys in
// the field for the address (conditional mediation). Without WebAuthn the form stays hidden, and a code does it.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")
const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }))

function question(form) {
  const { publicKey } = JSON.parse(document.getElementById(form.dataset.options).textContent)
  const asked = { ...publicKey, challenge: bytes(publicKey.challenge) }
  if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) }
  if (asked.excludeCredentials) asked.excludeCredentials = named(asked.excludeCredentials)
  if (asked.allowCredentials) asked.allowCredentials = named(asked.allowCredentials)
  return asked
}

function said(credential) {
  const response = {}
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part])
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults(),
  })
}

function send(form, credential) {
  form.querySelector("[data-passkey-answer]").value = said(credential)
  form.submit()
}

let waiting = null

async function ask(form, more = {}) {
  const verb = form.dataset.passkey === "create" ? "create" : "get"
  send(form, await navigator.credentials[verb]({ publicKey: question(form), ...more }))
}

async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  waiting = new AbortController()
  ask(form, { mediation: "conditional", signal: waiting.signal }).catch(() => {})
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey-none]").forEach((element) => element.remove())
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false
    form.addEventListener("submit", async (event) => {
      event.preventDefault()
      waiting?.abort()
      const trouble = form.querySelector("[role=alert]")
      trouble.hidden = true
      try { await ask(form) } catch { trouble.hidden = false }
    })
    if ("passkeyOffer" in form.dataset) offer(form)
  }
}
