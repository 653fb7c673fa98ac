// What a person chooses from does not move under their hands: a place with data-still is not refreshed meanwhile.
addEventListener("htmx:beforeRequest", (event) => {
  const place = event.target
  if (!place.matches("[data-still]")) return
  if (place.querySelector("input:checked, details[open]") || place.contains(document.activeElement)) event.preventDefault()
})
