const encoder = new TextEncoder()

/**
 * The UTF-8 bytes of one text at a time, behind a prefix that stays, as a hash reads them. There is one
 * array for all texts: a new one for each would cost more than its hash.
 */
export class Utf8 {
  readonly #prefix: Uint8Array
  #view: DataView<ArrayBuffer>
  /** What is behind the prefix. */
  #room: Uint8Array

  constructor(prefix: Uint8Array = new Uint8Array()) {
    this.#prefix = prefix
    this.#view = new DataView(new ArrayBuffer(0))
    this.#room = this.#grow(1024)
  }

  #grow(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    bytes.set(this.#prefix)
    this.#view = new DataView(bytes.buffer)
    return bytes.subarray(this.#prefix.length)
  }

  /** All bytes, from the prefix on; the next text overwrites them. */
  get view(): DataView {
    return this.#view
  }

  /**
   * Puts a text behind the prefix, and answers with where it ends; `padding` zeros or more follow, up to
   * the end of a block.
   */
  write(text: string, block: number, padding = 0): number {
    // A code unit takes at most three bytes.
    const most = text.length * 3 + padding + block
    if (most > this.#room.length) this.#room = this.#grow(this.#prefix.length + most * 2)
    const end = this.#prefix.length + encoder.encodeInto(text, this.#room).written
    for (let at = end; at < end + padding || at % block !== 0; at++) this.#view.setUint8(at, 0)
    return end
  }
}
