// Resumable uploads after tus 1.0. A form with data-upload="URL" sends each chosen or dropped file in pieces, goes on by
// itself after a cut, and after a reload when the same file is chosen again. Its words stand in its own attributes.
const PIECE = 5_000_000
const PAUSES = [500, 1000, 2000, 4000, 8000, 15000]
const TUS = { "Tus-Resumable": "1.0.0" }

for (const form of document.querySelectorAll("form[data-upload]")) prepare(form)

function prepare(form) {
  form.classList.add("dropzone--ready")
  const input = form.querySelector("input[type=file]")
  input.addEventListener("change", () => { add(form, input.files); input.value = "" })
  for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, (event) => { event.preventDefault(); form.classList.add("dropzone--over") })
  for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("dropzone--over"))
  form.addEventListener("drop", (event) => { event.preventDefault(); add(form, event.dataTransfer.files) })
}

function add(form, files) {
  for (const file of files) new Upload(form, file).start()
}

class Upload {
  constructor(form, file) {
    this.form = form
    this.file = file
    this.key = ["upload", form.dataset.upload, form.dataset.item, file.name, file.size, file.lastModified].join("|")
    this.row = form.querySelector("template").content.firstElementChild.cloneNode(true)
    this.row.querySelector("[data-name]").textContent = file.name
    this.row.querySelector("[data-size]").textContent = `${(file.size / 1e6).toFixed(1)} MB`
    this.row.querySelector("[data-cancel]").addEventListener("click", () => this.cancel())
    this.row.querySelector("[data-retry]").addEventListener("click", () => this.start())
    form.querySelector("[data-upload-rows]").append(this.row)
  }

  async start() {
    this.say(this.form.dataset.going)
    this.row.classList.remove("dropzone-file--failed")
    this.row.querySelector("[data-retry]").hidden = true
    this.row.querySelector("progress").hidden = false
    if (this.file.size > Number(this.form.dataset.max)) return this.fail(this.form.dataset.tooLarge)
    try {
      await this.place()
      while (this.offset < this.file.size) await this.piece()
      this.done()
    } catch (error) {
      if (error.message !== "cancelled") this.fail(error.told ?? this.form.dataset.failed, !error.told)
    }
  }

  // Where the file goes: a place kept from before, if the server still knows it, or a new one.
  async place() {
    this.url = localStorage.getItem(this.key)
    if (this.url && await this.ask() === "receiving") return
    const told = { filename: this.file.name, filetype: this.file.type, step: this.form.dataset.step, item: this.form.dataset.item }
    const metadata = Object.entries(told).map(([key, value]) => `${key} ${base64(value)}`).join(",")
    const answer = await this.trying(() => this.call("POST", this.form.dataset.upload, { "Upload-Length": this.file.size, "Upload-Metadata": metadata }))
    if (answer.status !== 201) throw refusal(answer)
    this.url = answer.getResponseHeader("Location")
    this.offset = 0
    localStorage.setItem(this.key, this.url)
  }

  async ask() {
    const answer = await this.trying(() => this.call("HEAD", this.url))
    if (answer.status !== 200) return ""
    this.offset = Number(answer.getResponseHeader("Upload-Offset"))
    return answer.getResponseHeader("Upload-State")
  }

  async piece() {
    const body = this.file.slice(this.offset, this.offset + PIECE)
    const head = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" }
    const answer = await this.trying(() => this.call("PATCH", this.url, head, body), () => this.ask())
    if (answer === "moved") return
    if (answer.status === 204 || answer.status === 409) this.offset = Number(answer.getResponseHeader("Upload-Offset"))
    else if (answer.status === 423) { await pause(2000); await this.ask() }
    else throw refusal(answer)
    this.progress(this.offset)
  }

  // Network cut, or the server is away: wait longer each time, ask where the file stands, and go on.
  async trying(send, then) {
    for (let round = 0; ; round++) {
      if (this.cancelled) throw new Error("cancelled")
      try {
        const answer = await send()
        if (answer.status < 500) { this.say(this.form.dataset.going); return answer }
      } catch { /* the line is cut */ }
      if (this.cancelled) throw new Error("cancelled")
      this.say(this.form.dataset.lost)
      await pause(PAUSES[Math.min(round, PAUSES.length - 1)])
      if (then) { if (await then()) return "moved"; throw new Error("gone") }
    }
  }

  call(method, url, headers = {}, body = null) {
    return new Promise((resolve, reject) => {
      const request = this.request = new XMLHttpRequest()
      request.open(method, url)
      request.timeout = 120_000
      const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value
      for (const [key, value] of Object.entries({ ...TUS, "X-CSRFToken": token, ...headers })) request.setRequestHeader(key, value)
      if (body) request.upload.onprogress = (event) => this.progress(this.offset + event.loaded)
      request.onload = () => resolve(request)
      request.onerror = request.ontimeout = request.onabort = () => reject(new Error("cut"))
      request.send(body)
    })
  }

  progress(bytes) {
    this.row.querySelector("progress").value = 100 * Math.min(bytes, this.file.size) / this.file.size
  }

  say(words) {
    this.row.querySelector("[data-state]").textContent = words
    this.form.querySelector("[data-upload-said]").textContent = `${this.file.name}: ${words}`
  }

  done() {
    localStorage.removeItem(this.key)
    this.row.remove()
    this.refresh()
  }

  fail(words, again = false) {
    this.say(words)
    this.row.classList.add("dropzone-file--failed")
    this.row.querySelector("progress").hidden = true
    this.row.querySelector("[data-retry]").hidden = !again
  }

  async cancel() {
    this.cancelled = true
    this.request?.abort()
    localStorage.removeItem(this.key)
    this.row.remove()
    if (this.url) await this.call("DELETE", this.url).catch(() => {})
    this.refresh()
  }

  refresh() {
    const files = document.getElementById(`files-${this.form.dataset.item}`)
    if (files) window.htmx.trigger(files, "uploaded")
  }
}

function refusal(answer) {
  const error = new Error("refused")
  try { error.told = JSON.parse(answer.responseText).text } catch { /* no words came */ }
  return error
}

const pause = (milliseconds) => new Promise((resolve) => {
  const timer = setTimeout(resolve, milliseconds)
  addEventListener("online", () => { clearTimeout(timer); resolve() }, { once: true })
})

const base64 = (words) => btoa(String.fromCharCode(...new TextEncoder().encode(words)))
