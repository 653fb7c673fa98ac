// The list of errors takes the focus when the page opens, and when htmx brings one.
const focus = () => document.querySelector("[data-errors]")?.focus()
focus()
addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector?.("[data-errors]")) focus() })
