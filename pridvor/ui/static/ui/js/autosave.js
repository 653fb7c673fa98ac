// A form with data-autosave="URL" posts each changed field there and says so in its [data-saved] line.
// What could not be sent waits, and goes when the line is back. 422 means the answer itself was refused.
const waiting = new Map()

addEventListener("change", (event) => {
  const form = event.target.form
  if (!form?.dataset.autosave || !event.target.name || event.target.type === "file" || event.target.type === "password") return
  save(form, event.target.name)
})

addEventListener("online", retry)
setInterval(() => { if (waiting.size && navigator.onLine) retry() }, 15000)
addEventListener("submit", (event) => waiting.delete(event.target))
addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault() })

function retry() {
  for (const [form, names] of [...waiting]) {
    waiting.delete(form)
    for (const name of names) save(form, name)
  }
}

async function save(form, name) {
  const all = new FormData(form)
  const body = new FormData()
  body.set("csrfmiddlewaretoken", all.get("csrfmiddlewaretoken") ?? "")
  if (all.has("version")) body.set("version", all.get("version"))
  body.set("field", name)
  for (const value of all.getAll(name)) body.append(name, value)
  say(form, "saving")
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "X-Autosave": "1" } })
    if (answer.ok) say(form, "done")
    else if (answer.status < 500 && answer.status !== 429) say(form, "refused")
    else later(form, name)
  } catch {
    later(form, name)
  }
}

function later(form, name) {
  waiting.set(form, (waiting.get(form) ?? new Set()).add(name))
  say(form, "later")
}

function say(form, state) {
  const line = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]")
  if (!line) return
  line.textContent = line.dataset[state]
  line.classList.toggle("saved--done", state === "done")
  line.classList.toggle("saved--later", state === "later" || state === "refused")
}
