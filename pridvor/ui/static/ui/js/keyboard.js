// Keys for links and buttons that carry data-key ("a", or two in a row: "g d"); "/" goes to the search, "?" lists them.
// Whoever dictates to the machine can switch single keys off in that list; the choice stays on the device.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null
const silent = () => localStorage.getItem("keys") === "off"
let before = ""

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur()
    return
  }
  if (silent() || document.querySelector("dialog[open]")) return
  if (event.key === "/") return go(event, document.querySelector("[data-search]"))
  if (event.key === "?") return list(event)
  const both = `${before} ${event.key}`
  before = event.key
  setTimeout(() => { before = "" }, 900)
  const element = find(both) ?? find(event.key)
  if (element) { event.preventDefault(); before = ""; element.focus(); element.click() }
})

addEventListener("click", (event) => { if (event.target.closest("[data-keys-open]")) list(event) })
addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-switch]")) localStorage.setItem("keys", target.checked ? "on" : "off")
})

function find(key) {
  return [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key && !one.disabled && one.checkVisibility())
}

function go(event, field) {
  if (!field) return
  event.preventDefault()
  field.focus()
  field.select()
}

function list(event) {
  const dialog = document.querySelector("[data-keys]")
  const place = dialog?.querySelector("[data-keys-list]")
  if (!place) return
  event.preventDefault()
  const keys = [...document.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one.dataset.keyWord ?? words(one)])
  if (document.querySelector("[data-search]")) keys.push(["/", place.dataset.searchWord])
  keys.push(["?", place.dataset.helpWord])
  place.replaceChildren(...keys.flatMap(([key, text]) => [row("dt", key), row("dd", text)]))
  dialog.querySelector("[data-keys-switch]").checked = !silent()
  dialog.showModal()
}

function words(element) {
  const copy = element.cloneNode(true)
  copy.querySelectorAll("kbd").forEach((one) => one.remove())
  return copy.textContent.trim() || element.getAttribute("aria-label")
}

function row(name, text) {
  const element = document.createElement(name)
  if (name === "dd") { element.textContent = text; return element }
  for (const key of text.split(" ")) {
    const cap = document.createElement("kbd")
    cap.className = "keys"
    cap.textContent = key
    element.append(cap, " ")
  }
  return element
}
