const errorResponse = 0x45

/** The bytes of a message's type and length. */
const headerLength = 5

/** How many bytes of an error are kept: its severity comes first, and the rest may be as long as a payload. */
const errorMax = 8192

/**
 * Finds the message of a panic in the answers of Postgres, piece by piece. After a panic Postgres answers nothing,
 * and another statement would block this process for ever.
 */
export class PanicWatch {
  #header = new Uint8Array(headerLength)
  #headerFilled = 0
  #left = 0
  #error: Uint8Array | undefined
  #errorFilled = 0

  /** The message of a panic, where these bytes complete one. */
  read(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left)
        this.#keep(bytes.subarray(at, end))
        this.#left -= end - at
        at = end
        const panic = this.#left === 0 ? this.#panic() : undefined
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
    this.#error = this.#header[0] === errorResponse ? new Uint8Array(errorMax) : undefined
    this.#errorFilled = 0
  }

  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, errorMax - this.#errorFilled)
    this.#error?.set(kept, this.#errorFilled)
    this.#errorFilled += kept.length
  }

  #panic(): string | undefined {
    return this.#error && panicOf(this.#error.subarray(0, this.#errorFilled))
  }
}

/** The message of an error that is a panic. Its fields are texts after a letter: V is the severity, M the message. */
const panicOf = (error: Uint8Array): string | undefined => {
  const fields = new TextDecoder().decode(error).split("\0")
  if (!fields.includes("VPANIC")) return undefined
  return fields.find((field) => field.startsWith("M"))?.slice(1) ?? "it panicked"
}
