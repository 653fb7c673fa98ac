// A button with data-copy="#id" (or data-copy-text) copies, and says so in its own words from data-copied.
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-text]")
  if (!button) return
  const source = button.dataset.copy && document.querySelector(button.dataset.copy)
  await navigator.clipboard.writeText(button.dataset.copyText ?? source?.value ?? source?.textContent.trim() ?? "")
  if (!button.dataset.copied) return
  const words = button.textContent
  button.textContent = button.dataset.copied
  setTimeout(() => { button.textContent = words }, 2000)
})
