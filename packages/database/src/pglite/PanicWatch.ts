const errorResponse = 0x45

/** Type and length of a message of Postgres. */
const headerLength = 5

/**
 * Reads what Postgres says, piece by piece, and finds the message of a panic: from then on it answers
 * nothing, and asked again it would not even let this process go on.
 */
export class PanicWatch {
  #header = new Uint8Array(headerLength)
  #headerFilled = 0
  #left = 0
  #error: Array<number> | undefined

  /** The message of the panic that these bytes bring, if they do. */
  read(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left)
        this.#error?.push(...bytes.subarray(at, end))
        this.#left -= end - at
        at = end
        const panic = this.#left === 0 ? panicOf(this.#error) : undefined
        if (panic !== undefined) return panic
        continue
      }
      this.#header[this.#headerFilled++] = bytes[at++] ?? 0
      if (this.#headerFilled === headerLength) this.#begin()
    }
    return undefined
  }

  #begin(): void {
    this.#headerFilled = 0
    this.#left = new DataView(this.#header.buffer).getInt32(1) - 4
    this.#error = this.#header[0] === errorResponse ? [] : undefined
  }
}

/** The fields of an error are texts, each after a letter that names it: V is how grave it is, M the message. */
const panicOf = (error: ReadonlyArray<number> | undefined): string | undefined => {
  if (error === undefined) return undefined
  const fields = new TextDecoder().decode(Uint8Array.from(error)).split("\0")
  if (!fields.includes("VPANIC")) return undefined
  return fields.find((field) => field.startsWith("M"))?.slice(1) ?? "it panicked"
}
