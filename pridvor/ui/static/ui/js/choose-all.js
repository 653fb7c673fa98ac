// A box with data-choose-all chooses every box of its form, or none. Without scripts it is not there.
const show = () => document.querySelectorAll("[data-choose-all]").forEach((box) => { box.hidden = false })
show()
addEventListener("htmx:afterSettle", show)
addEventListener("change", ({ target }) => {
  if (!target.matches("[data-choose-all]")) return
  target.form.querySelectorAll("input[type=checkbox][name]").forEach((box) => { box.checked = target.checked })
})
