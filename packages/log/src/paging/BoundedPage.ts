/** A page ends with the item that brings it to so many bytes, because a process holds all of it. */
export const bytesMax = 16_000_000

type BytesOf<A> = (item: A) => number

/** The bytes of all items of a page. */
export const bytesIn = <A>(page: ReadonlyArray<A>, bytesOf: BytesOf<A>): number =>
  page.reduce((bytes, item) => bytes + bytesOf(item), 0)

/** The first items, as many as a page has. */
export const cut = <A>(items: ReadonlyArray<A>, bytesOf: BytesOf<A>): ReadonlyArray<A> => {
  let bytes = 0
  const last = items.findIndex((item) => (bytes += bytesOf(item)) >= bytesMax)
  return last === -1 ? items : items.slice(0, last + 1)
}
