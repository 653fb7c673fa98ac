// A form with data-asks="a b" holds questions that depend on the answers to a and b. When one of these changes, the page
// is asked what it asks now, and the questions ([data-asked]) that came or went are put in or taken out. What stays is not touched.
let latest = 0

addEventListener("change", (event) => {
  const form = event.target.form
  if (form?.dataset.asks?.split(" ").includes(event.target.name)) ask(form)
})

async function ask(form) {
  const mine = ++latest
  try {
    const answer = await fetch(form.action || location.href, { method: "POST", body: new FormData(form), headers: { "X-Asked": "1" } })
    if (!answer.ok || mine !== latest) return
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    show(form, [...page.querySelectorAll("form[data-asks] [data-asked]")])
  } catch {
    // without a line the page works as it does without scripts: the questions come after "Continue"
  }
}

function show(form, wanted) {
  const present = new Map([...form.querySelectorAll("[data-asked]")].map((part) => [part.dataset.asked, part]))
  const place = form.querySelector("[data-asked]")?.parentElement
  if (!place || !wanted.length) return
  const before = present.size
  const names = new Set(wanted.map((part) => part.dataset.asked))
  for (const [name, part] of present) if (!names.has(name)) part.remove()
  let last = null
  for (const part of wanted) {
    const old = present.get(part.dataset.asked)
    const same = old?.dataset.offers === part.dataset.offers
    if (old && !same) old.remove()
    const node = same ? old : document.adoptNode(part)
    const here = last ? last.nextElementSibling : place.firstElementChild
    if (node !== here) place.insertBefore(node, here) // what stands in its place keeps the focus
    last = node
  }
  say(form, wanted.length - before)
}

function say(form, more) {
  const line = form.querySelector("[data-asks-said]")
  if (line && more) line.textContent = more > 0 ? line.dataset.more : line.dataset.fewer
}
