// A form is sent once: a second press while the first is on its way does nothing. Going back in history frees it.
// htmx forms stop their own submit and guard themselves with hx-sync.
addEventListener("submit", (event) => {
  const form = event.target
  if (form.method === "dialog" || event.defaultPrevented) return
  if (form.dataset.busy) return event.preventDefault()
  form.dataset.busy = "true"
  event.submitter?.setAttribute("aria-busy", "true")
  if (form.matches("[data-download], [target]")) setTimeout(() => free(form), 1500)
})

addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(free))

function free(form) {
  delete form.dataset.busy
  form.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"))
}
