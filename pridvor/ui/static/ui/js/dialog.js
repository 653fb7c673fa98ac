// data-dialog="id" opens that dialog; a press on the veil closes it. Closing by button is a form with method="dialog".
addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]")
  if (opener) {
    event.preventDefault()
    document.getElementById(opener.dataset.dialog)?.showModal()
  } else if (event.target.matches("dialog[open]") && outside(event)) {
    event.target.close()
  }
})

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect()
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom
}
