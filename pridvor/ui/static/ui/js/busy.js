// A form is sent once: a second press while the first is on its way does nothing. Going back in history frees it.
addEventListener("submit", (event) => {
  const form = event.target
  if (form.method === "dialog" || event.defaultPrevented) return
  if (form.dataset.busy) return event.preventDefault()
  form.dataset.busy = "true"
  event.submitter?.setAttribute("aria-busy", "true")
  if (form.matches("[hx-post], [hx-get], [download], [target]")) setTimeout(() => free(form), 1500)
})

addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(free))
addEventListener("htmx:afterRequest", (event) => { if (event.target.matches?.("form")) free(event.target) })

function free(form) {
  delete form.dataset.busy
  form.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"))
}
