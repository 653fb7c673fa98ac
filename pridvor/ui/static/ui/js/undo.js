// What can be undone for so many seconds is not offered for longer.
for (const offer of document.querySelectorAll("[data-undo]")) {
  setTimeout(() => { offer.querySelector("button").disabled = true; offer.hidden = true }, Number(offer.dataset.undo) * 1000)
}
